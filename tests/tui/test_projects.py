"""The panel of projects beside the list."""

from __future__ import annotations

from mi6_tui.model import Batch
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.widgets.projects import Projects
from tests.tui.conftest import Start, look, press, screen_text
from tests.tui.looking import home, is_shown, names, toasts
from tests.tui.makers import asking, fact, working


def fleet(writer: SqliteStorage) -> None:
    for name, folder in (("a", "web"), ("b", "api"), ("c", "web"), ("d", None), ("e", "[/x] \x1b[31m登录")):
        writer.record(working(name))
        if folder is not None:
            writer.record(Batch(facts=(fact(name, "cwd", f"/w/{folder}"),)))
    writer.record(asking("c"))


async def test_choosing_a_project_shows_its_sessions_alone(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        table = home(pilot).table
        await press(pilot, "p")
        lines = screen_text(pilot)
        assert lines[1].startswith("▌all projects       ◆1   5 ")
        assert lines[2].startswith(" web                ◆1   2 ")
        assert [line[1:11].strip() for line in lines[3:6]] == ["no project", "api", "x] 登录"]
        panel = home(pilot).query_one(Projects)
        assert panel.has_focus
        await press(pilot, "j")
        assert names(table) == ["c", "a"]
        assert "in web  2 of 5" in home(pilot).strip.text
        await press(pilot, "l")
        assert table.has_focus
        await press(pilot, "j", "h")
        assert panel.has_focus
        await press(pilot, "k", "enter")
        assert len(names(table)) == 5
        assert table.has_focus


async def test_esc_shows_all_projects_again(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        table = home(pilot).table
        await press(pilot, "p", "j", "p")
        assert not is_shown(home(pilot).query_one(Projects))
        assert names(table) == ["c", "a"], "closing the panel changes nothing"
        await press(pilot, "escape")
        assert len(names(table)) == 5
        await press(pilot, "p")
        assert home(pilot).query_one(Projects).cursor == 0


async def test_esc_goes_back_one_step_at_a_time(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        table = home(pilot).table
        await press(pilot, "p", "j", "escape")
        panel = home(pilot).query_one(Projects)
        assert table.has_focus
        assert names(table) == ["c", "a"] and is_shown(panel), "the choice stays"
        await press(pilot, "escape")
        assert len(names(table)) == 5 and is_shown(panel)
        await press(pilot, "escape")
        assert not is_shown(panel) and table.has_focus
        await press(pilot, "escape")
        assert pilot.app.screen is home(pilot) and len(names(table)) == 5


async def test_the_panel_follows_what_happens(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        await press(pilot, "p")
        panel = home(pilot).query_one(Projects)
        writer.record(asking("a"))
        writer.record(working("new"))
        await look(pilot)
        assert [(line.name, line.sessions, line.needs_you) for line in panel.rows][:3] == [
            (None, 6, 2),
            ("", 2, 0),
            ("web", 2, 2),
        ]


async def test_a_click_chooses(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        await press(pilot, "p")
        await pilot.click(home(pilot).query_one(Projects), offset=(3, 1))
        await look(pilot)
        assert names(home(pilot).table) == ["c", "a"]


async def test_a_narrow_screen_has_no_room(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start(40, 20) as pilot:
        await press(pilot, "p")
        assert toasts(pilot) == ["the screen is too narrow for projects beside the list"]
        await pilot.resize_terminal(100, 30)
        await press(pilot, "p")
        assert is_shown(home(pilot).query_one(Projects))
        await pilot.resize_terminal(30, 30)
        await pilot.pause()
        assert not is_shown(home(pilot).query_one(Projects))
        assert home(pilot).table.has_focus
