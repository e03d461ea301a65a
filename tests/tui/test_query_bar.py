"""The line in which a query is written: preview, colours, faults, completions, history."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from mi6_tui.query import Completion, QueryError, complete, parse
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.widgets import query_bar
from mi6_tui.tui.widgets.prompt import Prompt
from mi6_tui.tui.widgets.query_bar import Known, QueryBar
from tests.tui.conftest import NOW, Clock, Start, look, press, screen_text, until
from tests.tui.looking import home, is_shown, names, selected, toasts
from tests.tui.makers import asking, ended, session, working

_KEYS = {
    " ": "space", ":": "colon", ">": "greater_than_sign", "<": "less_than_sign", "-": "minus",
    '"': "quotation_mark", "(": "left_parenthesis", ")": "right_parenthesis", "~": "tilde",
}  # fmt: skip


async def write(pilot: Pilot[None], text: str) -> None:
    await pilot.press(*(_KEYS.get(character, character) for character in text))
    await look(pilot)


def fleet(writer: SqliteStorage) -> None:
    for name, title in (("a", "Port the parser"), ("b", "Fix the login"), ("c", "Parse the logs")):
        writer.record(working(name, title=title))
    writer.record(asking("b"))
    writer.record(working("d", title="Old parser"))
    writer.record(ended("d"))


async def test_what_is_written_is_shown_at_once_and_kept_by_enter(
    start: Start, writer: SqliteStorage
) -> None:
    fleet(writer)
    async with start() as pilot:
        table = home(pilot).table
        assert names(table) == ["b", "a", "c"]
        await press(pilot, "slash")
        await write(pilot, "pars")
        assert names(table) == ["a", "c"]
        assert screen_text(pilot)[1].endswith("2 of 3")
        await write(pilot, "er")
        assert names(table) == ["a"]
        await press(pilot, "enter")
        assert names(table) == ["a"]
        assert " / parser  1 of 3" in screen_text(pilot)[1]
        assert table.has_focus
        await press(pilot, "escape")
        assert names(table) == ["b", "a", "c"]
        assert not is_shown(home(pilot).strip)


async def test_escape_brings_back_what_was_there(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        table = home(pilot).table
        await press(pilot, "slash")
        await write(pilot, "status:waiting")
        await press(pilot, "enter", "slash")
        await write(pilot, " nothing")
        assert names(table) == []
        assert any("No session is what you ask for." in line for line in screen_text(pilot))
        await press(pilot, "escape")
        assert names(table) == ["b"]
        assert selected(table) == "b"
        assert home(pilot).strip.text.startswith(" / status:waiting")


async def test_keys_of_home_are_letters_here(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        await press(pilot, "slash")
        await write(pilot, "quantum?")
        assert pilot.app.return_code is None
        assert is_shown(home(pilot).query_one(QueryBar))
        assert home(pilot).query_one(QueryBar).field.value == "quantum?"


async def test_what_ended_is_counted_where_nothing_else_is_found(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        await press(pilot, "slash")
        await write(pilot, "old")
        await press(pilot, "enter")
        assert any("1 that ended would be: a shows them" in line for line in screen_text(pilot))
        await press(pilot, "a")
        assert names(home(pilot).table) == ["d"]


async def test_a_fault_is_pointed_at_and_the_good_part_is_shown(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        table = home(pilot).table
        await press(pilot, "slash")
        await write(pilot, "parse cots>3")
        lines = screen_text(pilot)
        assert lines[1].startswith(" / parse cots>3")
        assert lines[2][: lines[2].index("^")].isspace()
        assert lines[2].index("^") == lines[1].index("cots")
        assert lines[2].count("^") == len("cots")
        assert "no field is called 'cots'; did you mean cost?" in lines[3]
        assert names(table) == ["a", "c"]
        await press(pilot, "enter")
        assert is_shown(home(pilot).query_one(QueryBar)), "a query that is none is not kept"
        assert "not a query yet" in screen_text(pilot)[1]


async def test_tab_takes_a_completion_and_arrows_choose_one(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        table = home(pilot).table
        field = "status:"
        await press(pilot, "slash")
        await write(pilot, "stat")
        await press(pilot, "tab")
        bar = home(pilot).query_one(QueryBar)
        assert bar.field.value == field
        expected = [one.text for one in complete(field, len(field), list(table.rows.sessions()), NOW)]
        await press(pilot, "down", "down")
        await press(pilot, "enter")
        assert bar.field.value == field + expected[1], "Enter takes what was chosen"
        assert is_shown(bar)
        await press(pilot, "enter")
        assert not is_shown(bar)


async def test_escape_lets_go_of_a_completion_before_it_leaves(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        await press(pilot, "slash")
        await write(pilot, "parse stat")
        bar = home(pilot).query_one(QueryBar)
        await press(pilot, "down", "escape")
        assert is_shown(bar) and bar.field.value == "parse stat"
        await press(pilot, "escape")
        assert not is_shown(bar) and home(pilot).table.has_focus


async def test_a_click_takes_a_completion(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        await press(pilot, "slash")
        await write(pilot, "proj")
        line = next(number for number, line in enumerate(screen_text(pilot)) if "   project:" in line)
        await pilot.click(offset=(5, line))
        await look(pilot)
        assert home(pilot).query_one(QueryBar).field.value == "project:"


async def test_a_click_into_the_list_keeps_what_is_found(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        screen = home(pilot)
        await press(pilot, "slash")
        await write(pilot, "parse")
        await pilot.click(screen.table, offset=(5, 2))
        await look(pilot)
        assert not is_shown(screen.query_one(QueryBar))
        assert names(screen.table) == ["a", "c"]
        assert selected(screen.table) == "c"
        await press(pilot, "r", "x")
        await pilot.click(screen.table, offset=(5, 1))
        await look(pilot)
        assert not any(is_shown(prompt) for prompt in screen.query(Prompt))


async def test_up_brings_back_earlier_queries(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        for text in ("parser", "login"):
            await press(pilot, "slash")
            await write(pilot, text)
            await press(pilot, "enter", "escape")
        await press(pilot, "slash")
        await write(pilot, "x")
        bar = home(pilot).query_one(QueryBar)
        for key, expected in (
            ("up", "login"), ("up", "parser"), ("up", "parser"), ("down", "login"), ("down", "x"),
        ):  # fmt: skip
            await press(pilot, key)
            assert bar.field.value == expected


async def test_the_parts_of_a_query_have_inks_of_their_own(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        await press(pilot, "slash")
        await write(pilot, "status:waiting or x")
        strip = pilot.app.screen._compositor.render_strips()[1]
        colours = {
            segment.text.strip(): segment.style.color
            for segment in strip
            if segment.style is not None and segment.text.strip()
        }
        assert len({colours["status"], colours[":"], colours["waiting"], colours["or"]}) == 4


async def test_time_alone_makes_sessions_come_and_go(
    start: Start, writer: SqliteStorage, clock: Clock
) -> None:
    writer.record(working("young", ago=30))
    writer.record(working("old", ago=300))
    async with start() as pilot:
        screen = home(pilot)
        await press(pilot, "slash")
        await write(pilot, "age<1m")
        await press(pilot, "enter")
        assert names(screen.table) == ["young"]
        screen.table.settle()
        clock.now += 60_000
        for _ in range(10):
            screen.tick()
        assert names(screen.table) == []


@pytest.mark.parametrize("text", ["[/x] [bold]", '"登录 👩', "((((", "\\", "a" * 500, "x:~[[[", "| or or"])
async def test_any_text_can_be_written(start: Start, writer: SqliteStorage, text: str) -> None:
    fleet(writer)
    async with start(60, 20) as pilot:
        await press(pilot, "slash")
        bar = home(pilot).query_one(QueryBar)
        bar.field.value = text
        await look(pilot)
        await press(pilot, "tab", "up", "down", "enter", "escape")
        assert pilot.app.return_code is None


class BarAlone(App[None]):
    """A bar over more sessions than are looked through at every key."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.previews: list[str] = []
        self.bar = QueryBar(Known(lambda: 10_000, self._complete))

    def _complete(self, text: str, cursor: int) -> Sequence[Completion]:
        self.asked += 1
        return complete(text, cursor, [session("a")], NOW)

    def compose(self) -> ComposeResult:
        yield self.bar

    def on_query_bar_previewed(self, message: QueryBar.Previewed) -> None:
        self.previews.append(str(message.query))


async def test_many_sessions_are_looked_through_once_typing_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_bar, "_PAUSE", 3600.0)
    app = BarAlone()
    async with app.run_test() as pilot:
        app.bar.ask("/", "")
        await pilot.pause()
        before = app.asked
        await pilot.press(*"parser")
        await pilot.pause()
        assert app.asked == before
        await pilot.press("enter")
        await pilot.pause()
        assert app.previews[-1:] == ["parser"], "Enter does not wait"


async def test_the_pause_ends_by_itself() -> None:
    app = BarAlone()
    async with app.run_test() as pilot:
        app.bar.ask("/", "")
        await pilot.press(*"parser")
        await until(pilot, lambda: app.previews[-1:] == ["parser"])


async def test_letters_right_behind_the_slash_are_the_querys(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        for character in "/qxtc":
            key = {"/": "slash"}.get(character, character)
            # As from a terminal that sent them all at once.
            pilot.app.post_message(events.Key(key, character))
        await until(pilot, lambda: bool(home(pilot).query(QueryBar)))
        await until(pilot, lambda: len(home(pilot).query_one(QueryBar).field.value) == 4)
        assert home(pilot).query_one(QueryBar).field.value == "qxtc"
        assert pilot.app.screen is home(pilot)
        assert pilot.app.return_code is None


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("status:waiting\nbranch~feat\r\nx", "status:waiting branch~feat x"),
        ("a\n", "a"),
        ("a" * 1999, "a" * 1999),
        ("b" * 5000, "b" * 2000),
    ],
)
async def test_a_paste_is_taken_as_far_as_it_fits_and_the_rest_is_told(
    start: Start, writer: SqliteStorage, text: str, held: str
) -> None:
    fleet(writer)
    async with start() as pilot:
        await press(pilot, "slash")
        pilot.app.post_message(events.Paste(text))
        await pilot.pause()
        assert home(pilot).query_one(QueryBar).field.value == held
        told = ["the line holds 2000 characters: 3000 of those pasted are left out"]
        assert toasts(pilot) == (told if len(text) > 2000 else [])


async def test_a_paste_into_a_full_line_leaves_it_as_it_is(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        await press(pilot, "slash")
        field = home(pilot).query_one(QueryBar).field
        field.value = "x" * 1998
        field.cursor_position = 1
        pilot.app.post_message(events.Paste("abc"))
        await pilot.pause()
        assert field.value == "xab" + "x" * 1997
        pilot.app.post_message(events.Paste("d"))
        await pilot.pause()
        assert field.value == "xab" + "x" * 1997
        assert toasts(pilot)[-1] == "the line holds 2000 characters: 1 of those pasted are left out"


@pytest.mark.parametrize("query", ["cost>", "a cost>seventeen-and-a-half-dollars-or-so b"])
async def test_at_80_cells_nothing_is_cut_or_covered(writer: SqliteStorage, query: str) -> None:
    """What is missing in a query and what is wrong with it is told in whole words, whatever else is told."""
    fleet(writer)
    with pytest.raises(QueryError) as wrong:
        parse(query)
    expected = f"{wrong.value.message}; {wrong.value.hint}"
    assert len(expected) > 80
    app = Mi6App(writer, clock=lambda: NOW, live=False)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await look(pilot)
        await press(pilot, "slash")
        await write(pilot, query)
        for number in range(4):
            app.notify("something happened " * 6, title=f"session {number}")

        def told() -> bool:
            return any("session 2" in line for line in screen_text(pilot))

        await until(pilot, told)
        # Beside what is wrong with the query, which is shorter, stands the list.
        seen = (" ".join(" ".join(line[:end] for line in screen_text(pilot)).split()) for end in (74, 80))
        assert any(expected in words for words in seen)
        await press(pilot, "escape")
        await until(pilot, lambda: any("happened" in line for line in screen_text(pilot)[-3:]))


@pytest.mark.parametrize(
    ("keys", "left"),
    [
        (["ctrl+u", "x"], "x"),
        (["backspace", "x"], "abx"),
        (["home", "x"], "xabc"),
        (["ctrl+w", "x", "left", "y"], "yx"),
        (["left", "delete", "x", "backspace", "y"], "aby"),
    ],
)
async def test_keys_count_in_their_order_however_fast_they_come(
    start: Start, writer: SqliteStorage, keys: list[str], left: str
) -> None:
    """As from a program that types, or while the dashboard is busy: all of them wait at once."""
    fleet(writer)
    async with start() as pilot:
        await press(pilot, "slash")
        await write(pilot, "abc")
        field = home(pilot).screen.query_one(QueryBar).field
        for key in keys:
            pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await look(pilot)
        await look(pilot)
        assert field.value == left
