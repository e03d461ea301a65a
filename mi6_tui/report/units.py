"""Numbers and times as people read them."""

from __future__ import annotations

import datetime
from typing import Final

UNKNOWN: Final = "-"
SHORT_ID: Final = 8
"""Characters of an id as people quote it."""

_SPANS: Final = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s"))


def short_id(session_id: str) -> str:
    """The beginning of an id, as people quote it; a name that stands in its place stays whole."""
    return session_id if session_id.startswith("session-") else session_id[:SHORT_ID]


def count(number: int) -> str:
    """999, 1.2k, 12k, 3.4M: three digits at most, rounded down so that a limit never looks reached."""
    for size, letter in ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            whole, tenth = number // size, number * 10 // size % 10
            return f"{whole}.{tenth}{letter}" if whole < 10 else f"{whole}{letter}"
    return str(number)


def span(ms: int) -> str:
    """A duration in its largest unit: 45s, 12m, 3h, 9d."""
    for size, letter in _SPANS:
        if ms >= size:
            return f"{ms // size}{letter}"
    return "0s"


def moment(ms: int) -> str:
    """Local time of `ms` since the epoch, to the second; UNKNOWN outside the calendar."""
    try:
        return f"{datetime.datetime.fromtimestamp(ms / 1000):%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError, OSError):
        return UNKNOWN


def size(count_of_bytes: int) -> str:
    """Bytes: 512 B, 1.5 kB, 106 MB."""
    text = count(count_of_bytes)
    return f"{text} B" if text.isdigit() else f"{text[:-1]} {text[-1]}B"
