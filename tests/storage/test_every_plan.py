"""No statement that the program runs goes through everything ever recorded, but for those named here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from mi6_tui.cli import COMMANDS, main
from mi6_tui.model import EventQuery, SessionQuery
from mi6_tui.paths import paths
from mi6_tui.storage import Storage
from mi6_tui.storage.conformance import Clock, StorageConformance
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.storage.sqlite.connection import connect
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.navigator import PAGES
from mi6_tui.tui.screens.session import _TABS
from tests.commands.transcripts import write_session
from tests.storage.planned import Plans
from tests.tui.conftest import look
from tests.tui.sessions import open_tab, opened, settle

ALLOWED: Final = {
    r"SELECT count\(\*\) FROM events": "how many there are is counted, in the smallest index",
    r"SELECT 1 FROM tombstones LIMIT 1": "one row answers it",
    r"SELECT DISTINCT file_id FROM events WHERE file_id IN \(SELECT value FROM json_each\(\?\)\)": (
        "once for each session that is forgotten: which of its files hold others as well"
    ),
    r"UPDATE events SET file_id = \? WHERE file_id = \?": "once, if a file moves to where another was read",
    r"INSERT INTO usage SELECT .* FROM events WHERE event_type = 'ApiRequest' GROUP BY 1, 2, 3, 4, 5": (
        "a migration"
    ),
    r"SELECT machine_id, session_id, state FROM session_state": "a migration",
    r"SELECT id, event_type, preview, payload FROM events WHERE event_type IN \([^)]*\) ORDER BY id": (
        "a migration"
    ),
}
"""Patterns of statements that may walk through a large table, and why."""

LISTED: Final = re.compile(
    r"SELECT .* FROM events LEFT JOIN files ON files\.id = events\.file_id(?: WHERE (?P<filters>.*))?"
    r" ORDER BY events\.(?:timestamp|id) (?:asc|desc)(?:, events\.id (?:asc|desc))?(?P<limit> LIMIT \?)?"
)
"""A list of events, in an order in which they can be walked."""
WALKED: Final = {
    "events.event_type = ? COLLATE NOCASE": "`events --type`",
    "events.framework = ?": "`events --framework`",
    "events.permission_mode = ?": "`events --mode`",
}
"""Filters of such a list that no index serves, and who asks by them.

As long as they find something the walk ends at its limit. Of what is rare, or nowhere, all events are looked
at: 0.2 s of processor for a million. An index on the type would do without, and make the store 7 % larger.
"""
ASKED_IN_FULL: Final = {
    **WALKED,
    "events.event_type = 'ApiRequest'": "`bench --peer` adds up all requests",
    "events.event_type <> 'ApiRequest'": "nothing here: whoever has the package as a library",
    "events.id > ?": "the same, where the order is that of time",
}
"""Filters with which the interface of a store allows to ask for everything; of the program a bench does."""


def is_walked(sql: str, plan: Sequence[str], filters: Collection[str], *, in_full: bool) -> bool:
    """Whether it is a list that may be walked: by no other filters, to a limit if not `in_full`, unsorted."""
    listed = LISTED.fullmatch(sql)
    return (
        listed is not None
        and (in_full or listed["limit"] is not None)
        and set((listed["filters"] or "").split(" AND ")) <= {"", *filters}
        and not any("TEMP B-TREE" in step for step in plan)
    )


def needless(plans: Plans, filters: Collection[str], *, in_full: bool = False) -> dict[str, list[str]]:
    """The statements that walk through a large table without a reason, and where they do."""
    return {
        sql: steps
        for sql, steps in plans.walks().items()
        if not is_walked(sql, plans.of[sql], filters, in_full=in_full)
        and not any(re.fullmatch(pattern, sql) for pattern in ALLOWED)
    }


PROGRAM: Final = Plans()
"""Of what the program asks."""
LIBRARY: Final = Plans()
"""Of what can be asked of a store."""


@pytest.fixture
def looked_at() -> Iterator[None]:
    """Looks at each statement that the program runs in a test."""
    with PROGRAM.noting():
        yield
    assert needless(PROGRAM, WALKED) == {}, "a statement needs an index, or its reason above"


class TestEveryMethod(StorageConformance):
    """What the conformance tests ask of a store."""

    @pytest.fixture(autouse=True)
    def looked_at(self) -> Iterator[None]:
        """Looks at each statement that a test here ran."""
        with LIBRARY.noting():
            yield
        found = needless(LIBRARY, ASKED_IN_FULL, in_full=True)
        assert found == {}, "a statement needs an index, or its reason above"

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
    "events": (
        ("events",),
        ("events", "--type", "Stop"),
        ("events", "--framework", "claude"),
        ("events", "--mode", "plan"),
        ("events", "--type", "Stop", "--framework", "claude", "--mode", "plan"),
        ("events", "--session", "first"),
        ("events", "--session", "first", "--type", "Stop"),
        ("events", "--after-id", "3"),
        ("events", "--after-id", "3", "--type", "Stop", "--mode", "plan"),
    ),
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
    "serve": "its dashboards ask as the one below",
    "demo": "a store of its own, by the methods above",
    "replay": "a store of its own, by the methods above",
    "bench": "it runs the program",
    "push": "it needs a database; what it asks of the file is looked at where it is tested",
}


def test_every_command_is_asked_or_named() -> None:
    assert {*ASKED, *NOT_ASKED} == set(COMMANDS)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a user with two sessions."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MI6_TUI_HOME", str(tmp_path / "state"))
    write_session(tmp_path, "first")
    write_session(tmp_path, "second")
    return tmp_path


@pytest.mark.usefixtures("looked_at", "home")
@pytest.mark.parametrize("command", ASKED)
def test_every_command(command: str) -> None:
    if command != "scan":
        main(["scan"])
    for argv in ASKED[command]:
        main(argv)


@pytest.mark.usefixtures("looked_at", "home")
async def test_every_page_of_the_dashboard() -> None:
    main(["scan"])
    with closing(SqliteStorage(paths().store)) as store:
        app = Mi6App(store, live=False)
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.press("a")  # those that ended as well
            await look(pilot)
            for page in PAGES:
                app.show_page(page)
                await settle(pilot)
            session, _ = store.list_sessions(SessionQuery())
            for tab in _TABS:
                assert open_tab(await opened(pilot, session.key, tab)) == tab


def test_a_walk_is_noticed(tmp_path: Path) -> None:
    SqliteStorage(tmp_path / "mi6.db").close()
    plans = Plans()
    with plans.noting(), closing(connect(tmp_path / "mi6.db", writable=False)) as connection:
        connection.execute("SELECT max(preview) FROM events AS e")
        connection.execute("SELECT 1 FROM events WHERE preview = 'p'")
        connection.execute("SELECT 1 FROM events WHERE session_id = 's'")
    assert len(plans.of) == 4, "connecting asks the schema"
    assert list(plans.walks().values()) == [["SEARCH e"], ["SCAN events"]]


@pytest.mark.parametrize(
    ("query", "fine"),
    [
        (EventQuery(limit=50), True),
        (EventQuery(limit=50, order_by="id"), True),
        (EventQuery(limit=50, event_type="Stop", framework="claude", permission_mode="plan"), True),
        (EventQuery(), False),
        (EventQuery(event_type="Stop"), False),
        (EventQuery(limit=50, only_api_requests=True), False),
        (EventQuery(limit=50, event_type="Stop", no_api_requests=True), False),
    ],
)
def test_a_walk_needs_a_limit_and_a_reason_for_its_filters(
    tmp_path: Path, query: EventQuery, fine: bool
) -> None:
    plans = Plans()
    with plans.noting(), closing(SqliteStorage(tmp_path / "mi6.db")) as store:
        store.query(query)
    assert len(needless(plans, WALKED)) == (not fine)
    assert needless(plans, ASKED_IN_FULL, in_full=True) == {}
