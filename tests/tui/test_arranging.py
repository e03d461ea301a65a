"""Home as the user arranges it: order by click and key, groups, what ended, what is hidden."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from mi6_tui.model import Batch, EventType
from mi6_tui.query import Sort
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.columns import column_named
from mi6_tui.tui.columns.column import Column, Live, Vitals
from mi6_tui.tui.rows import Head, SessionRows
from mi6_tui.tui.sorting import is_measured, reversed_sort, sort_key, sorted_by
from mi6_tui.tui.view import View
from mi6_tui.tui.widgets.session_table import SessionTable
from tests.tui.conftest import NOW, Start, look, press, screen_text
from tests.tui.looking import home, names, selected
from tests.tui.makers import asking, ended, event, fact, session, working


def costing(name: str, dollars: float | None) -> Batch:
    """A session whose only request cost so much."""
    kind = EventType.API_REQUEST
    request = event(kind, name, 20, key=f"{name}:r", model="m", tokens_output=9, cost_usd=dollars)
    return Batch(events=(*working(name).events, request))


def head_x(pilot: Pilot[None], title: str) -> int:
    """Cell in which a column's title begins."""
    (line,) = (line for line in screen_text(pilot) if "Session" in line and "State" in line)
    return line.index(title)


async def click_head(pilot: Pilot[None], title: str, *, shift: bool = False) -> None:
    await pilot.click(home(pilot).table, offset=(head_x(pilot, title), 0), shift=shift)
    await look(pilot)


async def test_a_click_on_a_head_sorts_and_another_turns_round(start: Start, writer: SqliteStorage) -> None:
    for name, dollars in (("a", 1.0), ("b", 3.0), ("c", None), ("d", 2.0)):
        writer.record(costing(name, dollars))
    async with start() as pilot:
        table = home(pilot).table
        await click_head(pilot, "Cost")
        assert names(table) == ["b", "d", "a", "c"]
        assert "↓Cost" in screen_text(pilot)[1]
        assert selected(table) == "a", "the cursor stays on its session"
        await click_head(pilot, "Cost")
        assert names(table) == ["a", "d", "b", "c"]
        assert "↑Cost" in screen_text(pilot)[1]
        await click_head(pilot, "Session")
        assert names(table) == ["a", "b", "c", "d"]
        assert "Session↑" in screen_text(pilot)[1]


async def test_shift_and_click_adds_a_key(start: Start, writer: SqliteStorage) -> None:
    for name, dollars, folder in (("a", 1.0, "x"), ("b", 3.0, "y"), ("c", 2.0, "x")):
        writer.record(costing(name, dollars))
        writer.record(Batch(facts=(fact(name, "cwd", f"/w/{folder}"),)))
    async with start(160, 35) as pilot:
        table = home(pilot).table
        await click_head(pilot, "Project")
        await click_head(pilot, "Cost", shift=True)
        assert names(table) == ["c", "a", "b"]
        assert "Project↑1" in screen_text(pilot)[1]
        assert "↓2Cost" in screen_text(pilot)[1]
        await click_head(pilot, "Project", shift=True)
        assert names(table) == ["b", "c", "a"]
        await click_head(pilot, "Project")
        assert str(home(pilot).view.sort) == "project"


async def test_keys_go_through_the_columns_and_come_round(start: Start, writer: SqliteStorage) -> None:
    writer.record(costing("a", 1.0))
    async with start() as pilot:
        screen = home(pilot)
        count = len(screen.table.slots)
        seen = []
        for _ in range(count + 1):
            await press(pilot, "s")
            seen.append(str(screen.view.sort or "attention"))
        assert seen[0] == "status"
        assert "cost" in seen
        assert "attention" in seen, "after the last column"
        await press(pilot, "s")
        before = str(screen.view.sort)
        await press(pilot, "S")
        assert str(screen.view.sort) == f"-{before}"


async def test_rows_hold_still_under_keys_but_not_under_a_sort(start: Start, writer: SqliteStorage) -> None:
    for name in "abc":
        writer.record(costing(name, 1.0))
    async with start() as pilot:
        table = home(pilot).table
        await press(pilot, "j")
        writer.record(asking("c"))
        await look(pilot)
        assert names(table) == ["a", "b", "c"]
        await press(pilot, "S")
        assert names(table) == ["b", "a", "c"], "by attention the other way round"


async def test_groups_collapse_by_key_and_click(start: Start, writer: SqliteStorage) -> None:
    for name, folder in (("a", "web"), ("b", "api"), ("c", "web")):
        writer.record(costing(name, 2.0))
        writer.record(Batch(facts=(fact(name, "cwd", f"/w/{folder}"),)))
    writer.record(asking("c"))
    async with start() as pilot:
        table = home(pilot).table
        await press(pilot, "ctrl+g")
        lines = screen_text(pilot)
        assert "▾ web  2 sessions · 1 needs you · $4.00" in lines[2]
        assert "▾ api  1 session · $2.00" in lines[5]
        assert names(table) == ["c", "a", "b"]
        assert selected(table) == "c"
        await press(pilot, "left")
        assert table.cursor == Head("web")
        assert names(table) == ["b"]
        assert "▌▸ web  2 sessions" in screen_text(pilot)[2]
        await press(pilot, "right")
        assert names(table) == ["c", "a", "b"]
        await press(pilot, "enter")
        assert names(table) == ["b"]
        await press(pilot, "enter", "j")
        await pilot.click(table, offset=(4, 4))
        await look(pilot)
        assert names(table) == ["c", "a"]
        assert table.cursor == Head("api")
        for _ in range(4):
            await press(pilot, "ctrl+g")
        assert home(pilot).view.group == ""
        assert names(table) == ["c", "a", "b"]


async def test_a_head_changes_when_its_sessions_do(start: Start, writer: SqliteStorage) -> None:
    writer.record(working("a"))
    writer.record(working("b"))
    async with start() as pilot:
        await press(pilot, "ctrl+g", "j")
        assert "no project  2 sessions" in screen_text(pilot)[2]
        writer.record(asking("b"))
        await look(pilot)
        assert "no project  2 sessions · 1 needs you" in screen_text(pilot)[2]


async def test_no_figure_of_a_head_is_cut(start: Start, writer: SqliteStorage) -> None:
    writer.record(costing("a", 2.0))
    writer.record(asking("a"))
    for width, expected in (
        (60, "▾ no project  1 session · 1 needs you · $2.00"),
        (46, "▾ no project  1 session · 1 needs you"),
        (36, "▾ no project  1 session"),
        (20, "▾ no project"),
    ):
        async with start(width, 20) as pilot:
            await press(pilot, "ctrl+g")
            assert screen_text(pilot)[2].strip() == expected


async def test_ended_sessions_come_with_a(start: Start, writer: SqliteStorage) -> None:
    for name in "ab":
        writer.record(working(name))
    writer.record(ended("b"))
    async with start() as pilot:
        table = home(pilot).table
        assert names(table) == ["a"]
        await press(pilot, "a")
        assert names(table) == ["a", "b"]
        await press(pilot, "a")
        assert names(table) == ["a"]


# The keys of an order.


def column(name: str) -> Column:
    found = column_named(name)
    assert found is not None
    return found


def test_a_column_beside_the_rows_sorts_too() -> None:
    used = {"a": 3.0, "b": 50.0, "c": None}
    key = sort_key(column("cpu"), lambda key: Live(Vitals(cpu=used[key[1]])))
    assert key is not None
    sort = sorted_by(None, key)
    assert is_measured(sort)
    some = [session(name) for name in used]
    assert [one.session_id for one in sort.sorted(some, NOW)] == ["b", "a", "c"]
    turned = sorted_by(sort, key)
    assert [one.session_id for one in turned.sorted(some, NOW)] == ["a", "b", "c"]
    assert not is_measured(Sort.parse("cost"))


def test_the_attention_order_turned_round_begins_with_who_needs_least() -> None:
    some = [session("a", status_shown="waiting"), session("b"), session("c", status_shown="idle")]
    assert [one.session_id for one in reversed_sort(None).sorted(some, NOW)] == ["c", "b", "a"]


# The cursor.

_VIEWS = (
    View(),
    View(ended=True),
    View(sort=Sort.parse("cost")),
    View(group="status"),
    View(sort=Sort.parse("-name"), group="project"),
)
_STEPS = st.one_of(
    st.lists(
        st.builds(
            session,
            st.sampled_from("abcdef"),
            status_shown=st.sampled_from(["waiting", "working", "idle", "ended"]),
            cost_usd=st.sampled_from([None, 1.0, 2.0]),
            pinned=st.booleans(),
        ),
        max_size=4,
    ),
    st.sampled_from(_VIEWS),
    st.integers(-3, 3),
)


class TableAlone(App[None]):
    """Nothing but a list."""

    def __init__(self) -> None:
        super().__init__()
        self.table = SessionTable(SessionRows(), NOW)

    def compose(self) -> ComposeResult:
        yield self.table


async def cursor_stays(steps: list[object]) -> None:
    async with TableAlone().run_test(size=(80, 6)) as pilot:
        assert isinstance(pilot.app, TableAlone)
        table = pilot.app.table
        for step in steps:
            before = table.cursor
            if isinstance(step, list):
                table.show(step, NOW)
            elif isinstance(step, View):
                table.look_at(step, NOW)
            elif isinstance(step, int):
                table.move(step)
                before = None
            if before is not None and table.rows.place_of(before) is not None:
                assert table.cursor == before
            if len(table.rows) and before is not None:
                assert table.rows.place_of(table.cursor) is not None


@settings(deadline=None, max_examples=20)
@given(st.lists(_STEPS, max_size=12))
def test_the_cursor_stays_on_what_it_stands_on_while_that_is_shown(steps: list[object]) -> None:
    asyncio.run(cursor_stays(steps))
