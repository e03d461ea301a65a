"""Times as clients write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

_LATEST: Final = 10**13 - 1
"""ms; the last time that compares by text with every other one."""


def milliseconds(time: datetime) -> int:
    """Milliseconds since the Unix epoch; a time without a zone is in UTC."""
    return round((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000)


def sortable(at: int | None) -> str:
    """A time (ms; None: the epoch) as text that compares as the times do."""
    return f"{min(max(0, at or 0), _LATEST):013d}"
