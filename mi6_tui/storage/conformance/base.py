"""What the groups of the suite share."""

from __future__ import annotations

from typing import Any, Final

import pytest

from mi6_tui.model import Event, EventType, Session, Source
from mi6_tui.storage.protocol import Storage

NOW: Final = 1_800_000_000_000
"""What the clock says at first, in ms."""
MINUTE: Final = 60_000
DAY: Final = 24 * 60 * MINUTE


class Clock:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        """The time in ms."""
        return self.now


class Group:
    """Base of the groups; the test class that inherits them gives the `storage` fixture."""

    @pytest.fixture
    def clock(self) -> Clock:
        """The clock that the store goes by."""
        return Clock()


def make_event(**fields: Any) -> Event:
    """A hook's notification of session `s` on machine `m`, but for `fields`."""
    defaults: dict[str, Any] = {
        "machine_id": "m",
        "session_id": "s",
        "timestamp": NOW,
        "event_type": EventType.NOTIFICATION,
        "source": Source.HOOK,
    }
    return Event(**(defaults | fields))


def request(**fields: Any) -> Event:
    """A transcript's request of 100 fresh, 1,000 read, 10 written and 20 output tokens, but for `fields`.

    No price table has its model.
    """
    defaults: dict[str, Any] = {
        "event_type": EventType.API_REQUEST,
        "source": Source.TRANSCRIPT,
        "framework": "claude",
        "model": "claude-test",
        "tokens_input": 100,
        "tokens_output": 20,
        "tokens_cache_read": 1_000,
        "tokens_cache_write": 10,
    }
    return make_event(**(defaults | fields))


def session_of(storage: Storage, session_id: str = "s") -> Session:
    """The session, which must be there."""
    session = storage.get_session(session_id)
    assert session is not None
    return session
