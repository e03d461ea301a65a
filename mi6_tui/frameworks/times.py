"""Times as clients write them."""

from __future__ import annotations

from datetime import UTC, datetime


def milliseconds(time: datetime) -> int:
    """Milliseconds since the Unix epoch; a time without a zone is in UTC."""
    return round((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000)
