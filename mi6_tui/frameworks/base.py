"""What the program needs to know about a client whose transcripts are files of lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from mi6_tui.model import Event, SessionFact

Line = tuple[int, bytes]
"""Byte offset of a complete line in its file, and its bytes without the newline."""


class Decoded(msgspec.Struct, kw_only=True):
    """What a run of lines says. Mutable while a decoder fills it."""

    events: list[Event] = []
    facts: list[SessionFact] = []
    malformed: int = 0
    unknown: dict[str, int] = {}
    last_uuid: str | None = None


class Decoder(Protocol):
    """Turns one file's lines, in file order, into events. Never raises on what a line holds."""

    def decode(self, lines: Sequence[Line]) -> Decoded:
        """Read the next complete lines; where the file is cut into runs makes no difference."""

    def state(self) -> bytes:
        """What must be remembered to go on after the last line read."""


class Framework(Protocol):
    """One client."""

    @property
    def name(self) -> str:
        """Short lower-case name, as stored."""

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """Folders to look in, by the client's own variables, then under `home`; they need not exist."""

    def descends(self, parts: tuple[str, ...]) -> bool:
        """Whether a folder may hold transcripts; `parts` is its path below a root."""

    def accepts(self, parts: tuple[str, ...]) -> bool:
        """Whether a file is a transcript; `parts` is its path below a root."""

    def decoder(self, path: str, machine_id: str, state: bytes | None) -> Decoder:
        """A decoder for the file at `path`, at its start or where `state` left off."""
