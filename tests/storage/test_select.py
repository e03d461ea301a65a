"""SQL of the user's own: it may ask everything and change nothing."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.errors import StorageError, UsageError
from mi6_tui.model import Batch, Event, EventType
from mi6_tui.storage.selection import VIEWS, RefusedError
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.storage.sqlite.select import selected
from tests.storage.original import execute, write_original

NOW = 1_795_392_000_000
MODEL = "claude-opus-5-5"


def event(event_type: str, second: int, **fields: Any) -> Event:
    base: dict[str, Any] = {
        "machine_id": "m",
        "session_id": "s",
        "framework": "claude",
        "source": "transcript",
        "cwd": "/src/greet",
    }
    return Event(event_type=event_type, timestamp=NOW + second * 1000, **(base | fields))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "mi6.db"
    request = {"model": MODEL, "tokens_input": 1_000, "tokens_output": 0}
    with closing(SqliteStorage(found, clock=lambda: NOW)) as store:
        store.record(
            Batch(
                events=(
                    event(EventType.API_REQUEST, 1, key="r1", **request),
                    event(EventType.API_REQUEST, 2, key="r2", cost_usd=0.5, is_sidechain=True, **request),
                    event(EventType.API_REQUEST, 3, key="r3", source="hook", **request),
                    event(EventType.PRE_TOOL_USE, 4, tool_use_id="t1", tool_name="Bash", preview="ls"),
                    event(EventType.POST_TOOL_USE, 6, tool_use_id="t1", duration_ms=2_000, outcome="ok"),
                    event(EventType.PRE_TOOL_USE, 7, tool_use_id="t2", tool_name="Read"),
                )
            )
        )
    return found


def ask(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with selected(path, sql) as answer:
        return list(answer.rows)


def test_requests_are_those_that_count(path: Path) -> None:
    sql = "SELECT timestamp, project, cost_usd, cost_source, price_id, subagent FROM v_requests ORDER BY 1"
    assert ask(path, sql) == [
        (NOW + 1_000, "greet", 0.004, "estimated", f"anthropic/{MODEL}", 0),
        (NOW + 2_000, "greet", 0.5, "recorded", None, 1),
    ]


def test_usage_and_sessions_agree_with_the_requests(path: Path) -> None:
    expected = ask(path, "SELECT count(*), sum(tokens_input), sum(cost_usd) FROM v_requests")
    assert ask(path, "SELECT api_request_count, tokens_input, cost_usd FROM v_sessions") == expected
    days = "SELECT api_request_count, tokens_input, cost_usd FROM v_usage_by_day WHERE day = '2026-11-23'"
    assert ask(path, days) == expected


def test_a_tool_call_has_its_end(path: Path) -> None:
    sql = "SELECT tool_name, ended_at - started_at, duration_ms, outcome FROM v_tool_calls ORDER BY id"
    assert ask(path, sql) == [("Bash", 2_000, 2_000, "ok"), ("Read", None, None, None)]


def test_columns_have_names_also_without_rows(path: Path) -> None:
    with selected(path, "SELECT id AS number, 1 FROM events WHERE 0") as answer:
        assert (answer.columns, list(answer.rows)) == (("number", "1"), [])


def test_columns_of_one_name_are_told_apart(path: Path) -> None:
    with selected(path, "SELECT 1 AS a, 2 AS a, 3 AS 'a:1', 4 AS a") as answer:
        assert (answer.columns, list(answer.rows)) == (("a", "a:1", "a:1:1", "a:2"), [(1, 2, 3, 4)])


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM events",
        "UPDATE sessions SET title = 'x'",
        "INSERT INTO files(path) VALUES ('x')",
        "CREATE TABLE x (y)",
        "CREATE TEMP TABLE x (y)",
        "DROP VIEW temp.v_sessions",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA user_version",
        "ATTACH 'other.db' AS other",
        "VACUUM INTO 'copy.db'",
        "BEGIN",
    ],
)
def test_nothing_but_reading_is_allowed(path: Path, sql: str) -> None:
    before = path.read_bytes()
    with pytest.raises(RefusedError, match="only reading is allowed"):
        ask(path, sql)
    assert path.read_bytes() == before
    assert not (path.parent / "other.db").exists()


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELEC 1", "syntax error"),
        ("SELECT * FROM nowhere", "no such table: nowhere; there are v_sessions"),
        ("SELECT nonsense FROM events", "no such column: nonsense$"),
        ("SELECT 1; SELECT 2", "more than one statement"),
        ("SELECT 1; DELETE FROM events", "more than one statement|only reading"),
        ("", "no question"),
        ("-- nothing", "no question"),
        ("SELECT ?", "bindings|parameter|value"),
    ],
)
def test_what_is_no_question_is_said(path: Path, sql: str, reason: str) -> None:
    with pytest.raises((UsageError, RefusedError), match=reason):
        ask(path, sql)
    assert execute(path, "SELECT count(*) FROM events") == [(6,)]


def test_the_store_holds_no_view(path: Path) -> None:
    for name in VIEWS:
        ask(path, f"SELECT * FROM {name}")
    assert execute(path, "SELECT name FROM sqlite_schema WHERE type IN ('view', 'trigger')") == []


def test_a_file_that_the_original_wrote_can_be_asked(tmp_path: Path) -> None:
    path = tmp_path / "mi6.db"
    write_original(path)
    assert ask(path, "SELECT count(*) FROM events") == [(3,)]
    with pytest.raises(UsageError, match=r"no such table: v_sessions$"):
        ask(path, "SELECT * FROM v_sessions")


def test_without_a_store_there_is_nothing_to_ask(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="there is no store"):
        ask(tmp_path / "mi6.db", "SELECT 1")
