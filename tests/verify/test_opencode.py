"""The second count of opencode's databases, by what a reader of the rows can add up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import apsw
import pytest

from mi6_tui.errors import TranscriptError
from mi6_tui.verify import File, Numbers, recount

_TABLES = """
CREATE TABLE session (id TEXT, parent_id TEXT, time_created INTEGER);
CREATE TABLE message (id TEXT, session_id TEXT, time_created INTEGER, data TEXT);
CREATE TABLE part (message_id TEXT, data TEXT);
"""
_NEW_TABLES = """
CREATE TABLE session_v2 (id TEXT, parent_id TEXT, time_created INTEGER);
CREATE TABLE session_message (id TEXT, session_id TEXT, type TEXT, time_created INTEGER, data TEXT);
"""


class Database:
    """A small one; every session was made at 100."""

    def __init__(self, path: Path, tables: str) -> None:
        self.path = path
        self.connection = apsw.Connection(str(path))
        self.connection.execute(tables)

    def session(self, name: str, parent: str | None = None, table: str = "session") -> None:
        self.connection.execute(f"INSERT INTO {table} VALUES (?, ?, 100)", (name, parent))

    def message(self, name: str, session: str, at: int = 200, **data: Any) -> None:
        row = (name, session, at, json.dumps({"role": "assistant"} | data))
        self.connection.execute("INSERT INTO message VALUES (?, ?, ?, ?)", row)

    def row(self, name: str, session: str, kind: str = "assistant", **data: Any) -> None:
        row = (name, session, kind, 200, json.dumps(data))
        self.connection.execute("INSERT INTO session_message VALUES (?, ?, ?, ?, ?)", row)

    def count(self) -> dict[str, Numbers]:
        self.connection.close()
        return {name: sums.own for name, sums in recount("opencode", [File(str(self.path))]).items()}


def _tokens(sent: int, said: int, thought: int, read: int, written: int) -> dict[str, Any]:
    return {"input": sent, "output": said, "reasoning": thought, "cache": {"read": read, "write": written}}


@pytest.fixture
def old(tmp_path: Path) -> Database:
    return Database(tmp_path / "opencode.db", _TABLES)


def test_replies_of_a_session_and_of_its_subagents(old: Database) -> None:
    old.session("root")
    old.session("child", "root")
    old.session("grandchild", "child")
    for number, session in enumerate(("root", "child", "grandchild")):
        old.message(f"m{number}", session, tokens=_tokens(10, 2, 3, 40, 7))
    old.message("u", "root", role="user")
    assert old.count() == {"root": Numbers(3, 30, 15, 120, 21)}


def test_a_fork_begins_with_copies(old: Database) -> None:
    old.session("fork")
    old.message("copy", "fork", at=99, tokens=_tokens(10, 2, 0, 0, 0))
    old.message("older", "fork", at=200, time={"created": 50}, tokens=_tokens(10, 2, 0, 0, 0))
    old.message("own", "fork", at=100, tokens=_tokens(1, 2, 0, 0, 0))
    assert old.count() == {"fork": Numbers(1, 1, 2, 0, 0)}


def test_only_what_came_from_the_model_was_billed(old: Database) -> None:
    old.session("s")
    old.message("failed", "s", error={"name": "APIError"}, time={"completed": 300})
    old.message("empty", "s", tokens=_tokens(0, 0, 0, 0, 0))
    old.message("done", "s", time={"completed": 1_795_415_016_562})
    old.message("cut", "s")
    part = json.dumps({"type": "text", "text": "So far"})
    old.connection.execute("INSERT INTO part VALUES ('cut', ?)", (part,))
    old.connection.execute("INSERT INTO message VALUES ('broken', 's', 200, '{')")
    assert old.count() == {"s": Numbers(2, 0, 0, 0, 0)}


def test_newer_tables_hold_for_a_session_in_both(tmp_path: Path) -> None:
    both = Database(tmp_path / "opencode.db", _TABLES + _NEW_TABLES)
    both.session("s")
    both.session("old")
    both.session("s", table="session_v2")
    both.message("m1", "s", tokens=_tokens(10, 2, 0, 0, 0))
    both.message("m2", "old", tokens=_tokens(5, 1, 0, 0, 0))
    both.row("m1", "s", tokens=_tokens(10, 2, 0, 0, 0))
    both.row("m3", "s", content=[{"type": "text", "text": "x"}])
    both.row("m4", "s", "compaction", status="completed", tokens=_tokens(100, 3, 0, 0, 0))
    both.row("m5", "s", "compaction", status="running", tokens=_tokens(100, 3, 0, 0, 0))
    both.row("m6", "s", "user", text="x")
    assert both.count() == {"s": Numbers(3, 110, 5, 0, 0), "old": Numbers(1, 5, 1, 0, 0)}


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "opencode.db").write_text("no database at all, and long enough to look at" * 20)
    with pytest.raises(TranscriptError, match="cannot be read"):
        recount("opencode", [File(str(tmp_path / "opencode.db"))])
