"""What a scanner that stays did so far."""

from __future__ import annotations

import msgspec

from mi6_tui.clock import now_ms
from mi6_tui.ingest.follow import ScannerState
from mi6_tui.ingest.progress import ScanReport


class Tally(msgspec.Struct, kw_only=True):
    """Written by the scanner's thread, read by any. Sums since the start of the program."""

    sweeps: int = 0
    """Looks that found something."""
    files: int = 0
    bytes: int = 0
    lines: int = 0
    events: int = 0
    malformed: int = 0
    skipped: int = 0
    aside: int = 0
    seconds: float = 0.0
    """That the last of those looks took."""
    last_at: int | None = None
    """When it ended, in ms."""
    writer: bool = False
    holder: int | None = None
    """Process that writes instead, if it is known."""
    watching: bool = False
    """Whether the system announces changes."""

    def note(self, report: ScanReport) -> None:
        """A look that found something."""
        self.sweeps += 1
        for name in ("files", "bytes", "lines", "events", "malformed", "skipped", "aside"):
            setattr(self, name, getattr(self, name) + getattr(report, name))
        self.seconds = report.seconds
        self.last_at = now_ms()

    def introduce(self, state: ScannerState) -> None:
        """What the scanner is from now on."""
        self.writer = state.role == "writer"
        self.holder, self.watching = state.holder, state.watching
