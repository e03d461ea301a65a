"""The files of one scan that wait for their turn, and how far it is."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from mi6_tui.ingest.catalogue import Known
from mi6_tui.ingest.progress import Meter, ScanReport
from mi6_tui.ingest.recorder import Tally
from mi6_tui.ingest.turn import TURN_BYTES, Turn
from mi6_tui.model import FilePosition, FileSeen


class Work(NamedTuple):
    """A turn to take: a file, and where to go on in it."""

    known: Known
    position: FilePosition | None

    @property
    def size(self) -> int:
        """Bytes that the turn may read."""
        return min(self.known.ahead, TURN_BYTES)


class Run:
    """A queue of files that also counts. A file whose turn is being taken waits nowhere.

    `whole` gives all of a position of which a part is known.
    """

    def __init__(
        self,
        files: Sequence[Known],
        whole: Callable[[FileSeen | FilePosition | None], FilePosition | None],
        tally: Tally,
        meter: Meter,
    ) -> None:
        self._whole = whole
        self._queue = deque(files)
        self._paths = {known.path for known in files}
        self._reached: dict[str, FilePosition] = {}
        """Where to go on in files whose last turn may not be recorded yet."""
        self._taken: set[str] = set()
        self._tally = tally
        self._meter = meter
        self._total = sum(known.ahead for known in files)
        self._done = 0
        self._protected = 0
        """Turns before others may come first again."""

    @property
    def waiting(self) -> bool:
        """Whether a file waits for its turn."""
        return bool(self._queue)

    @property
    def left(self) -> int:
        """Bytes that are still to be read, about."""
        return max(0, self._total - self._done)

    @property
    def urgent(self) -> bool:
        """Whether what comes next changed just now."""
        return self._protected > 0

    def next(self, suits: Callable[[Known], bool] = lambda _: True) -> Work | None:
        """A turn of the first file that `suits`."""
        for place, known in enumerate(self._queue):
            if suits(known):
                position = self._reached.get(known.path) or self._whole(known.position)
                del self._queue[place]
                self._taken.add(known.path)
                self._protected -= 1
                return Work(known, position)
        return None

    @property
    def interruptible(self) -> bool:
        """Whether `first` is fair: since its last call one of the others had a turn."""
        return self._protected < 0

    def first(self, files: Sequence[Known]) -> None:
        """Files that changed meanwhile, or wait already: before the others."""
        files = [known for known in files if known.path not in self._taken]
        urgent = {known.path for known in files}
        waiting = {known.path for known in self._queue}
        self._total += sum(known.ahead for known in files if known.path not in waiting)
        self._paths |= urgent
        self._protected = len(files)
        self._queue = deque([*files, *(known for known in self._queue if known.path not in urgent)])

    def took(self, work: Work, turn: Turn | None) -> None:
        """A turn was taken; None: it gave nothing. A file that has more to read waits behind the others."""
        path = work.known.path
        self._taken.discard(path)
        self._reached.pop(path, None)
        if turn is None:
            return
        self._done += turn.bytes
        if turn.more:
            self._reached[path] = turn.position
            self._queue.append(work.known)

    def show(self, path: str | None, *, last: bool = False) -> None:
        """Tell the meter; `path` was just read."""
        self._meter.show(
            files=(len(self._paths) - len(self._queue) - len(self._taken), len(self._paths)),
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
