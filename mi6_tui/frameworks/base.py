"""What the program needs to know about a client: where its transcripts are, and what they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from mi6_tui.frameworks.hooks import Hooks
from mi6_tui.frameworks.live import Program, Registry
from mi6_tui.frameworks.text import one_line
from mi6_tui.model import Event, SessionFact, Telemetry

Kind = Literal["lines", "compressed", "document", "database"]
"""How a transcript is read: lines that are appended; lines in a finished `.zst` file; one document that is
rewritten whole; an SQLite database that is asked for what changed."""

Line = tuple[int, bytes]
"""Byte offset of a complete line in its file, and its bytes without the newline."""


class Decoded(msgspec.Struct, kw_only=True):
    """What a run of lines says. Mutable while a decoder fills it."""

    events: list[Event] = []
    facts: list[SessionFact] = []
    telemetry: list[Telemetry] = []
    """What the provider told the client of its limits; see model.limits."""
    malformed: int = 0
    unknown: dict[str, int] = {}
    last_uuid: str | None = None

    def odd(self, kind: str) -> None:
        """Count something nobody knows."""
        kind = one_line(kind, 80)
        self.unknown[kind] = self.unknown.get(kind, 0) + 1


class Decoder(Protocol):
    """Turns one transcript's lines, in file order, into events. Never raises on what a line holds.

    A document is one line at offset 0, told whole again after each change, without a state.
    """

    def decode(self, lines: Iterable[Line]) -> Decoded:
        """Read the next complete lines; where the file is cut into runs makes no difference."""

    def state(self) -> bytes:
        """What must be remembered to go on after the last line read."""


class Answer(msgspec.Struct, kw_only=True):
    """What a database said."""

    decoded: Decoded
    cursor: bytes
    """Where the next question goes on."""
    more: bool = False
    """Whether there is more to ask for right now."""


class Framework(Protocol):
    """One client."""

    @property
    def name(self) -> str:
        """Short lower-case name, as stored."""

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """Folders to look in, by the client's own variables, then under `home`; they need not exist."""

    def descends(self, parts: tuple[str, ...]) -> bool:
        """Whether a folder may hold transcripts; `parts` is its path below a root."""

    def kind(self, parts: tuple[str, ...]) -> Kind | None:
        """How a file is read, None if it is no transcript; `parts` is its path below a root."""

    def recognises(self, head: bytes) -> bool:
        """Whether the first bytes (at most 4 KiB, decompressed) of a named file look like its own."""

    def decoder(self, path: str, machine_id: str, state: bytes | None) -> Decoder:
        """A decoder for the file at `path`, at its start or where `state` left off."""

    def in_full(self, line: bytes, event: Event) -> str | None:
        """All that `event`, which was read from `line`, says: words, the input of a tool, its result.

        None if the line does not say it (any more). Not called for a database.
        """

    @property
    def editors(self) -> frozenset[str]:
        """Names of the tools that write files; the previews of their calls name these."""

    def hooks(self) -> Hooks:
        """Its hooks; imported when asked for."""

    def registry(self) -> Registry | None:
        """What it keeps of its running sessions, if anything; imported when asked for."""

    @property
    def program(self) -> Program:
        """What its processes are called."""


class DatabaseFramework(Framework, Protocol):
    """A client whose transcripts are a database."""

    def ask(self, path: str, machine_id: str, cursor: bytes | None) -> Answer | None:
        """What is new in the database at `path` since `cursor`, a bounded piece at a time.

        Read-only and without waiting: None while the client is in the middle of a change. TranscriptError
        if it is no such database. A cursor nobody understands counts as None.
        """

    def rows_in_full(self, path: str, events: Sequence[Event]) -> list[str | None] | None:
        """`in_full` of each event, from the rows of the database at `path`.

        None while the client is in the middle of a change; OSError or TranscriptError if it cannot be read.
        """
