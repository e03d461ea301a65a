"""A store that is played again comes to the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mi6_tui.ingest.demo import fill_demo
from mi6_tui.ingest.recording import Recording
from mi6_tui.model import Event, EventQuery, SessionQuery
from mi6_tui.storage.sqlite import SqliteStorage
from tests.storage.original import write_original

NOW = 1_795_442_531_000
PLAYED = 5 * 60_000
SAME = (
    "framework", "first_started_at", "last_activity", "last_ended_at", "status", "status_shown",
    "status_detail", "status_rule", "title", "cwd", "model", "git_branch", "git_worktree_path",
    "github_repo", "github_pr", "api_request_count", "tokens_input", "tokens_output",
    "tokens_cache_read", "tokens_cache_write", "cost_usd", "unpriced_requests", "context",
    "context_window", "message_count", "tool_call_count", "compaction_count", "background_count", "pid",
    "tags", "client_version", "entrypoint", "last_reply", "first_user_message",
)  # fmt: skip


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[SqliteStorage]:
    with closing(SqliteStorage(tmp_path / "recorded.db", clock=lambda: NOW)) as storage:
        fill_demo(storage, NOW, played=PLAYED)
        yield storage


def play(recording: Recording, storage: SqliteStorage, until: int) -> None:
    while (next_at := recording.next_at) is not None and next_at <= until:
        storage.record(recording.until(until))
    storage.rejudge(until)


def test_at_its_end_all_is_as_it_was_recorded(recorded: SqliteStorage, tmp_path: Path) -> None:
    with closing(SqliteStorage(tmp_path / "copy.db", clock=lambda: NOW)) as copy:
        play(Recording(recorded), copy, NOW)
        assert copy.count() == recorded.count()
        for session in recorded.list_sessions(SessionQuery()):
            again = copy.get_session_by_key(*session.key)
            # Looks of the user are none of the recorded session's doing.
            if session.status_rule != "seen":
                assert {name: getattr(again, name) for name in SAME} == {
                    name: getattr(session, name) for name in SAME
                }


def test_halfway_nothing_later_is_told(recorded: SqliteStorage, tmp_path: Path) -> None:
    half = NOW - PLAYED // 2
    with closing(SqliteStorage(tmp_path / "copy.db", clock=lambda: half)) as copy:
        recording = Recording(recorded)
        play(recording, copy, half)
        told = copy.query(EventQuery(order_by="timestamp", direction="asc"))
        due = [event for event in recorded.query(EventQuery(direction="asc")) if event.timestamp <= half]
        assert [event.key for event in told] == [event.key for event in due]
        assert recording.next_at is not None and recording.next_at > half
        assert not [s for s in copy.list_sessions(SessionQuery()) if s.first_started_at > half]


def test_it_knows_its_first_and_last_instant(recorded: SqliteStorage) -> None:
    events = recorded.query(EventQuery(direction="asc"))
    recording = Recording(recorded)
    assert recording.begin == events[0].timestamp
    assert recording.end is not None and events[-1].timestamp <= recording.end <= NOW


def test_thousands_of_events_at_one_instant_come_once_each(tmp_path: Path) -> None:
    with (
        closing(SqliteStorage(tmp_path / "a.db", clock=lambda: NOW)) as storage,
        closing(SqliteStorage(tmp_path / "b.db", clock=lambda: NOW)) as copy,
    ):
        for number in range(2_500):
            at = 1_000 if number < 2_300 else 2_000
            storage.insert(
                Event(machine_id="m", session_id="s", timestamp=at, event_type="Stop", key=f"{number}")
            )
        play(Recording(storage), copy, 3_000)
        assert copy.count() == 2_500


def test_a_store_of_the_original_is_played_too(tmp_path: Path) -> None:
    write_original(tmp_path / "theirs.db")
    with (
        closing(SqliteStorage(tmp_path / "theirs.db", read_only=True)) as storage,
        closing(SqliteStorage(tmp_path / "copy.db", clock=lambda: 3_000)) as copy,
    ):
        recording = Recording(storage)
        assert (recording.begin, recording.end) == (1_000, 3_000)
        play(recording, copy, 2_500)
        assert [session.session_id for session in copy.list_sessions(SessionQuery())] == ["a"]
        play(recording, copy, 3_000)
        found = copy.get_session("b")
        assert found is not None and (found.tokens_input, found.model) == (10, "claude-opus-4-1")


def test_an_empty_store_has_neither_beginning_nor_end(tmp_path: Path) -> None:
    with closing(SqliteStorage(tmp_path / "empty.db")) as storage:
        recording = Recording(storage)
        assert (recording.begin, recording.end, recording.next_at) == (None, None, None)
