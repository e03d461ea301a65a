"""How far a scan is, and what it did."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import msgspec

from mi6_tui.ingest.problem import Problem

_INTERVAL: Final = 0.1
_MEMORY: Final = 5.0
"""Seconds after which what the rate was weighs a third."""
_EARLY: Final = 1.0
"""Seconds before which the rate foretells nothing."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """A moment of a running scan. Times in seconds, rates in bytes a second."""

    files_done: int
    files_total: int
    bytes_done: int
    bytes_total: int
    lines: int
    events: int
    """Those that are new in the store."""
    path: str | None
    """The file just read."""
    elapsed: float

    recent: float | None = None
    """The rate of the last seconds, smoothed."""

    @property
    def rate(self) -> float | None:
        """The recent one, else that of the whole scan; None until there is something to divide."""
        if self.recent is not None:
            return self.recent
        return self.bytes_done / self.elapsed if self.bytes_done and self.elapsed > 0 else None

    @property
    def seconds_left(self) -> float | None:
        """At the present rate; None until that foretells something."""
        left = max(0, self.bytes_total - self.bytes_done)
        if not left and self.bytes_done:
            return 0.0
        return left / self.rate if self.rate and self.elapsed >= _EARLY else None

    @property
    def time_left(self) -> str | None:
        """The same in round words; never "0 s" of something that is still to come."""
        seconds = self.seconds_left
        if seconds is None:
            return None
        minutes = math.ceil(seconds / 60)
        if seconds <= 59:
            return f"{math.ceil(seconds)} s"
        return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


class ScanReport(msgspec.Struct, frozen=True, kw_only=True):
    """What one scan did; all counts are of this scan alone."""

    files: int = 0
    """Files in which something new was read."""
    files_total: int = 0
    """Transcripts found."""
    bytes: int = 0
    lines: int = 0
    events: int = 0
    """New in the store."""
    requests: int = 0
    """Of those, requests to a model."""
    malformed: int = 0
    """Lines that are no record."""
    skipped: int = 0
    """Lines above the length limit."""
    sessions: int = 0
    """Sessions that the lines read belong to."""
    aside: int = 0
    """What was recorded besides: hook calls, words of the other witnesses."""
    seconds: float = 0.0
    problems: tuple[Problem, ...] = ()
    blocked: bool = False
    """True: another process writes the store, nothing was read here."""
    holder: int | None = None
    """That process, if it is known."""


class Meter:
    """Hands progress to a callback, at most ten times a second."""

    def __init__(self, callback: Callable[[Progress], None] | None, monotonic: Callable[[], float]) -> None:
        self._callback = callback
        self._monotonic = monotonic
        self._started = monotonic()
        self._due = self._started
        self._rate = _Rate(self._started)

    @property
    def elapsed(self) -> float:
        """Seconds since the scan began."""
        return self._monotonic() - self._started

    def show(
        self,
        *,
        files: tuple[int, int],
        size: tuple[int, int],
        lines: int,
        events: int,
        path: str | None,
        last: bool = False,
    ) -> None:
        """Tell how many of how many `files` and bytes (`size`) are done; the `last` one always arrives."""
        now = self._monotonic()
        if self._callback is None or (now < self._due and not last):
            return
        self._due = now + _INTERVAL
        self._callback(
            Progress(
                files_done=files[0],
                files_total=files[1],
                bytes_done=size[0],
                bytes_total=size[1],
                lines=lines,
                events=events,
                path=path,
                elapsed=now - self._started,
                recent=self._rate.at(now, size[0]),
            )
        )


class _Rate:
    """How fast a count grows, with less weight on what is longer ago."""

    def __init__(self, now: float) -> None:
        self._then = now
        self._count = 0
        self._sum = self._weight = 0.0

    def at(self, now: float, count: int) -> float | None:
        """Per second, when the count is `count`; None while it has not grown."""
        passed, self._then = now - self._then, now
        grown, self._count = count - self._count, count
        if passed > 0:
            kept = math.exp(-passed / _MEMORY)
            self._sum = self._sum * kept + grown / passed * (1 - kept)
            self._weight = self._weight * kept + (1 - kept)
        return self._sum / self._weight if self._sum > 0 else None
