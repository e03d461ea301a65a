"""A clock that can be stopped, hurried and moved: the time at which something played stands."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, NamedTuple

SLOWEST: Final = 0.125
FASTEST: Final = 4096.0


class _Pace(NamedTuple):
    """From which moment on the clock shows what, and how fast it goes."""

    since: float
    """Seconds on a monotonic clock."""
    shown: float
    """ms."""
    speed: float
    """0: it stands still."""


class PlayClock:
    """Shows `begin` (ms) first and then goes `speed` times as fast as the world.

    Calling it gives the time in ms. Whoever waits for a time of it waits on `changed` as well, which is set
    whenever it was stopped, started or hurried. Shared by threads.
    """

    def __init__(
        self, begin: int, speed: float = 1.0, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.changed = threading.Event()
        self.speed = min(FASTEST, max(SLOWEST, speed))
        """How many times faster than the world it goes when it goes."""
        self._monotonic = monotonic
        self._pace = _Pace(monotonic(), begin, self.speed)

    def __call__(self) -> int:
        """The time in ms."""
        pace = self._pace
        return int(pace.shown + (self._monotonic() - pace.since) * 1000 * pace.speed)

    @property
    def paused(self) -> bool:
        """Whether it stands still."""
        return self._pace.speed == 0

    def pause(self, paused: bool) -> None:
        """Stop it, or let it go on."""
        self._set(0.0 if paused else self.speed)

    def hurry(self, factor: float) -> None:
        """Let it go `factor` times as fast as now, within SLOWEST and FASTEST."""
        self.speed = min(FASTEST, max(SLOWEST, self.speed * factor))
        if not self.paused:
            self._set(self.speed)

    def jump(self, to: int) -> None:
        """Have it show `to` (ms) now."""
        self._set(self._pace.speed, to)

    def seconds_until(self, at: int) -> float | None:
        """Seconds of the world until it shows `at` (ms); None while it stands still before it."""
        left = at - self()
        if left <= 0:
            return 0.0
        speed = self._pace.speed
        return left / 1000 / speed if speed else None

    def _set(self, speed: float, shown: int | None = None) -> None:
        self._pace = _Pace(self._monotonic(), self() if shown is None else shown, speed)
        self.changed.set()
