"""When the sweep looks where. Every interval of the scanner stands here; all are in seconds."""

from __future__ import annotations

import msgspec


class Intervals(msgspec.Struct, frozen=True, kw_only=True):
    """The defaults are what the program uses; tests have no need to change them."""

    hot: float = 0.5
    """Between two looks at the files that changed within the last hour, without a watcher."""
    hot_slowest: float = 2.0
    """What that grows to while none of them changes."""
    hot_watched: float = 5.0
    discovery: float = 5.0
    """Between two walks over everything, without a watcher."""
    discovery_watched: float = 30.0
    second_look: float = 1.0
    """After a hint: a file made before the watcher saw its new folder was not announced."""
    watch_again: float = 60.0
    """From one try to watch to the next, where the system refused."""
    rejudge: float = 2.0
    retry_lock: float = 1.0
    """While another process writes."""
    store_error: float = 0.5
    """After the store failed; doubled up to `store_error_longest`."""
    store_error_longest: float = 10.0
    hot_age: float = 3600.0
    idle_share: float = 200.0
    """A sweep is repeated no sooner than after that many times its own duration."""
    idle_share_watched: float = 2000.0
    """The same for a walk over everything while a watcher announces changes."""
    question_share: float = 20.0
    """A database that changes is asked again no sooner than after that many times the last question took."""


def beat(now: float, every: float) -> float:
    """The next multiple of `every`: what recurs shares its moments, and the program wakes once for all."""
    found = (now // every + 1) * every
    return found if found > now else found + every  # as numbers are rounded


class Clockwork:
    """Which of the recurring things are due, on a monotonic clock."""

    def __init__(self, intervals: Intervals) -> None:
        self._intervals = intervals
        self._quiet = intervals.hot
        self.watched = False
        """Whether a watcher announces changes."""
        self._hot_at = self._discovery_at = self._rejudge_at = float("-inf")
        self._earliest_discovery = float("-inf")

    def hot_due(self, now: float) -> bool:
        """Whether to look at the hot files."""
        return now >= self._hot_at

    def discovery_due(self, now: float) -> bool:
        """Whether to walk over everything."""
        return now >= self._discovery_at

    def rejudge_due(self, now: float) -> bool:
        """Whether to judge again what only the clock changes; true once an interval."""
        if now < self._rejudge_at:
            return False
        self._rejudge_at = beat(now, self._intervals.rejudge)
        return True

    def look_by(self, at: float) -> None:
        """Something may be read from `at` on: look then at the latest."""
        self._hot_at = min(self._hot_at, at)

    def hot_done(self, began: float, now: float, *, changed: bool) -> None:
        """A look at the hot files ended."""
        every = self._intervals
        self._quiet = every.hot if changed else min(every.hot_slowest, self._quiet * 1.25)
        usual = beat(now, every.hot_watched) if self.watched else now + self._quiet
        self._hot_at = max(usual, now + every.idle_share * (now - began))

    def discovery_done(self, began: float, now: float, *, hinted: bool) -> None:
        """A walk ended; one that followed a hint is soon repeated."""
        every = self._intervals
        usual = beat(now, every.discovery_watched) if self.watched else now + every.discovery
        share = every.idle_share_watched if self.watched else every.idle_share
        self._discovery_at = max(usual, now + share * (now - began))
        self._earliest_discovery = now + 10 * (now - began)
        if hinted:
            self._discovery_at = min(self._discovery_at, now + every.second_look)

    def hinted(self, now: float) -> None:
        """Something unknown appeared: walk as soon as is decent."""
        self._discovery_at = min(self._discovery_at, max(now, self._earliest_discovery))

    def delay(self, now: float) -> float:
        """Seconds until the next thing is due."""
        return max(0.0, min(self._hot_at, self._discovery_at, self._rejudge_at) - now)
