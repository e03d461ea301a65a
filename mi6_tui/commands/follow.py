"""New events as they are recorded, with a scanner of our own behind them."""

from __future__ import annotations

import select
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from mi6_tui.ingest.follow import ScannerState
from mi6_tui.ingest.problem import Problem
from mi6_tui.ingest.progress import ScanReport
from mi6_tui.ingest.scanner import OnProgress, Scanner
from mi6_tui.ingest.tally import Tally
from mi6_tui.model import Event, EventQuery
from mi6_tui.report import out
from mi6_tui.stop import Stop
from mi6_tui.storage import Storage

_TICK: Final = 0.1
"""Seconds between two looks at what another process records."""
_LONG_TICK: Final = 1.0
"""The same while our own scanner writes: it wakes us at once."""
_PULSE: Final = 1.0
"""Seconds: a signal that comes just before a wait begins does not end it, so none may be for ever."""
_PAGE: Final = 1000


class Worker:
    """A scanner in a thread of its own; narrates on stderr whether it writes or another process does."""

    def __init__(self, scanner: Scanner, on_progress: OnProgress | None = None) -> None:
        self.tally = Tally()
        self._scanner = scanner
        self._on_progress = on_progress
        self._stop = Stop()
        self._failure: Exception | None = None
        self._news = threading.Event()
        self._writes = False

    @contextmanager
    def running(self) -> Iterator[None]:
        """Scan until the block is left."""
        thread = threading.Thread(target=self._run, name="scanner", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def wait(self, *, for_news: bool = True) -> None:
        """Until something may have been recorded, or for a moment; raise what the scanner died of.

        Not `for_news`: until the scanner has something to say, or for a longer moment.
        """
        self._news.wait((_LONG_TICK if self._writes else _TICK) if for_news else _PULSE)
        self._news.clear()
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            self._scanner.run(
                self._stop,
                on_progress=self._on_progress,
                on_problem=_tell,
                on_state=self._introduce,
                on_recorded=self._recorded,
            )
        except Exception as error:
            self._failure = error
            self._news.set()

    def _recorded(self, report: ScanReport) -> None:
        self.tally.note(report)
        self._news.set()

    def _introduce(self, state: ScannerState) -> None:
        self.tally.introduce(state)
        self._writes = state.role == "writer"
        if not self._writes:
            process = f"process {state.holder}" if state.holder else "another process"
            out.note(state.reason or f"{process} writes the store; following what it records")


def keep(worker: Worker) -> None:
    """Scan until interrupted."""
    with worker.running():
        while True:
            worker.wait(for_news=False)


def follow(
    storage: Storage,
    worker: Worker,
    query: EventQuery,
    after_id: int,
    show: Callable[[Sequence[Event]], None],
) -> None:
    """Show the events of `query` stored after `after_id`, as they come, until nobody reads them any more."""
    version = -1
    with worker.running():
        while not _reader_left():
            # The version first: what is recorded while we read is seen in the next round.
            seen, version = version, storage.data_version()
            while version != seen:
                page = storage.query(query.order_by_id().with_after_id(after_id).with_limit(_PAGE))
                if not page:
                    break
                show(page)
                after_id = page[-1].id or after_id
            worker.wait()


def _reader_left() -> bool:
    """Whether stdout is a pipe that nobody reads: without news no write would ever tell."""
    if sys.stdout is None:
        return False
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))


def _tell(problem: Problem) -> None:
    out.note(f"cannot read {problem}" if problem.path else str(problem))
