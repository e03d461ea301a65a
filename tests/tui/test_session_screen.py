"""The screen of one session: its head, its tabs, the ways in and out."""

from __future__ import annotations

from pathlib import Path

import pytest

from mi6_tui.model import Batch, EventType
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.screens.session import SessionScreen
from mi6_tui.tui.session.keys import COMMANDS
from tests.storage.original import execute
from tests.tui.conftest import NOW, Clock, Start, app_of, screen_text
from tests.tui.looking import home, selected
from tests.tui.makers import MACHINE, asking, ended, event, session, working
from tests.tui.sessions import open_tab, opened, press, settle, shown

TABS = ["activity", "conversation", "tools", "usage", "files", "why"]


def a_session(writer: SqliteStorage) -> None:
    request = event(
        EventType.API_REQUEST, "a", 20, key="a:req", model="claude-opus-5-5", tokens_input=1_000,
        tokens_cache_read=99_000, tokens_cache_write=0, tokens_output=500, cost_usd=2.5, outcome="tool_use",
        cwd="/home/dev/src/greet", git_branch="wt/shout",
    )  # fmt: skip
    writer.record(working("a", ago=30, title="Add a --shout flag"))
    writer.record(Batch(events=(request,)))
    writer.record(asking("a", ago=10))


async def test_the_head_says_what_it_is_and_does(start: Start, writer: SqliteStorage, clock: Clock) -> None:
    a_session(writer)
    async with start() as pilot:
        screen = await opened(pilot, (MACHINE, "a"))
        name, state, tabs = screen_text(pilot)[:3]
        assert name.startswith(" Add a --shout flag ")
        assert name.endswith("greet · wt/shout · opus-5.5 · claude")
        assert state.startswith(" ◆ permission · waiting 10s  Bash")
        assert state.endswith("$2.50 · 1 request")
        assert tabs.split()[:6] == TABS
        clock.now += 50_000
        screen.tick(clock.now)
        await pilot.pause()
        assert "waiting 1m00" in screen_text(pilot)[1]
        app_of(pilot).feed.note(session("a"), nickname="Shouting")
        await settle(pilot)
        assert screen_text(pilot)[0].startswith(" Shouting ")


async def test_keys_and_the_mouse_turn_the_tabs(start: Start, writer: SqliteStorage) -> None:
    a_session(writer)
    async with start() as pilot:
        screen = await opened(pilot, (MACHINE, "a"))
        for key, expected in (
            ("tab", "conversation"), ("right", "tools"), ("l", "usage"), ("tab", "files"), ("tab", "why"),
            ("tab", "activity"), ("shift+tab", "why"), ("left", "files"), ("h", "usage"),
            ("w", "why"), ("w", "usage"),
        ):  # fmt: skip
            await press(pilot, key)
            assert open_tab(screen) == expected, key
            assert [tab.LABEL for tab in screen.tabs.values() if tab.display] == [expected]
        line = screen_text(pilot)[2]
        for name in TABS:
            await pilot.click("#tabs", offset=(line.index(name), 0))
            await settle(pilot)
            assert open_tab(screen) == name


async def test_what_is_hidden_asks_nothing(start: Start, writer: SqliteStorage) -> None:
    a_session(writer)
    async with start() as pilot:
        screen = await opened(pilot, (MACHINE, "a"))

        def asked() -> set[str]:
            return {name.split()[-1] for name in app_of(pilot).feed._questions if name.startswith("session ")}

        assert asked() == {"row", "latest"}
        await press(pilot, "tab", "tab")
        assert asked() == {"row", "tools"}
        app_of(pilot).action_help()
        await settle(pilot)
        assert asked() == set()
        await press(pilot, "escape")
        assert asked() == {"row", "tools"}
        await press(pilot, "escape")
        assert asked() == set()
        assert not screen.is_attached


async def test_back_returns_to_the_row(start: Start, writer: SqliteStorage) -> None:
    for name in "abc":
        writer.record(working(name))
    for key in ("escape", "q"):
        async with start() as pilot:
            await opened(pilot, (MACHINE, "c"))
            await press(pilot, key)
            assert pilot.app.screen is home(pilot)
            assert selected(home(pilot).table) == "c"


async def test_n_goes_round_those_that_need_you(start: Start, writer: SqliteStorage) -> None:
    for name in "abcd":
        writer.record(working(name))
    for name in "bd":
        writer.record(asking(name))
    async with start() as pilot:
        order = [key[1] for key in home(pilot).table.rows.keys][:2]
        assert sorted(order) == ["b", "d"]
        await opened(pilot, (MACHINE, order[0]), tab="why")
        await press(pilot, "n")
        assert shown(pilot).key == (MACHINE, order[1])
        assert open_tab(shown(pilot)) == "why"
        assert len(pilot.app.screen_stack) == 2
        await press(pilot, "N")
        assert shown(pilot).key == (MACHINE, order[0])
        assert any("Decided by" in line for line in screen_text(pilot))
        await press(pilot, "escape")
        assert selected(home(pilot).table) == order[0]


async def test_opening_is_looking(start: Start, writer: SqliteStorage, clock: Clock) -> None:
    writer.record(working("a", ago=30))
    writer.record(Batch(events=(event(EventType.STOP, "a", 20, key="stop"),)))
    async with start() as pilot:
        row = writer.get_session("a")
        assert row is not None and row.status_shown == "your turn" and row.seen_at is None
        await opened(pilot, (MACHINE, "a"))
        row = writer.get_session("a")
        assert row is not None and row.seen_at == NOW and row.status_shown == "idle"
        clock.now += 60_000
        await press(pilot, "escape")
        row = writer.get_session("a")
        assert row is not None and row.seen_at == NOW


async def test_a_session_that_ends_or_is_deleted_stays_on_the_screen(
    start: Start, writer: SqliteStorage, store_path: Path
) -> None:
    a_session(writer)
    async with start() as pilot:
        screen = await opened(pilot, (MACHINE, "a"))
        writer.record(ended("a"))
        await settle(pilot)
        assert "✓ ended" in screen_text(pilot)[1]
        writer.gc(0)
        execute(store_path, "DELETE FROM sessions")
        execute(store_path, "DELETE FROM events")
        await settle(pilot)
        assert screen_text(pilot)[1] == " ▲ the store no longer holds this session"
        for name in TABS:
            screen.open_tab(name)
            await settle(pilot)
            await press(pilot, "j", "G", "g", "enter", "space")
        await press(pilot, "escape")
        while pilot.app.screen is screen:
            await press(pilot, "escape")
        assert pilot.app.screen is home(pilot)


async def test_a_session_nobody_knows(start: Start) -> None:
    async with start() as pilot:
        await opened(pilot, (MACHINE, "nobody\x1b[2J"))
        assert "no longer holds" in screen_text(pilot)[1]
        for name in TABS:
            shown(pilot).open_tab(name)
            await settle(pilot)
        await press(pilot, "y", "r", ".", "f", "escape")


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 10), (8, 3)])
async def test_any_size_and_resize(start: Start, writer: SqliteStorage, width: int, height: int) -> None:
    a_session(writer)
    async with start(width, height) as pilot:
        screen = await opened(pilot, (MACHINE, "a"))
        for name in TABS:
            screen.open_tab(name)
            await settle(pilot)
            for line in screen_text(pilot):
                assert len(line) <= width
            await pilot.resize_terminal(120, 30)
            await settle(pilot)
            assert screen_text(pilot)[2].split()[:6] == TABS
            await pilot.resize_terminal(width, height)
            await settle(pilot)


async def test_name_and_pin_are_noted(start: Start, writer: SqliteStorage) -> None:
    a_session(writer)
    async with start() as pilot:
        await opened(pilot, (MACHINE, "a"))
        await press(pilot, "full_stop")
        row = writer.get_session("a")
        assert row is not None and row.pinned
        await press(pilot, "r")
        await pilot.press(*"Loud", "enter")
        await settle(pilot)
        row = writer.get_session("a")
        assert row is not None and row.nickname == "Loud"
        assert "Loud" in screen_text(pilot)[0]
        await press(pilot, "r", "escape", "tab")
        assert open_tab(shown(pilot)) == "conversation"


async def test_a_screen_that_is_left_at_once_asks_for_no_name(start: Start, writer: SqliteStorage) -> None:
    a_session(writer)
    writer.record(asking("b", ago=10))
    async with start() as pilot:
        screen = await opened(pilot, (MACHINE, "a"))
        screen.action_rename()
        screen.action_step(1)  # both before anything is painted
        await settle(pilot)
        assert shown(pilot).key == (MACHINE, "b")


def test_no_two_commands_have_one_name_or_key() -> None:
    names = [command.id for command in COMMANDS]
    keys = [key for command in COMMANDS for key in command.keys.split(",")]
    assert len(names) == len(set(names))
    assert len(keys) == len(set(keys))
    assert all(hasattr(SessionScreen, f"action_{command.action.partition('(')[0]}") for command in COMMANDS)
