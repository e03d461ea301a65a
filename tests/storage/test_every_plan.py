"""No statement that the program runs goes through everything ever recorded, but for those named here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from mi6_tui.cli import COMMANDS, main
from mi6_tui.storage import Storage
from mi6_tui.storage.conformance import Clock, StorageConformance
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.storage.sqlite.connection import connect
from tests.commands.transcripts import write_session
from tests.storage.planned import Plans

ALLOWED: Final = {
    r"SELECT .* ORDER BY events\.(timestamp|id) (asc|desc)(, events\.id (asc|desc))?( LIMIT \?)?": (
        "a list of events is walked in the order it is asked in, and ends at its limit"
    ),
    r"SELECT count\(\*\) FROM events": "how many there are is counted, in the smallest index",
    r"SELECT 1 FROM tombstones LIMIT 1": "one row answers it",
    r"SELECT DISTINCT file_id FROM events WHERE file_id IN .*": "whose files a forgotten session shared",
    r"UPDATE events SET file_id = \? WHERE file_id = \?": "a file moved to where another was read",
    r"INSERT INTO usage SELECT .*": "a migration",
    r"SELECT machine_id, session_id, state FROM session_state": "a migration",
    r"SELECT id, event_type, preview, payload FROM events WHERE event_type IN \([^)]*\) ORDER BY id": (
        "a migration"
    ),
}
"""Patterns of statements that may walk through a large table, and why."""

PLANS: Final = Plans()


@pytest.fixture(autouse=True)
def every_plan() -> Iterator[None]:
    """Looks at each statement that a test here ran."""
    with PLANS.noting():
        yield
    walks = {
        sql: steps
        for sql, steps in PLANS.walks().items()
        if not any(re.fullmatch(pattern, sql) for pattern in ALLOWED)
    }
    assert walks == {}, "a statement needs an index, or its reason above"


class TestEveryMethod(StorageConformance):
    """What the conformance tests ask of a store."""

    @pytest.fixture
    def storage(self, clock: Clock, tmp_path: Path) -> Iterator[Storage]:
        with closing(SqliteStorage(tmp_path / "mi6.db", clock=clock)) as store:
            yield store


ASKED: Final = {
    "remote": (("remote", "list"),),
    "scan": (("scan",), ("scan", "--full")),
    "sessions": (
        ("sessions",),
        ("sessions", "--active", "--framework", "claude"),
        ("sessions", "--where", "a"),
    ),
    "session": (("session", "first"),),
    "next": (("next",),),
    "events": (("events", "--type", "Stop"), ("events", "--session", "first"), ("events", "--after-id", "3")),
    "search": (("search", "hello"), ("search", "hel*", "--sort", "best", "--since", "2026-11-01")),
    "stats": (("stats", "--by", "model"), ("stats", "--by", "session"), ("stats", "--since", "7d")),
    "explain": (("explain", "first"),),
    "verify": (("verify",),),
    "status": (("status",),),
    "doctor": (("doctor",),),
    "fleet": (("fleet", "machines"),),
    "gc": (("gc", "--dry-run"), ("gc", "--older-than", "0s")),
    "forget": (("forget", "first", "--dry-run"), ("forget", "first", "--yes"), ("forget", "first", "--undo")),
}
NOT_ASKED: Final = {
    "sql": "its statement is the user's own",
    "ingest": "its payload comes from stdin; what it records goes the way of all batches",
    "enable": "it writes the clients' settings",
    "disable": "it writes the clients' settings",
    "schema": "it opens no store",
    "serve": "its dashboards ask, by the methods above",
    "demo": "a store of its own, by the methods above",
    "replay": "a store of its own, by the methods above",
    "bench": "it runs the program",
    "push": "it needs a database; what it asks of the file is looked at where it is tested",
}


def test_every_command_is_asked_or_named() -> None:
    assert {*ASKED, *NOT_ASKED} == set(COMMANDS)


@pytest.mark.parametrize("command", ASKED)
def test_every_command(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MI6_TUI_HOME", str(tmp_path / "state"))
    write_session(tmp_path, "first")
    write_session(tmp_path, "second")
    if command != "scan":
        main(["scan"])
    for argv in ASKED[command]:
        main(argv)


def test_a_walk_is_noticed(tmp_path: Path) -> None:
    SqliteStorage(tmp_path / "mi6.db").close()
    plans = Plans()
    with plans.noting(), closing(connect(tmp_path / "mi6.db", writable=False)) as connection:
        connection.execute("SELECT max(preview) FROM events AS e")
        connection.execute("SELECT 1 FROM events WHERE preview = 'p'")
        connection.execute("SELECT 1 FROM events WHERE session_id = 's'")
    assert len(plans.of) == 4, "connecting asks the schema"
    assert list(plans.walks().values()) == [["SEARCH e"], ["SCAN events"]]
