"""A process that scans as `mi6-tui scan --follow` does, and has two minutes pass by in no time.

It says how often it woke in the second one; where that begins and ends it looks at one of `MARKS`, which can
be found among its calls of the system. Until the system announces changes no time passes.
"""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path
from typing import Any, Final

from mi6_tui.commands.store import opened, scanner
from mi6_tui.ingest import scanner as scanning
from mi6_tui.ingest.follow import Follower, ScannerState
from mi6_tui.stop import Stop

MARKS: Final = ("/the minute begins", "/the minute ends")
_MINUTE: Final = 60.0


class Minutes(threading.Event):
    """What the scanner waits for, and its clock."""

    def __init__(self) -> None:
        super().__init__()
        self.stop = Stop()
        self.passing = False
        self.woken = 0
        self._now = 0.0

    def monotonic(self) -> float:
        """Seconds that have passed."""
        return self._now

    def wait(self, timeout: float | None = None) -> bool:
        """Nothing happens until then, so it is then."""
        if not self.passing or timeout is None:
            return super().wait(timeout)
        if not self.is_set():
            before, self._now = self._now, self._now + timeout
            for number, mark in enumerate(MARKS, 1):
                if before < number * _MINUTE <= self._now:
                    Path(mark).exists()
        if self._now >= 2 * _MINUTE:
            self.stop.set()
        elif self._now >= _MINUTE:
            self.woken += 1
        return self.is_set()


def main() -> None:
    """Scan the user's folders."""
    minutes, args = Minutes(), argparse.Namespace(db=None)

    class Resting(Follower):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self._wake = minutes

    def on_state(state: ScannerState) -> None:
        minutes.passing = state.watching

    scanning.Follower = Resting  # type: ignore[attr-defined]
    with opened(args, writing=True) as storage:
        found = scanner(storage, args)
        found._monotonic = minutes.monotonic
        found.run(minutes.stop, on_state=on_state)
    sys.stdout.write(f"{minutes.woken}\n")


if __name__ == "__main__":
    main()
