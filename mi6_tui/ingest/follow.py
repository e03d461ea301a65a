"""The life of a scanner that stays: who writes, when to look, what to tell."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

import msgspec

from mi6_tui.errors import StorageError
from mi6_tui.ingest.catalogue import Catalogue
from mi6_tui.ingest.discover import OnProblem
from mi6_tui.ingest.lock import WriterLock
from mi6_tui.ingest.problem import Problem
from mi6_tui.ingest.progress import ScanReport
from mi6_tui.ingest.schedule import Clockwork, Intervals
from mi6_tui.ingest.side import Sides
from mi6_tui.ingest.tail import identity
from mi6_tui.ingest.watch import Watcher
from mi6_tui.stop import Stop
from mi6_tui.storage.protocol import Storage

Place = tuple[str, int, int]
"""Path, device and inode of a folder that is watched: one made anew must be watched anew."""


class ScannerState(msgspec.Struct, frozen=True, kw_only=True):
    """What a running scanner is."""

    role: Literal["writer", "reader"]
    holder: int | None = None
    """Process that writes while this one reads, if it is known."""
    reason: str | None = None
    """Why it only reads, where the cause is not another process."""
    watching: bool = False
    """Whether the system announces changes."""


class Follower:
    """Sweeps whenever something is due or announced, as long as it is the one writer."""

    def __init__(
        self,
        storage: Storage,
        catalogue: Catalogue,
        clockwork: Clockwork,
        intervals: Intervals,
        *,
        sides: Sides,
        lock: WriterLock | None,
        watch: bool,
        monotonic: Callable[[], float],
        sweep: Callable[[set[str]], ScanReport],
        reload: Callable[[], None],
        on_problem: OnProblem | None,
        on_state: Callable[[ScannerState], None] | None,
        on_recorded: Callable[[ScanReport], None] | None,
    ) -> None:
        self._storage = storage
        self._catalogue = catalogue
        self._clockwork = clockwork
        self._intervals = intervals
        self._sides = sides
        self._lock = lock
        self._watch = watch
        self._monotonic = monotonic
        self._sweep = sweep
        self._reload = reload
        self._on_problem = on_problem
        self._on_state = on_state
        self._on_recorded = on_recorded
        self._watcher: Watcher | None = None
        self._places: tuple[Place, ...] = ()
        self._watch_again_at = 0.0
        """When a watcher that failed may be replaced."""
        self._refused: str | None = None
        """Why the last one failed, until one watches."""
        self._wake = threading.Event()
        self._state: ScannerState | None = None
        self._problems: set[Problem] = set()
        self._troubled = False
        """Whether the store failed since the last look at everything."""
        self._failures = 0

    def run(self, stop: Stop) -> None:
        """Until `stop` is set."""
        stop.wakes = self._wake
        try:
            while not stop.is_set():
                try:
                    delay = self._step()
                    self._failures = 0
                except StorageError as error:
                    delay = self._failed(error)
                # For the time, a hint or `stop`.
                self._wake.wait(delay)
                self._wake.clear()
        finally:
            self._unwatch()
            if self._lock is not None:
                self._lock.release()

    def _step(self) -> float:
        """One round; seconds until the next."""
        role = self._role()
        if role.role == "reader":
            self._tell_state(role)
            return self._intervals.retry_lock
        walks = self._clockwork.discovery_due(self._monotonic())
        report = self._sweep(self._watcher.take() if self._watcher is not None else set())
        self._tell_problems((*report.problems, *self._unannounced()), complete=walks)
        if walks and self._troubled:
            self._troubled = False
            self._state = None  # told again: by that the listener knows that the store works
        if (report.files or report.aside) and self._on_recorded is not None:
            self._on_recorded(report)
        if self._watch and (walks or self._watcher is None):
            self._watch_places()
        watching = self._watcher is not None and self._watcher.alive
        if watching and not self._clockwork.watched:
            # What happened between the last walk and now was not announced.
            self._clockwork.hinted(self._monotonic())
        self._clockwork.watched = watching
        self._tell_state(ScannerState(role="writer", watching=watching))
        now = self._monotonic()
        return min(self._clockwork.delay(now), self._sides.delay(now))

    def _role(self) -> ScannerState:
        reason = self._storage.read_only
        if reason is not None:
            return ScannerState(role="reader", reason=reason)
        if self._lock is not None and not self._lock.held:
            if not self._lock.try_acquire():
                return ScannerState(role="reader", holder=self._lock.holder())
            self._reload()  # whoever held the lock may have read on
        return ScannerState(role="writer")

    def _failed(self, error: StorageError) -> float:
        """The store failed; seconds until it is tried again. Meanwhile others may write, if they can."""
        self._reload()
        self._troubled = True
        self._clockwork.hinted(self._monotonic())
        if self._lock is not None:
            self._lock.release()
        self._tell_problems((Problem(None, str(error)),), complete=False)
        every = self._intervals
        delay = every.store_error * float(2**self._failures)
        self._failures = min(self._failures + 1, 16)
        return min(every.store_error_longest, delay)

    def _watch_places(self) -> None:
        """Have a watcher on exactly the folders that exist."""
        roots = [root.path for root in self._catalogue.present]
        places = tuple(_places([*roots, *self._sides.folders()]))
        failed = self._watcher is not None and self._watcher.failure is not None
        if places != self._places or (failed and self._monotonic() >= self._watch_again_at):
            self._unwatch()
            self._places = places
            if places:
                self._watcher = Watcher([place[0] for place in places], self._wake)
                self._watch_again_at = self._monotonic() + self._intervals.watch_again

    def _unannounced(self) -> Iterable[Problem]:
        watcher = self._watcher
        if watcher is None or watcher.alive:
            self._refused = None
        elif watcher.failure is not None:
            self._refused = watcher.failure
        if self._refused is not None:
            yield Problem(None, f"the system announces no changes ({self._refused})")

    def _unwatch(self) -> None:
        if self._watcher is not None:
            self._watcher.close()
            self._watcher = None

    def _tell_state(self, state: ScannerState) -> None:
        if state != self._state:
            self._state = state
            if self._on_state is not None:
                self._on_state(state)

    def _tell_problems(self, problems: Iterable[Problem], *, complete: bool) -> None:
        """Tell those not told yet; after a `complete` look the ones not seen again are forgotten."""
        problems = set(problems)
        new = problems - self._problems
        self._problems = problems if complete else self._problems | problems
        if self._on_problem is not None:
            for problem in sorted(new, key=str):
                self._on_problem(problem)


def _places(paths: Iterable[str]) -> Iterable[Place]:
    for path in paths:
        try:
            if Path(path).is_dir():
                yield path, *identity(os.lstat(path))
        except OSError:
            continue
