"""How far a scan is, and what it did."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from mi6_tui.ingest.problem import Problem

_INTERVAL = 0.1


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """A moment of a running scan. Times in seconds, `rate` in bytes a second."""

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

    @property
    def rate(self) -> float | None:
        """None until there is something to divide."""
        return self.bytes_done / self.elapsed if self.bytes_done and self.elapsed > 0 else None

    @property
    def seconds_left(self) -> float | None:
        """At the rate so far; None until there is one."""
        rate = self.rate
        return max(0, self.bytes_total - self.bytes_done) / rate if rate else None


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
            )
        )
