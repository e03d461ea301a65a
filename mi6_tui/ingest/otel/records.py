"""What an OTLP request holds, whichever way it was written."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from mi6_tui.errors import Mi6Error

Scalar = str | int | float | bool
Signal = Literal["logs", "metrics", "traces"]
MOST_ATTRIBUTES: Final = 200
"""Of one record; the rest is not looked at."""


class OtlpError(Mi6Error):
    """What was sent is no OTLP request."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A log record, a data point of a metric, or a span. Times in ns since the epoch; 0: not told."""

    name: str
    """The body of a log record where that is a text; the name of a metric or a span."""
    at: int
    """When it happened, or ended."""
    observed: int = 0
    start: int = 0
    value: float | None = None
    """Of a data point that is a number."""
    cumulative: bool = False
    """Whether `value` counts from `start` on, where it else counts from the last one told."""
    attributes: dict[str, Scalar]
