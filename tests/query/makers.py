"""Sessions in a few words, and what a query finds among them."""

from __future__ import annotations

from typing import Any

from mi6_tui.model import Session
from mi6_tui.query import parse

NOW = 1_795_696_200_000
"""2026-11-26 12:30:00 UTC, the time zone of all tests."""
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def session(name: str = "s", **values: Any) -> Session:
    """A session of which nothing is known but that it was there."""
    bare: dict[str, Any] = {
        "machine_id": "host",
        "session_id": name,
        "first_started_at": NOW - 2 * HOUR,
        "last_started_at": NOW - 2 * HOUR,
        "last_activity": NOW - 10 * MINUTE,
    }
    return Session(**(bare | values))


def finds(text: str, **values: Any) -> bool:
    """Whether a query finds a session with these values."""
    return parse(text).matches(session(**values), NOW)


def found(text: str, *sessions: Session) -> str:
    """The ids of the sessions that a query finds, in order."""
    return " ".join(session.session_id for session in parse(text).select(sessions, NOW))
