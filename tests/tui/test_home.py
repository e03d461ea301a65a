"""The real dashboard, driven by keys: messages and state first."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events
from textual.message import Message
from textual.pilot import Pilot

from mi6_tui.model import Batch, EventType
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui import feed
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.columns import Vitals
from mi6_tui.tui.commands import GLOBAL, HOME
from mi6_tui.tui.screens.help import HelpScreen
from mi6_tui.tui.screens.session import SessionScreen
from mi6_tui.tui.vitals import VitalsNews
from mi6_tui.tui.widgets.session_table import SessionTable
from tests.tui.conftest import NOW, Start, app_of, look, press, screen_text
from tests.tui.looking import home, is_shown, names, selected, toasts, wheel
from tests.tui.makers import MACHINE, asking, ended, event, working


async def test_the_first_paint_comes_from_the_store(storage: SqliteStorage) -> None:
    storage.record(working("a", title="Port the parser"))
    app = Mi6App(storage, clock=lambda: NOW, live=False)
    async with app.run_test(size=(120, 35)) as pilot:
        await pilot.pause()
        assert any("Port the parser" in line for line in screen_text(pilot))


async def test_an_empty_store_says_what_to_do_and_fills_live(
    start: Start, writer: SqliteStorage, tmp_path: Path
) -> None:
    folders = tmp_path / "here", tmp_path / "missing"
    folders[0].mkdir()
    async with start(folders=folders) as pilot:
        words = "\n".join(screen_text(pilot))
        assert "No sessions yet." in words
        assert "D shows invented sessions" in words
        assert any("here" in line and "no transcripts in it yet" in line for line in screen_text(pilot))
        assert any("missing" in line and "does not exist" in line for line in screen_text(pilot))
        writer.record(working("a", title="It is here"))
        await look(pilot)
        assert any("It is here" in line for line in screen_text(pilot))
        assert not is_shown(home(pilot).empty)
        assert selected(home(pilot).table) == "a"


async def test_before_the_store_was_asked_for_all_sessions_nothing_is_said_of_them(
    storage: SqliteStorage, writer: SqliteStorage
) -> None:
    writer.record(working("a"))
    writer.record(ended("a"))
    async with Mi6App(storage, live=False).run_test() as pilot:
        await pilot.pause()
        assert not is_shown(home(pilot).empty)
        await look(pilot)
        assert is_shown(home(pilot).empty)


async def test_a_store_of_ended_sessions_says_so(start: Start, writer: SqliteStorage) -> None:
    writer.record(working("a"))
    writer.record(ended("a"))
    async with start() as pilot:
        assert any("1 session has ended" in line for line in screen_text(pilot))
        await press(pilot, "a")
        assert names(home(pilot).table) == ["a"]
        await press(pilot, "a")
        assert names(home(pilot).table) == []
        await press(pilot, "enter", "j", "G", "d", "n", "space", "escape")
        assert any("1 session has ended" in line for line in screen_text(pilot))


async def test_keys_move_the_cursor(start: Start, writer: SqliteStorage) -> None:
    for number in range(60):
        writer.record(working(f"s{number:02}", ago=10))
    async with start(80, 24) as pilot:
        table = home(pilot).table
        assert names(table) == [f"s{number:02}" for number in range(60)]
        page = table.size.height - 1
        for keys, expected in (
            ("j", 1), ("down", 2), ("k", 1), ("up", 0), ("up", 0), ("G", 59), ("g", 0), ("end", 59),
            ("home", 0), ("pagedown", page), ("pageup", 0), ("ctrl+d", round(page / 2)), ("ctrl+u", 0),
        ):  # fmt: skip
            await pilot.press(keys)
            assert table.rows.place_of(table.cursor) == expected, keys
        await press(pilot, "G")
        assert any("s59" in line for line in screen_text(pilot))


async def test_the_cursor_stays_on_its_session_when_rows_move(start: Start, writer: SqliteStorage) -> None:
    for name in "abcde":
        writer.record(working(name))
    async with start() as pilot:
        table = home(pilot).table
        await press(pilot, "j", "j")
        assert selected(table) == "c"
        writer.record(asking("e"))
        await look(pilot)
        assert names(table) == ["a", "b", "c", "d", "e"], "rows hold still while keys are pressed"
        session = table.rows.get((MACHINE, "e"))
        assert session is not None
        assert session.status_shown == "waiting", "but they tell the truth"
        table.settle()
        assert names(table) == ["e", "a", "b", "c", "d"]
        assert selected(table) == "c"
        writer.record(asking("d"))
        await look(pilot)
        assert names(table) == ["d", "e", "a", "b", "c"]
        assert selected(table) == "c"


async def test_the_selected_row_keeps_its_line_when_rows_enter_above(
    start: Start, writer: SqliteStorage
) -> None:
    for number in range(60):
        writer.record(working(f"s{number:02}"))
    async with start(80, 24) as pilot:
        table = home(pilot).table
        for _ in range(40):
            await pilot.press("j")
        table.settle()
        place = table.rows.place_of(table.cursor)
        assert place is not None
        line = place - table.first_line
        for number in range(3):
            writer.record(asking(f"s{50 + number}"))
        await look(pilot)
        moved = table.rows.place_of(table.cursor)
        assert moved == place + 3
        assert moved - table.first_line == line


async def test_the_selected_row_stays_in_view_when_it_falls(start: Start, writer: SqliteStorage) -> None:
    for number in range(60):
        writer.record(working(f"s{number:02}"))
    writer.record(asking("s59"))
    async with start(80, 24) as pilot:
        table = home(pilot).table
        assert selected(table) == "s59"
        writer.record(working("s59", ago=1))
        await look(pilot)
        assert table.rows.place_of(table.cursor) == 59
        assert any("▌● thinking" in line and "s59" in line for line in screen_text(pilot))


async def test_when_the_selected_session_leaves_its_neighbour_is_selected(
    start: Start, writer: SqliteStorage
) -> None:
    for name in "abc":
        writer.record(working(name))
    async with start() as pilot:
        table = home(pilot).table
        await press(pilot, "j")
        table.settle()
        writer.record(ended("b"))
        await look(pilot)
        assert names(table) == ["a", "c"]
        assert selected(table) == "c"


async def test_the_mouse_selects_and_scrolls(start: Start, writer: SqliteStorage) -> None:
    for number in range(60):
        writer.record(working(f"s{number:02}"))
    async with start(80, 24) as pilot:
        table = home(pilot).table
        await pilot.click(table, offset=(5, 4))
        assert selected(table) == "s03"
        for turn, scrolled in ((events.MouseScrollDown, True), (events.MouseScrollUp, False)):
            table.post_message(wheel(turn, table))
            await pilot.pause()
            assert bool(table.first_line) is scrolled
            assert selected(table) == "s03"


async def test_a_session_is_opened_and_left(start: Start, writer: SqliteStorage) -> None:
    for name in "ab":
        writer.record(working(name))
    async with start() as pilot:
        await press(pilot, "j", "enter")
        screen = pilot.app.screen
        assert isinstance(screen, SessionScreen)
        assert screen.key == (MACHINE, "b")
        assert app_of(pilot).looked_at == (MACHINE, "b")
        await press(pilot, "escape", "w")
        assert any("Decided by" in line for line in screen_text(pilot))
        await press(pilot, "escape")
        assert is_at_home(pilot)
        assert app_of(pilot).looked_at is None
        assert selected(home(pilot).table) == "b"


async def test_a_double_click_asks_for_the_terminal(storage: SqliteStorage) -> None:
    storage.record(working("a"))
    storage.record(working("b"))
    app = Mi6App(storage, clock=lambda: NOW, env={}, live=False)
    seen: list[Message] = []
    async with app.run_test(size=(120, 35), message_hook=seen.append) as pilot:
        await look(pilot)
        await pilot.click(home(pilot).table, offset=(5, 2))
        await pilot.pause()
        assert not any(isinstance(message, SessionTable.Activated) for message in seen)
        await pilot.click(home(pilot).table, offset=(5, 2), times=2)
        await pilot.pause()
        assert any(isinstance(message, SessionTable.Activated) for message in seen)
        assert selected(home(pilot).table) == "b"


async def test_n_goes_through_those_that_need_the_user_and_moves_no_row(
    start: Start, writer: SqliteStorage
) -> None:
    for number in range(40):
        writer.record(working(f"s{number:02}"))
    async with start(80, 24) as pilot:
        table = home(pilot).table
        await press(pilot, "j")
        for name in ("s05", "s30"):
            writer.record(asking(name))
        await look(pilot)
        before = names(table)
        for key, expected in (("n", "s05"), ("n", "s30"), ("n", "s05"), ("N", "s30"), ("N", "s05")):
            await press(pilot, key)
            assert selected(table) == expected
            assert any(line.startswith("▌◆") for line in screen_text(pilot))
        assert names(table) == before


async def test_n_says_when_nobody_needs_the_user(start: Start, writer: SqliteStorage) -> None:
    writer.record(working("a"))
    async with start() as pilot:
        await press(pilot, "n")
        assert toasts(pilot) == ["nobody on show needs you"]


async def test_rates_and_vitals_come_into_their_cells(start: Start, writer: SqliteStorage) -> None:
    """4500 tokens in the last five minutes are 900 a minute; where nothing was asked there are none."""
    request = event(EventType.API_REQUEST, "a", 60, key="r", model="m", tokens_input=500, tokens_output=4000)
    writer.record(Batch(events=(request,)))
    writer.record(working("b"))
    async with start(200, 35) as pilot:
        screen = home(pilot)
        screen.tick()
        await look(pilot)
        assert "Tok/min" in screen_text(pilot)[1]
        (row,) = (line for line in screen_text(pilot) if "session a " in line and "thinking" in line)
        assert "······▁" in row
        assert "900 tok/min" in screen.header.text
        selected = screen.table.selected
        assert selected is not None
        screen.take_vitals(
            VitalsNews({selected.key: Vitals(cpu=12.5, memory=2**20, children=2, ports=(3000,))})
        )
        await pilot.pause()
        words = "\n".join(screen_text(pilot))
        assert "12.5% cpu" in words
        assert "2 processes below it" in words
        assert ":3000" in words


def is_at_home(pilot: Pilot[None]) -> bool:
    return pilot.app.screen is home(pilot)


async def test_help_names_every_key(start: Start) -> None:
    async with start(120, 150) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(pilot.app.screen, HelpScreen)
        words = "\n".join(screen_text(pilot))
        for command in (*HOME, *GLOBAL):
            assert f"{command.shown} " in words
        await pilot.press("escape")
        assert is_at_home(pilot)


async def test_help_scrolls_on_a_small_screen(start: Start) -> None:
    async with start(80, 24) as pilot:
        await press(pilot, "question_mark")
        top = screen_text(pilot)
        assert "Keys" in top[1]
        await press(pilot, "j", "j")
        # All but the scroll bar.
        assert screen_text(pilot)[1][:70] == top[3][:70]
        await press(pilot, "k", "k")
        assert screen_text(pilot)[1][:70] == top[1][:70]


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_quitting(start: Start, key: str) -> None:
    async with start() as pilot:
        await pilot.press(key)
        assert pilot.app.return_code == 0


async def test_a_session_that_is_forgotten_leaves_the_list(
    start: Start, writer: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "COUNT_EVERY", 0.0)
    for name in "abc":
        writer.record(working(name))
    writer.record(asking("b"))
    async with start() as pilot:
        table = home(pilot).table
        assert selected(table) == "b" and "1 needs you" in screen_text(pilot)[0]
        await press(pilot, "space")
        writer.forget("b")
        await look(pilot)
        assert names(table) == ["a", "c"]
        assert selected(table) == "a"
        assert table.picked == set()
        assert "nobody needs you" in screen_text(pilot)[0]
        assert not any("permission" in line for line in screen_text(pilot))
