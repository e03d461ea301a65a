"""One file's turn: a bounded piece of what is new in it, decoded."""

from __future__ import annotations

from typing import Final

import msgspec

from mi6_tui.frameworks.base import Decoded, Framework
from mi6_tui.frameworks.bounds import bounded
from mi6_tui.ingest.problem import Problem
from mi6_tui.ingest.tail import LocalFile, Opener
from mi6_tui.model import Event, FilePosition, SessionFact, Telemetry

TURN_BYTES: Final = 4 << 20
"""The usual budget of a turn."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A file whose turn it is."""

    path: str
    framework: Framework
    machine_id: str
    position: FilePosition | None
    """How far it was read."""
    budget: int
    """Bytes after which the turn should end."""
    now: int
    """ms by the clock of the file's machine."""
    opener: Opener = LocalFile


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What a turn gave. Counts are of this turn alone."""

    position: FilePosition
    """Where the next turn goes on; to be stored together with the events."""
    events: list[Event] = []
    facts: list[SessionFact] = []
    telemetry: list[Telemetry] = []
    bytes: int = 0
    lines: int = 0
    malformed: int = 0
    skipped: int = 0
    progressed: bool
    """False: nothing new was consumed (a line is not complete, or only the file's times changed)."""
    more: bool = False
    """Whether the file has more to read right now."""
    problem: Problem | None = None
    """Why reading ended early; what was read until then counts."""


class Told:
    """What a decoder has said so far, `before` included."""

    def __init__(self, before: FilePosition | None = None) -> None:
        self.events: list[Event] = []
        self.facts: list[SessionFact] = []
        self.telemetry: list[Telemetry] = []
        self.malformed = 0
        self._before = before.malformed if before else 0
        self._unknown = dict(before.unknown) if before else {}
        self._last_uuid = before.last_uuid if before else None

    def add(self, decoded: Decoded) -> None:
        """Take what the next run of lines says, bounded."""
        bounded(decoded)
        self.events += decoded.events
        self.facts += decoded.facts
        self.telemetry += decoded.telemetry
        self.malformed += decoded.malformed
        self._last_uuid = decoded.last_uuid or self._last_uuid
        for kind, count in decoded.unknown.items():
            self._unknown[kind] = self._unknown.get(kind, 0) + count

    def position(self, position: FilePosition, framework: str) -> FilePosition:
        """`position` with what is counted of the file as a whole."""
        return position.with_(
            framework=framework,
            last_uuid=self._last_uuid,
            malformed=self._before + self.malformed,
            unknown=self._unknown,
        )
