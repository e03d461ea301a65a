"""Times as clients write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

_LATEST: Final = 10**13 - 1
"""ms; the last time that compares by text with every other one."""


def milliseconds(time: datetime | None) -> int | None:
    """Milliseconds since the Unix epoch; a time without a zone is in UTC.

    None for none, and for one that no transcript can be from: the year 1 stands for an unknown time.
    """
    if time is None:
        return None
    at = round((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000)
    return instant(at)


def instant(number: object) -> int | None:
    """`number` if it is a time in ms that a client may have told; else None: unknown."""
    return number if type(number) is int and 0 < number <= _LATEST else None


def sortable(at: int | None) -> str:
    """A time (ms; None: the epoch) as text that compares as the times do."""
    return f"{min(max(0, at or 0), _LATEST):013d}"
