"""The scanner in the background: a thread that keeps the store up to date and says how it goes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

import msgspec
from textual.message import Message

from mi6_tui.log import logger
from mi6_tui.stop import Stop

if TYPE_CHECKING:
    from mi6_tui.ingest.follow import ScannerState
    from mi6_tui.ingest.problem import Problem
    from mi6_tui.ingest.progress import Progress, ScanReport


_KEPT: Final = 20
"""Problems that are remembered."""
_TOLD_EVERY: Final = 0.25
"""Seconds from one progress to the next: each is a footer to paint, and rows to be looked for."""


class ScanLoop(Protocol):
    """What the dashboard needs of a scanner."""

    def run(
        self,
        stop: Stop,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        on_problem: Callable[[Problem], None] | None = None,
        on_state: Callable[[ScannerState], None] | None = None,
        on_recorded: Callable[[ScanReport], None] | None = None,
    ) -> None:
        """Scan until `stop` is set; callbacks come from the calling thread."""


class ScanView(msgspec.Struct, frozen=True, kw_only=True):
    """How the scan stands, for the footer and the banner."""

    progress: Progress | None = None
    state: ScannerState | None = None
    problems: tuple[str, ...] = ()


class ScanNews(Message):
    """The scan stands differently."""

    def __init__(self, view: ScanView) -> None:
        super().__init__()
        self.view = view

    def can_replace(self, message: Message) -> bool:
        """Only the latest counts."""
        return isinstance(message, ScanNews)


class ScanWorker:
    """Runs a scanner made by `make` in a thread of its own; `post` and `wake` are called there."""

    def __init__(
        self, make: Callable[[], ScanLoop], post: Callable[[ScanNews], object], wake: Callable[[], None]
    ) -> None:
        self._make = make
        self._post = post
        self._wake = wake
        self._stop = Stop()
        self._thread = threading.Thread(target=self._run, name="scan", daemon=True)
        self._view = ScanView()
        self._problems: list[Problem] = []
        self._due = 0.0

    def start(self) -> None:
        """Begin to scan."""
        self._thread.start()

    def stop(self) -> None:
        """End soon. A scan cut short loses nothing: what is committed stays, the rest is read again."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2.0)

    def _run(self) -> None:
        try:
            self._make().run(
                self._stop,
                on_progress=self._on_progress,
                on_problem=self._on_problem,
                on_state=self._on_state,
                on_recorded=self._on_recorded,
            )
        except Exception as error:  # the border of this worker: the dashboard goes on without it
            if self._stop.is_set():
                return  # whoever gave up waiting may have closed the store
            logger().exception("the scanner failed")
            reason = f"the scanner stopped: {type(error).__name__}: {error}"
            self._tell(problems=(*self._view.problems, reason))

    def _tell(self, **changes: object) -> None:
        self._view = msgspec.structs.replace(self._view, **changes)
        if not self._stop.is_set():
            self._post(ScanNews(self._view))

    def _on_progress(self, progress: Progress) -> None:
        now, over = time.monotonic(), progress.files_done >= progress.files_total
        if over or now >= self._due:
            self._due = now + _TOLD_EVERY
            self._tell(progress=None if over else progress)
            self._wake()

    def _on_problem(self, problem: Problem) -> None:
        self._problems = [*self._problems, problem][-_KEPT:]
        self._tell(problems=tuple(map(str, self._problems)))

    def _on_state(self, state: ScannerState) -> None:
        # Told after every trouble with the store (a problem without a path): it is over.
        self._problems = [problem for problem in self._problems if problem.path is not None]
        self._tell(state=state, problems=tuple(map(str, self._problems)))

    def _on_recorded(self, report: ScanReport) -> None:
        self._wake()
