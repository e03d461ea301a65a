"""A file that the original wrote may be looked at, and is never changed."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mi6_tui.errors import ReadOnlyError, StorageError
from mi6_tui.model import (
    Batch,
    Event,
    EventQuery,
    FilePosition,
    GitBranchInfo,
    ReadBelow,
    SessionQuery,
    StorageStats,
    StorageStatsQuery,
    TimelineQuery,
)
from mi6_tui.model.rates import Rate
from mi6_tui.storage import Storage
from mi6_tui.storage.sqlite import SqliteStorage
from tests.storage.original import execute, write_original

EVENT = Event(machine_id="m", session_id="a", timestamp=1, event_type="Stop")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "mi6.db"
    write_original(found)
    return found


@pytest.fixture
def storage(path: Path) -> Iterator[Storage]:
    with closing(SqliteStorage(path)) as store:
        yield store


def test_everything_in_it_can_be_read(storage: Storage) -> None:
    events = storage.query(EventQuery().order_by_id())
    assert [(event.id, event.event_type) for event in events] == [
        (1, "UserPromptSubmit"),
        (2, "Stop"),
        (3, "ApiRequest"),
    ]
    assert (events[2].tokens_input, events[2].is_sidechain, events[2].transcript_path) == (
        10,
        False,
        "/t/b.jsonl",
    )
    assert (events[2].key, events[2].claim, events[2].tokens_incomplete) == (None, "", False)

    sessions = storage.list_sessions(SessionQuery().order_by_last_activity())
    assert [session.session_id for session in sessions] == ["b", "a"]
    assert [session.status for session in sessions] == ["busy", "idle"]
    assert [session.status_shown for session in sessions] == ["working", "idle"]
    assert [session.context_window for session in sessions] == [200_000, None]
    assert [session.transcript_available for session in sessions] == [True, False]
    assert storage.get_session_by_pid(7) == storage.get_session_by_key("m", "a") == storage.get_session("a")
    assert storage.storage_stats(StorageStatsQuery()) == StorageStats(
        session_count=2, active_session_count=1, total_tokens=15, total_cost_usd=0.5, total_api_requests=1
    )

    position = FilePosition(
        file_path="/t/b.jsonl", byte_offset=100, line_number=2, last_uuid="u-1", updated_at=3_000
    )
    assert storage.query_transcript_positions() == [("/t/b.jsonl", position)]
    assert storage.read_below("/t") == ReadBelow(files=1, bytes=100, last=3000)
    assert storage.event_exists_by_uuid("b", "u-1")
    assert not storage.event_exists_by_uuid("b", "p")
    assert (storage.count(), storage.last_event_id(), storage.revision()) == (3, 3, 0)
    assert storage.count_expired(0) == 3


def test_without_revisions_every_session_is_a_changed_one(storage: Storage) -> None:
    assert len(storage.list_sessions(SessionQuery().changed_since(5))) == 2


def test_it_says_why_it_cannot_be_written(path: Path, storage: Storage) -> None:
    assert storage.read_only == f"{path} is read-only: mi6 wrote it, and its counters follow mi6's own rules"


_WRITES: list[Callable[[Storage], object]] = [
    lambda store: store.insert(EVENT),
    lambda store: store.record(Batch(events=(EVENT,))),
    lambda store: store.gc(0),
    lambda store: store.rejudge(10**15),
    lambda store: store.update_session_git_info("a", GitBranchInfo(branch="b")),
    lambda store: store.update_session_github_repo("a", "o/r"),
    lambda store: store.upsert_session_git_context("a", "m", "claude", 1, "/g", None),
    lambda store: store.update_session_transcript_path("m", "a", "/t"),
    lambda store: store.set_transcript_position("/t", FilePosition(file_path="/t")),
    lambda store: store.rename_transcript("/t", "/u"),
]


@pytest.mark.parametrize("number", range(len(_WRITES)))
def test_nothing_writes_it(path: Path, number: int) -> None:
    before = path.read_bytes()
    with (
        closing(SqliteStorage(path)) as store,
        pytest.raises(ReadOnlyError, match="is read-only: mi6 wrote it"),
    ):
        _WRITES[number](store)
    assert path.read_bytes() == before


def test_a_close_look_at_one_of_its_sessions(storage: Storage) -> None:
    (asked,) = storage.timeline(
        TimelineQuery(machine_id="m", session_id="b", counted=True, failed_calls=True)
    )
    assert (asked.event_type, asked.tokens_input) == ("ApiRequest", 10)
    (point,) = storage.context_curve("m", "b")
    assert point.tokens == asked.prompt_tokens
    assert storage.rates(0, 60_000).sessions == {("m", "b"): Rate((15,))}
    (row,) = storage.models("m", "b")
    assert (row.tokens_input, row.api_request_count) == (10, 1)
    assert storage.tools("m", "b") == []
    assert storage.files("m", "b", ("Edit",)) == []


def test_reading_leaves_every_byte(path: Path) -> None:
    before = path.read_bytes()
    with closing(SqliteStorage(path)) as store:
        store.query(EventQuery())
        store.list_sessions(SessionQuery())
    assert path.read_bytes() == before


def test_a_newer_schema_is_only_read(tmp_path: Path) -> None:
    path = tmp_path / "mi6.db"
    write_original(path, version=20)
    with closing(SqliteStorage(path)) as store:
        assert store.read_only == f"{path} is read-only: its schema version 20 is newer than 19"
        assert store.count() == 3


@pytest.mark.parametrize("version", [None, 13])
def test_an_older_schema_is_only_read_too(tmp_path: Path, version: int | None) -> None:
    path = tmp_path / "mi6.db"
    write_original(path, version=version)
    execute(path, "ALTER TABLE events RENAME COLUMN tokens_cache_write TO tokens_cache_creation")
    execute(path, "ALTER TABLE sessions DROP COLUMN process_start_time")
    with closing(SqliteStorage(path)) as store:
        assert store.read_only is not None
        assert [event.tokens_cache_write for event in store.query(EventQuery())] == [None] * 3
        assert len(store.list_sessions(SessionQuery())) == 2
        assert len(store.context_curve("m", "b")) == 1
        assert store.models("m", "b") == []


@pytest.mark.parametrize("value", [1.5, "text", b"\xff", -1, 2**40, 0])
def test_any_type_in_any_column_is_survived(path: Path, value: object) -> None:
    for column in (
        "pid",
        "tokens_input",
        "is_sidechain",
        "cwd",
        "session_id",
        "event_type",
        "cost_usd",
        "timestamp",
    ):
        execute(path, f"UPDATE events SET {column} = ? WHERE id = 2", value)
    for column in ("pid", "status", "context", "model", "last_ended_at", "last_activity"):
        execute(path, f"UPDATE sessions SET {column} = ? WHERE session_id = 'a'", value)
    execute(path, "UPDATE events SET session_id = '' WHERE id = 1")
    with closing(SqliteStorage(path)) as store:
        assert len(store.query(EventQuery())) == 3
        assert len(store.list_sessions(SessionQuery())) == 2
        assert store.list_sessions(SessionQuery().with_statuses("working", "ended")) == []
        for session_id in ("a", "b"):
            store.timeline(TimelineQuery(machine_id="m", session_id=session_id, counted=True))
            store.context_curve("m", session_id)
            store.models("m", session_id)
            store.tools("m", session_id)
        store.rates(-1, 60_000)


def test_text_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "ours.db"
    with closing(SqliteStorage(path)) as store:
        store.insert(EVENT)
        execute(path, "UPDATE events SET cwd = CAST(x'ff' AS TEXT)")
        with pytest.raises(StorageError, match="holds a text that is not valid UTF-8"):
            store.query(EventQuery())
