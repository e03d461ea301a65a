"""The demo's store: the same every time, and of every kind."""

from __future__ import annotations

from collections import Counter

from mi6_tui.ingest.demo import demo_batch, fill_demo
from mi6_tui.model import EventType, SessionQuery
from mi6_tui.storage.sqlite import SqliteStorage
from tests.tui.conftest import NOW

COUNTS = ("tokens_input", "tokens_output", "tokens_cache_read", "tokens_cache_write")


def test_the_same_clock_gives_the_same_demo() -> None:
    assert demo_batch(NOW, "demo") == demo_batch(NOW, "demo")
    assert demo_batch(NOW, "demo") != demo_batch(NOW + 1, "demo")


def test_nothing_happens_in_the_future_and_keys_are_unique() -> None:
    batch = demo_batch(NOW, "demo")
    assert all(event.timestamp <= NOW for event in batch.events)
    assert len({event.key for event in batch.events}) == len(batch.events)


def test_every_status_is_there(storage: SqliteStorage) -> None:
    fill_demo(storage, NOW)
    sessions = storage.list_sessions(SessionQuery())
    assert Counter(session.status_shown for session in sessions) == {
        "waiting": 3, "error": 1, "working": 8, "background": 2,
        "your turn": 5, "idle": 1, "unknown": 1, "ended": 3,
    }  # fmt: skip
    assert any(session.incomplete_requests for session in sessions)
    assert any(session.context_window is None and session.context for session in sessions)


def test_the_numbers_are_those_of_the_events(storage: SqliteStorage) -> None:
    fill_demo(storage, NOW)
    requests = [e for e in demo_batch(NOW, "demo").events if e.event_type == EventType.API_REQUEST]
    for session in storage.list_sessions(SessionQuery()):
        own = [event for event in requests if event.session_id == session.session_id]
        assert session.api_request_count == len(own)
        assert session.total_tokens == sum(getattr(event, name) or 0 for event in own for name in COUNTS)


def test_filling_twice_changes_nothing(storage: SqliteStorage) -> None:
    fill_demo(storage, NOW)
    before = storage.count(), storage.revision()
    fill_demo(storage, NOW)
    assert (storage.count(), storage.revision()) == before
