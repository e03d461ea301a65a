"""Databases that nobody's client wrote: read only, within bounds, and what is good in them counts."""

from __future__ import annotations

import hashlib
import json
import random
import resource
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

import apsw
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from mi6_tui.errors import TranscriptError
from mi6_tui.frameworks.base import Decoded
from mi6_tui.frameworks.opencode import FRAMEWORK
from tests.frameworks.opencode.support import DATA, MACHINE, SECOND, recorded
from tests.hostile.mutate import hostile, spoiled
from tests.hostile.stored import check, kept

_TABLES: Final = ("session", "message", "part")
_MOST_PIECES: Final = 200
"""More than this for a handful of rows goes on for ever."""

_OF_SECOND: Final = ("id", "parent_id", "directory", "title", "version", "time_created", "time_updated")

Row = dict[str, Any]


@cache
def _rows(table: str) -> list[Row]:
    return [json.loads(line) for line in (DATA / f"{table}.jsonl").read_text().splitlines()]


def _loose(table: str) -> str:
    """The table without any rule about what stands in it."""
    return f"CREATE TABLE {table} ({', '.join(_rows(table)[0])})"


def _second(row: Row) -> Row:
    data = json.loads(row["data"])
    kind = {"user": "user", "assistant": "assistant"}.get(data.get("role"), "idle")
    return {
        "id": row["id"], "session_id": row["session_id"], "type": kind, "seq": 1,
        "time_created": row["time_created"], "time_updated": row["time_updated"], "data": row["data"],
    }  # fmt: skip


def _value(chance: random.Random) -> Any:
    found = hostile(chance)
    if isinstance(found, int) and not isinstance(found, bool) and not -(2**63) <= found < 2**63:
        return float(min(max(found, -(10**300)), 10**300))
    if isinstance(found, str):
        data = str(found)[:20_000].encode("utf-8", "surrogatepass")
        return data.decode("utf-8", "replace") if chance.random() < 0.7 else data
    return found if found is None or isinstance(found, int | float) else chance.randbytes(5)


def _spoil(row: Row, chance: random.Random) -> Row:
    row = dict(row)
    for name in row:
        if chance.random() < (0.5 if name == "data" else 0.08):
            if name == "data" and chance.random() < 0.85:
                row[name] = spoiled(row["data"].encode(), chance).decode("utf-8", "replace")
            else:
                row[name] = _value(chance)
    return row


def _insert(connection: apsw.Connection, table: str, row: Row) -> None:
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table}({', '.join(row)}) VALUES ({marks})", tuple(row.values()))


def _ask_all(path: Path) -> int:
    """Ask until there is no more, and check what is told; how many pieces that took."""
    cursor = None
    for number in range(_MOST_PIECES):
        answer = FRAMEWORK.ask(str(path), MACHINE, cursor)
        if answer is None:
            return number
        check(answer.decoded)
        assert len(answer.cursor) < 10_000
        cursor = answer.cursor
        if not answer.more:
            return number
    raise AssertionError("it never comes to an end")


@given(seed=st.integers(0, 2**64 - 1), second=st.booleans())
def test_rows_spoiled_in_any_way_are_survived(seed: int, second: bool) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "opencode.db"
        connection = apsw.Connection(str(path))
        with connection:
            if second:
                connection.execute(SECOND.split("CREATE UNIQUE")[0].replace("PRIMARY KEY", ""))
            else:
                for table in _TABLES:
                    connection.execute(_loose(table))
            for session in chance.sample(_rows("session"), 3):
                if second:
                    names = (
                        "id",
                        "parent_id",
                        "directory",
                        "title",
                        "version",
                        "time_created",
                        "time_updated",
                    )
                    session = {name: session[name] for name in names}
                bad = _spoil(session, chance)
                note(repr(bad))
                _insert(connection, "session_v2" if second else "session", bad)
                for message in [row for row in _rows("message") if row["session_id"] == session["id"]][:8]:
                    row = _spoil(_second(message) if second else message, chance)
                    note(repr(row))
                    _insert(connection, "session_message" if second else "message", row)
                    for part in [one for one in _rows("part") if one["message_id"] == message["id"]][:5]:
                        if not second:
                            _insert(connection, "part", _spoil(part, chance))
        connection.close()
        _ask_all(path)


@given(seed=st.integers(0, 2**64 - 1))
def test_files_with_damaged_pages_are_survived(seed: int) -> None:
    chance = random.Random(seed)
    whole = bytearray(_recorded())
    for _ in range(chance.randint(1, 20)):
        at = chance.randrange(len(whole))
        if chance.random() < 0.5:
            at = at // 4096 * 4096 + chance.randrange(120)  # heads of pages and cells
        whole[at] = chance.randrange(256)
    if chance.random() < 0.1:
        del whole[chance.randrange(len(whole)) :]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "opencode.db"
        path.write_bytes(whole)
        with suppress(TranscriptError):
            _ask_all(path)
        assert [one.name for one in Path(folder).iterdir()] == ["opencode.db"]
        assert path.read_bytes() == whole


@cache
def _recorded() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        recorded(Path(folder) / "o.db")
        return (Path(folder) / "o.db").read_bytes()


_SCHEMAS: Final = {
    "a view without an end": """
        CREATE TABLE message (id, session_id, time_created, time_updated, data);
        CREATE TABLE part (id, message_id, time_created, time_updated, data);
        CREATE VIEW session AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
          SELECT 'ses' || i AS id, NULL AS parent_id, '' AS directory, '' AS title, '' AS version,
          1 AS time_created, 1 AS time_updated FROM n;
    """,
    "columns that grow when they are read": """
        CREATE TABLE session (id, parent_id, directory, version, time_created, time_updated,
          title GENERATED ALWAYS AS (hex(zeroblob(200000000))));
        CREATE TABLE message (id, session_id, time_created, time_updated,
          data GENERATED ALWAYS AS (hex(zeroblob(200000000))));
        CREATE TABLE part (id, message_id, time_created, time_updated, data);
        INSERT INTO session(id, time_created, time_updated) VALUES ('ses', 1, 1);
        INSERT INTO message(id, session_id, time_created, time_updated) VALUES ('msg', 'ses', 1, 1);
    """,
    "virtual tables": """
        CREATE VIRTUAL TABLE session USING fts5(id, parent_id, directory, title, version, time_created,
          time_updated);
        CREATE VIRTUAL TABLE message USING rtree(id, a, b);
        CREATE VIRTUAL TABLE part USING fts5(id);
    """,
    "columns of another name": """
        CREATE TABLE session (x); CREATE TABLE message (y); CREATE TABLE part (z);
        INSERT INTO session VALUES (1);
    """,
    "nothing": "CREATE TABLE unrelated (x)",
}


@pytest.mark.parametrize("name", _SCHEMAS)
def test_a_schema_of_somebody_elses_runs_nothing(name: str, tmp_path: Path) -> None:
    path = tmp_path / "opencode.db"
    with apsw.Connection(str(path)) as connection:
        connection.execute(_SCHEMAS[name])
    connection.close()
    before = hashlib.sha256(path.read_bytes()).digest()
    _ask_in_bounds(path)
    assert hashlib.sha256(path.read_bytes()).digest() == before
    assert [one.name for one in tmp_path.iterdir()] == ["opencode.db"]


def test_triggers_and_defaults_change_nothing(tmp_path: Path) -> None:
    """A default of 30 MB stands in the file once and in each row that is read."""
    path = tmp_path / "opencode.db"
    connection = apsw.Connection(str(path))
    with connection:
        for table in _TABLES:
            connection.execute(_loose(table))
            for row in _rows(table):
                _insert(connection, table, row)
        connection.execute(
            "CREATE TRIGGER t AFTER INSERT ON message BEGIN DELETE FROM session; END;"
            "ALTER TABLE session DROP COLUMN title"
        )
        connection.execute(f"ALTER TABLE session ADD COLUMN title DEFAULT '{'t' * (30 << 20)}'")
    connection.close()
    assert _ask_in_bounds(path)


def _ask_in_bounds(path: Path) -> bool:
    """Ask in a process that may have little memory; whether the database could be read."""
    code = "import sys; from tests.hostile.test_databases import within; sys.exit(within(sys.argv[1]))"
    done = subprocess.run((sys.executable, "-c", code, str(path)), check=False, cwd=Path(__file__).parents[2])
    assert done.returncode in (0, 3)
    return done.returncode == 0


def within(path: str) -> int:
    """Ask with as much memory as a few of the largest rows take; 3 for no such database."""
    resource.setrlimit(resource.RLIMIT_AS, (700 << 20, 700 << 20))
    try:
        _ask_all(Path(path))
    except TranscriptError as error:
        return 3 if len(str(error)) < 500 else 4
    return 0


def test_a_row_that_is_too_large_hides_no_other(tmp_path: Path) -> None:
    path = tmp_path / "opencode.db"
    recorded(path)
    without = _requests(path)
    connection = apsw.Connection(str(path))
    (session,) = connection.execute("SELECT id FROM session LIMIT 1").fetchone() or ("",)
    huge = "INSERT INTO message VALUES (?, ?, 1795415015595, 1795415015595, zeroblob(?))"
    connection.execute(huge, ("msg_huge", session, 65 << 20))
    connection.execute(huge, ("msg_largest", session, 200 << 20))
    connection.close()
    assert _requests(path) == without
    told = kept(Decoded())
    cursor = None
    while (answer := FRAMEWORK.ask(str(path), MACHINE, cursor)) is not None:
        told.add(answer.decoded)
        cursor = answer.cursor
        if not answer.more:
            break
    assert told.malformed == 2


def _requests(path: Path) -> dict[str, tuple[int | None, int | None]]:
    found: dict[str, tuple[int | None, int | None]] = {}
    cursor = None
    for _ in range(_MOST_PIECES):
        answer = FRAMEWORK.ask(str(path), MACHINE, cursor)
        assert answer is not None
        requests = [event for event in answer.decoded.events if event.is_api_request]
        found |= {str(event.key): (event.tokens_input, event.tokens_output) for event in requests}
        cursor = answer.cursor
        if not answer.more:
            break
    assert found
    return found
