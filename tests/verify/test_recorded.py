"""The recorded homes of all clients: two independent counts of the same files agree."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import apsw
import pytest

from mi6_tui.frameworks.base import Framework
from mi6_tui.ingest.discover import default_roots, existing, walk
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import SessionQuery
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.verify import NAMES, Comparison, File, Held, Numbers, compare, recount
from tests.verify.homes import DATA, unpack

REQUESTS = {
    "claude": 122,
    "codex": 69,
    "gemini": 50,
    "copilot": 34,
    "opencode": 32,
    "qwen": 51,
    "pi": 27,
    "amp": 6,
}
"""Of the client's billed requests those that its files tell of."""


def _home(client: str, home: Path) -> None:
    if client == "opencode":
        _database(home / ".local" / "share" / "opencode" / "opencode.db")
    else:
        unpack(client, home)


def _database(path: Path) -> None:
    path.parent.mkdir(parents=True)
    connection = apsw.Connection(str(path))
    (schema,) = (DATA / "opencode").glob("*.sql")
    connection.execute(schema.read_text())
    connection.execute("PRAGMA foreign_keys = 0")
    for table in ("session", "message", "part"):
        for line in (DATA / "opencode" / f"{table}.jsonl").read_text().splitlines():
            row: dict[str, Any] = json.loads(line)
            values = [json.dumps(v) if isinstance(v, dict | list) else v for v in row.values()]
            columns, marks = ", ".join(row), ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)
    connection.close()


def compared(client: Framework, home: Path, store: Path) -> Comparison:
    """The scan of `home` into a new store beside the second count of it."""
    files: Sequence[File] = [
        File(path)
        for root in existing(default_roots([client], {}, home), print)
        for path, _, _ in walk(root, print)
    ]
    storage = SqliteStorage(store)
    try:
        assert not Scanner(storage, [client], "box", env={}, home=home, watch=False).scan_once().problems
        rows = {
            session.session_id: Numbers(*(getattr(session, name) for name in NAMES))
            for session in storage.list_sessions(SessionQuery())
        }
    finally:
        storage.close()
    held = {session: Held(row, row) for session, row in rows.items()}
    return compare(held, recount(client.name, files))


@pytest.mark.parametrize("client", REQUESTS)
def test_both_counts_of_a_recorded_home_agree(client: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    _home(client, home)
    framework: Framework = import_module(f"mi6_tui.frameworks.{client}").FRAMEWORK
    found = compared(framework, home, tmp_path / "mi6.db")
    assert found.differences == []
    assert found.files == found.store
    assert found.files.api_request_count == REQUESTS[client]
