"""The selected session's details: when they show, what they say, how they follow."""

from __future__ import annotations

import pytest

from mi6_tui.model import Batch, EventType
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.screens.home import HomeScreen
from tests.tui.conftest import Start, look, press, screen_text
from tests.tui.looking import home, is_shown
from tests.tui.makers import asking, ended, event, fact, working


async def test_details_follow_the_size_until_they_are_asked_for(start: Start, writer: SqliteStorage) -> None:
    for number in range(20):
        writer.record(working(f"s{number}"))
    async with start(120, 24) as pilot:
        screen = home(pilot)
        assert not is_shown(screen.details)
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert is_shown(screen.details)
        await press(pilot, "d")
        assert not is_shown(screen.details)
        await press(pilot, "d")
        await pilot.resize_terminal(120, 20)
        await pilot.pause()
        assert is_shown(screen.details)


async def test_a_short_list_leaves_room_for_details(start: Start, writer: SqliteStorage) -> None:
    for number in range(13):
        writer.record(working(f"s{number}"))
    async with start(80, 24) as pilot:
        screen = home(pilot)
        assert is_shown(screen.details)
        assert all(f"session s{number} " in "\n".join(screen_text(pilot)) for number in range(13))
        writer.record(working("one more"))
        await look(pilot)
        assert not is_shown(screen.details)
        writer.record(ended("one more"))
        await look(pilot)
        assert is_shown(screen.details)
        await press(pilot, "a")
        assert not is_shown(screen.details)


@pytest.mark.parametrize("width", [20, 30, 40, 60, 80])
async def test_a_narrow_screen_keeps_what_matters_most(
    start: Start, writer: SqliteStorage, width: int
) -> None:
    writer.record(working("a", title="Port the parser"))
    writer.record(asking("a"))
    async with start(width, 35) as pilot:
        lines = screen_text(pilot)
        (row,) = (line for line in lines if line.startswith("▌"))
        assert "◆" in row
        assert "Port" in row
        place = next(number for number, line in enumerate(lines) if line.startswith(" Port"))
        assert lines[place].startswith(" Port the parser")
        assert lines[place + 1].startswith(" ◆ permission")
        assert lines[place + 2].startswith(" context")


async def test_details_say_why_and_what_happened(start: Start, writer: SqliteStorage) -> None:
    writer.record(
        Batch(events=(event(EventType.USER_PROMPT_SUBMIT, "a", 30, key="p", preview="clean [/up]"),))
    )
    writer.record(asking("a"))
    async with start() as pilot:
        words = "\n".join(screen_text(pilot))
        assert "◆ permission · waiting since 14:02:06: it asks for a permission: Bash" in words
        assert "hook · high confidence" in words
        assert "clean [/up]" in words


async def test_details_show_what_is_known_of_the_cost(start: Start, writer: SqliteStorage) -> None:
    writer.record(working("a"))
    async with start() as pilot:
        assert any(line.endswith(" 0 requests · 0 tools") for line in screen_text(pilot))
        request = event(EventType.API_REQUEST, "a", key="r", model="m", tokens_output=9, cost_usd=2.5)
        writer.record(Batch(events=(request,)))
        await look(pilot)
        assert any(line.endswith(" $2.50 · 1 request · 0 tools") for line in screen_text(pilot))


async def test_tags_stand_behind_the_name(start: Start, writer: SqliteStorage) -> None:
    writer.record(working("a", title="Port the parser"))
    writer.record(Batch(facts=(fact("a", "tags", "later [/x]"),)))
    async with start() as pilot:
        assert any(line.startswith(" Port the parser #later #[/x]") for line in screen_text(pilot))


async def test_a_group_has_no_details_of_a_session(start: Start, writer: SqliteStorage) -> None:
    writer.record(working("a", title="Port the parser"))
    async with start() as pilot:
        await press(pilot, "ctrl+g", "k")
        assert home(pilot).table.selected is None
        assert sum("Port the parser" in line for line in screen_text(pilot)) == 1


async def test_a_hidden_panel_asks_nothing(start: Start, writer: SqliteStorage) -> None:
    writer.record(working("a"))
    async with start() as pilot:
        assert is_watching(home(pilot))
        await press(pilot, "d")
        assert not is_watching(home(pilot))
        await press(pilot, "d", "question_mark")
        assert not is_watching(home(pilot))
        await press(pilot, "escape")
        assert is_watching(home(pilot))


def is_watching(screen: HomeScreen) -> bool:
    return screen._feed._watched is not None
