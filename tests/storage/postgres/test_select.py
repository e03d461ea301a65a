"""SQL of the user's own over a database: views and answers are as over a file, and nothing is changed."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.cli import main
from mi6_tui.errors import StorageError, UsageError
from mi6_tui.model import Batch, Event, EventType
from mi6_tui.storage import Storage
from mi6_tui.storage.postgres import PostgresStorage
from mi6_tui.storage.postgres import select as there
from mi6_tui.storage.postgres.roles import roles_sql
from mi6_tui.storage.selection import VIEWS, RefusedError
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.storage.sqlite import select as here
from tests.storage.postgres.server import PostgresServer

NOW = 1_795_392_000_000
MODEL = "claude-opus-5-5"


def event(event_type: str, second: int, **fields: Any) -> Event:
    facts: dict[str, Any] = {
        "machine_id": "desk",
        "session_id": "s",
        "framework": "claude",
        "source": "transcript",
        "cwd": "/src/greet",
    }
    return Event(event_type=event_type, timestamp=NOW + second * 1000, **(facts | fields))


REQUEST: dict[str, Any] = {
    "event_type": EventType.API_REQUEST,
    "model": MODEL,
    "tokens_input": 1_000,
    "tokens_output": 0,
}
BATCH = Batch(
    events=(
        event(second=1, key="r1", transcript_path="/t/a.jsonl", byte_offset=7, byte_length=9, **REQUEST),
        event(second=2, key="r2", cost_usd=0.5, is_sidechain=True, agent_id="a", **REQUEST),
        event(second=3, key="r3", source="hook", **REQUEST),
        event(second=4, key="r4", **REQUEST | {"model": "nobody's"}, tokens_incomplete=True),
        event(second=5, key="r5", machine_id="build", cwd="/", **REQUEST),
        event(second=-(2**50), key="r6", session_id="old", cwd=None, **REQUEST),
        event(EventType.PRE_TOOL_USE, 4, key="t1", tool_use_id="t1", tool_name="Bash", preview="ls\x00%s"),
        event(EventType.POST_TOOL_USE, 6, key="t2", tool_use_id="t1", duration_ms=2_000, outcome="ok"),
        event(EventType.PRE_TOOL_USE, 7, key="t3", tool_use_id="t2", tool_name="Read", is_sidechain=True),
    )
)


@pytest.fixture
def filled(url: str) -> str:
    with closing(PostgresStorage(url, clock=lambda: NOW)) as store:
        store.record(BATCH)
    return url


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mi6.db"
    with closing(SqliteStorage(path, clock=lambda: NOW)) as store:
        store.record(BATCH)
    return path


def ask(url: str, sql: str) -> list[tuple[Any, ...]]:
    with there.selected(url, sql) as answer:
        return list(answer.rows)


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_as_over_a_file(filled: str, file: Path, view: str) -> None:
    sql = f"SELECT * FROM {view}"
    with here.selected(file, sql) as mine, there.selected(filled, sql) as theirs:
        assert theirs.columns == mine.columns
        found = sorted(mine.rows, key=repr)
        assert len(found) >= 2
        assert sorted(theirs.rows, key=repr) == found


def test_values_are_those_that_a_file_has_too(filled: str) -> None:
    sql = "SELECT true, 2.50, 2::numeric, 'x', NULL, '\\x01'::bytea, 1e300, DATE '2026-11-23', ARRAY[1, 2]"
    assert ask(filled, sql) == [(1, 2.5, 2, "x", None, b"\x01", 1e300, "2026-11-23", "[1, 2]")]


def test_names_are_told_apart_and_signs_of_percent_are_signs(filled: str) -> None:
    with there.selected(
        filled, "SELECT id, id FROM v_requests WHERE model LIKE 'claude%s' OR true;"
    ) as answer:
        assert answer.columns == ("id", "id:1")
        assert len(list(answer.rows)) == 5


def test_rows_come_as_they_are_read(filled: str) -> None:
    with there.selected(filled, "SELECT generate_series(1, 2500)") as answer:
        assert [row for (row,) in answer.rows] == list(range(1, 2501))


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM events",
        "  insert into files(path) VALUES ('x')",
        "WITH gone AS (DELETE FROM events RETURNING id) SELECT * FROM gone",
        "SELECT nextval('files_id_seq')",
        "COPY events TO PROGRAM 'true'",
        "CREATE TABLE t(x int)",
        "SET default_transaction_read_only = off",
    ],
)
def test_what_does_not_only_read_is_refused(filled: str, storage: Storage, sql: str) -> None:
    before = storage.count()
    with pytest.raises(RefusedError, match="only reading is allowed"):
        ask(filled, sql)
    assert storage.count() == before


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("", "there is no question"),
        ("SELECT 1; DELETE FROM events", "that is more than one statement"),
        ("SELEC 1", 'syntax error at or near "SELEC"'),
        ("SELECT * FROM v_session", 'relation "v_session" does not exist'),
        ("SELECT 1 / 0", "division by zero"),
        ("SELECT $1", "requires 1"),
        ("SELECT set_config('transaction_read_only', 'off', true)", "must be set before any query"),
    ],
)
def test_what_cannot_be_answered_is_the_askers_fault(
    filled: str, storage: Storage, sql: str, why: str
) -> None:
    before = storage.count()
    with pytest.raises(UsageError, match=why.replace("(", r"\(")):
        ask(filled, sql)
    assert storage.count() == before


def test_a_question_that_takes_too_long_ends(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(there, "_LONGEST", 20)
    with pytest.raises(StorageError, match="did not answer within"):
        ask(filled, "SELECT count(*) FROM generate_series(1, 1000000000)")


def test_who_may_only_look_may_ask(server: PostgresServer, filled: str) -> None:
    seen = ", ".join(("mi6_tui_migrations", *VIEWS))
    server.run(f"CREATE ROLE looker LOGIN; GRANT SELECT ON {seen} TO looker", "shared")
    try:
        assert ask(server.url("shared", user="looker"), "SELECT count(*) FROM v_sessions") == [(3,)]
    finally:
        server.run("DROP OWNED BY looker", "shared")
        server.run("DROP ROLE looker")


def test_the_rights_of_a_viewer_reach_to_the_views() -> None:
    assert all(view in roles_sql() for view in VIEWS)


def test_the_command_prints_what_it_prints_of_a_file(
    filled: str,
    file: Path,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MI6_TUI_HOME", str(tmp_path / "state"))
    sql = "SELECT machine_id, count(*) AS n, sum(cost_usd) AS usd FROM v_requests GROUP BY 1 ORDER BY 1"
    said = []
    for place in (str(file), filled):
        for options in ((), ("--json",)):
            assert main(["--db", place, "sql", sql, *options]) == 0
            said.append(capsys.readouterr().out)
    assert said[:2] == said[2:]
    assert '"machine_id":"build"' in said[1]
