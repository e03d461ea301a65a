"""Plays something into a store, on a clock, the way a scanner would fill it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from mi6_tui.ingest.follow import ScannerState
from mi6_tui.ingest.play_clock import PlayClock
from mi6_tui.ingest.problem import Problem
from mi6_tui.ingest.progress import Progress, ScanReport
from mi6_tui.model import Batch
from mi6_tui.stop import Stop
from mi6_tui.storage import Storage

STEP: Final = 0.5
"""Least seconds of the world between two writes: what happens together is told together."""
_AT_MOST: Final = 5.0
"""Seconds after which statuses are judged again though nothing happened."""


class Script(Protocol):
    """What happens, in the order of its time."""

    def until(self, now: int) -> Batch:
        """What is told up to `now` (ms) and was not yet, or the first of it. StorageError as it comes."""

    @property
    def next_at(self) -> int | None:
        """When there may be more to tell (ms); None: never again."""


class Player:
    """Records `script` into `storage` as `clock` reaches it; first of all, `before`.

    Takes the place of a scanner (see tui.worker.ScanLoop).
    """

    def __init__(
        self,
        storage: Storage,
        script: Script,
        clock: PlayClock,
        before: Callable[[], Iterable[Batch]] = tuple,
    ) -> None:
        self._storage = storage
        self._script = script
        self._clock = clock
        self._before = before

    def run(
        self,
        stop: Stop,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        on_problem: Callable[[Problem], None] | None = None,
        on_state: Callable[[ScannerState], None] | None = None,
        on_recorded: Callable[[ScanReport], None] | None = None,
    ) -> None:
        """Play until `stop` is set. StorageError as it comes."""
        if on_state is not None:
            on_state(ScannerState(role="writer", watching=True))
        for batch in self._before():
            if stop.is_set():
                return
            self._tell(self._record(batch), on_recorded)
        while not stop.is_set():
            began = time.monotonic()
            self._clock.changed.clear()
            now = self._clock()
            while not stop.is_set():
                self._tell(self._record(self._script.until(now)), on_recorded)
                if (next_at := self._script.next_at) is None or next_at > now:
                    break
            self._tell(self._storage.rejudge(now), on_recorded)
            self._wait(stop, began)

    def _record(self, batch: Batch) -> int:
        told = len(batch.events) + len(batch.facts) + len(batch.claims)
        if told:
            self._storage.record(batch)
        return told

    def _tell(self, changed: int, on_recorded: Callable[[ScanReport], None] | None) -> None:
        if changed and on_recorded is not None:
            on_recorded(ScanReport(aside=changed))

    def _wait(self, stop: Stop, began: float) -> None:
        """Until there is something to tell, the clock was changed or `stop` is set."""
        stop.wait(max(0.0, began + STEP - time.monotonic()))
        next_at = self._script.next_at
        seconds = None if next_at is None else self._clock.seconds_until(next_at)
        deadline = time.monotonic() + (_AT_MOST if seconds is None else min(seconds, _AT_MOST))
        while not stop.is_set() and (left := deadline - time.monotonic()) > 0:
            if self._clock.changed.wait(min(left, STEP)):
                return
