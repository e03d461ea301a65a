"""The files of one scan that wait for their turn, and how far it is."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from mi6_tui.ingest.catalogue import Known
from mi6_tui.ingest.progress import Meter, ScanReport
from mi6_tui.ingest.recorder import Tally
from mi6_tui.ingest.turn import Turn


class Run:
    """A queue of files that also counts."""

    def __init__(self, files: Sequence[Known], tally: Tally, meter: Meter) -> None:
        self._queue = deque(files)
        self._paths = {known.path for known in files}
        self._tally = tally
        self._meter = meter
        self._total = sum(known.ahead for known in files)
        self._done = 0
        self._protected = 0
        """Turns before others may come first again."""

    def next(self) -> Known | None:
        """The file whose turn it is."""
        self._protected -= 1
        return self._queue.popleft() if self._queue else None

    @property
    def interruptible(self) -> bool:
        """Whether `first` is fair: since its last call one of the others had a turn."""
        return self._protected < 0

    def again(self, known: Known) -> None:
        """A file has more to read: behind the others."""
        self._queue.append(known)

    def first(self, files: Sequence[Known]) -> None:
        """Files that changed meanwhile, or wait already: before the others."""
        urgent = {known.path for known in files}
        waiting = {known.path for known in self._queue}
        self._total += sum(known.ahead for known in files if known.path not in waiting)
        self._paths |= urgent
        self._protected = len(files)
        self._queue = deque([*files, *(known for known in self._queue if known.path not in urgent)])

    def took(self, turn: Turn) -> None:
        """Count what a turn read."""
        self._done += turn.bytes

    def show(self, path: str | None, *, last: bool = False) -> None:
        """Tell the meter; `path` was just read."""
        self._meter.show(
            files=(len(self._paths) - len(self._queue), len(self._paths)),
            size=(self._done, max(self._done, self._total)),
            lines=self._tally.lines,
            events=self._tally.events,
            path=path,
            last=last,
        )


def report_of(tally: Tally, files_total: int) -> ScanReport:
    """What a scan that counted `tally` did."""
    return ScanReport(
        files=len(tally.paths),
        files_total=files_total,
        bytes=tally.bytes,
        lines=tally.lines,
        events=tally.events,
        requests=tally.requests,
        malformed=tally.malformed,
        skipped=tally.skipped,
        sessions=len(tally.sessions),
    )
