"""Questions that are asked all the time are answered from an index, without sorting."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from mi6_tui.model import EventQuery, SessionQuery, TimelineQuery
from mi6_tui.storage.rows import EVENT_FIELDS, SESSION_FIELDS, select_events
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.storage.sqlite.queries import event_sql, session_sql
from mi6_tui.storage.sqlite.rates import rates_sql
from mi6_tui.storage.sqlite.session_reads import context_sql, files_sql, models_sql, timeline_sql, tools_sql
from tests.storage.original import execute

_COLUMNS = frozenset(SESSION_FIELDS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with closing(SqliteStorage(tmp_path / "mi6.db")) as store:
        return store.path


def plan_of(path: Path, sql: str, values: list[object]) -> str:
    return "\n".join(row[3] for row in execute(path, f"EXPLAIN QUERY PLAN {sql}", *values))


@pytest.mark.parametrize(
    ("query", "way"),
    [
        (EventQuery(), "SCAN events USING INDEX idx_events_timestamp"),
        (EventQuery().with_after_ts(1), "SEARCH events USING INDEX idx_events_timestamp"),
        (EventQuery().with_session("s"), "SEARCH events USING INDEX idx_events_session_timestamp"),
        (EventQuery().with_after_id(1).order_by_id(), "SEARCH events USING INTEGER PRIMARY KEY"),
    ],
)
def test_events(path: Path, query: EventQuery, way: str) -> None:
    end, values = event_sql(query.with_limit(100))
    plan = plan_of(path, select_events() + end, values)
    assert way in plan
    assert "TEMP B-TREE" not in plan


_TIMELINE = TimelineQuery(machine_id="m", session_id="s")


@pytest.mark.parametrize(
    ("query", "way"),
    [
        (_TIMELINE, "idx_events_session_timestamp (session_id=?)"),
        (_TIMELINE.with_(before=(5, 6)), "idx_events_session_timestamp (session_id=? AND timestamp<?)"),
        (_TIMELINE.with_(after=(5, 6)), "idx_events_session_timestamp (session_id=? AND timestamp>?)"),
        (_TIMELINE.with_(stored_after=5), "INTEGER PRIMARY KEY (rowid>?)"),
        (
            _TIMELINE.with_(event_types=("a",), failed_calls=True, counted=True),
            "idx_events_session_timestamp",
        ),
    ],
)
def test_timelines(path: Path, query: TimelineQuery, way: str) -> None:
    end, values = timeline_sql(query, frozenset(EVENT_FIELDS))
    plan = plan_of(path, select_events() + end, values)
    assert way in plan
    assert "TEMP B-TREE" not in plan
    assert "SCAN events" not in plan


@pytest.mark.parametrize("make", [tools_sql, context_sql, models_sql])
def test_sums_of_a_session(path: Path, make: Callable[..., tuple[str, list[object]]]) -> None:
    plan = plan_of(path, *make("m", "s", frozenset(EVENT_FIELDS)))
    assert "SEARCH" in plan
    assert "SCAN" not in plan


def test_files_of_a_session(path: Path) -> None:
    plan = plan_of(path, *files_sql("m", "s", ("Edit",)))
    assert "SEARCH call USING INDEX idx_events_session_timestamp" in plan
    assert "SEARCH result USING INDEX idx_events_tool_use_id" in plan


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (SessionQuery().changed_since(5), "idx_sessions_revision"),
        (SessionQuery().active_only().with_active_since(5), "idx_sessions_active"),
        (SessionQuery().with_id_prefix("ab"), "idx_sessions_session_id"),
        (SessionQuery().with_github_pr(5), "idx_sessions_github_pr"),
    ],
)
def test_sessions(path: Path, query: SessionQuery, index: str) -> None:
    end, values = session_sql(query, _COLUMNS)
    assert f"SEARCH sessions USING INDEX {index}" in plan_of(path, f"SELECT * FROM sessions{end}", values)


def test_who_lives_is_asked_without_looking_at_all_sessions(path: Path) -> None:
    for query in (SessionQuery().active_only(), SessionQuery().active_only().with_machine("m")):
        end, values = session_sql(query, _COLUMNS)
        assert "USING INDEX idx_sessions_active" in plan_of(path, f"SELECT * FROM sessions{end}", values)


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        ("events WHERE +session_id = 's' AND uuid = 'u'", "idx_events_uuid"),
        ("events WHERE key = 'k'", "idx_events_key"),
        ("events WHERE twin_key = 't'", "idx_events_twin_key"),
        ("events WHERE timestamp < 5", "idx_events_timestamp"),
        ("sessions WHERE pid = 5", "idx_sessions_pid"),
        ("sessions WHERE status_until <= 5", "idx_sessions_status_until"),
        ("sessions WHERE session_id = 's'", "idx_sessions_session_id"),
    ],
)
def test_lookups(path: Path, condition: str, index: str) -> None:
    plan = plan_of(path, f"SELECT count(*) FROM {condition}", [])
    assert "SEARCH" in plan
    assert index in plan


def test_rates_look_at_the_last_minutes_only(path: Path) -> None:
    plan = plan_of(path, rates_sql(frozenset(EVENT_FIELDS)), [0, 1])
    assert "SEARCH events USING INDEX idx_events_timestamp (timestamp>? AND timestamp<?)" in plan
    assert "SCAN events" not in plan
    assert "SCAN sessions" not in plan
