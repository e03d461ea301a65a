"""What a scanner asks besides the transcripts, at each of its sweeps."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Protocol

from mi6_tui.ingest.discover import OnProblem
from mi6_tui.ingest.schedule import beat


class Side(Protocol):
    """A further source of news. Used by one thread; holds the storage that it records to."""

    @property
    def every(self) -> float:
        """Seconds between two looks; a change that is announced below one of its folders comes at once."""

    def folders(self) -> Sequence[str]:
        """Existing folders, resolved, whose changes are worth a look."""

    def look(self, now: int, on_problem: OnProblem) -> int:
        """Record what is new at `now` (ms); how many things that were. StorageError ends the sweep.

        Without news nothing is written.
        """


class Sides:
    """All of a scanner's sides, and when each is asked next, on a monotonic clock."""

    def __init__(self, sides: Iterable[Side]) -> None:
        self._due = [(side, float("-inf")) for side in sides]

    def folders(self) -> list[str]:
        """Existing folders whose changes are worth a look."""
        return [folder for side, _ in self._due for folder in side.folders()]

    def delay(self, monotonic: float) -> float:
        """Seconds until the next look."""
        return max(0.0, min((at for _, at in self._due), default=float("inf")) - monotonic)

    def look(self, hints: Iterable[str], monotonic: float, now: int, on_problem: OnProblem) -> int:
        """Ask those that are due, or below whose folders something changed; how much was recorded."""
        recorded, quiet = 0, []
        for place, (side, due) in enumerate(self._due):
            if monotonic >= due or _concerns(side, hints):
                recorded += side.look(now, on_problem)
                self._due[place] = side, beat(monotonic, side.every)
            else:
                quiet.append(side)
        if recorded:
            # What one of them heard may be news to another: of which process a hook spoke, for one.
            recorded += sum(side.look(now, on_problem) for side in quiet)
        return recorded


def _concerns(side: Side, hints: Iterable[str]) -> bool:
    folders = tuple(folder + os.sep for folder in side.folders()) if hints else ()
    return any(hint.startswith(folders) for hint in hints)
