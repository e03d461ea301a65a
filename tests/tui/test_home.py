"""The real dashboard, driven by keys: messages and state first."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len
from textual import events
from textual.widget import Widget

from mi6_tui.ingest.demo import fill_demo
from mi6_tui.model import Batch, EventType
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.commands import COMMANDS
from mi6_tui.tui.screens.help import HelpScreen
from mi6_tui.tui.screens.home import HomeScreen
from mi6_tui.tui.widgets.event_stream import EventStream
from mi6_tui.tui.widgets.session_table import SessionTable
from tests.tui.conftest import NOW, Clock, Start, look, press, screen_text
from tests.tui.makers import MACHINE, asking, ended, event, titled, working


def home(pilot: object) -> HomeScreen:
    app = getattr(pilot, "app", None)
    assert isinstance(app, Mi6App)
    assert app.home is not None
    return app.home


def names(table: SessionTable) -> list[str]:
    return [key[1] for key in table.rows.keys]


def selected(table: SessionTable) -> str | None:
    return table.cursor[1] if table.cursor is not None else None


def wheel(turn: type[events.MouseEvent], widget: Widget) -> events.MouseEvent:
    return turn(widget, 5, 5, 0, 1, 0, False, False, False)


def is_shown(widget: Widget) -> bool:
    return bool(widget.display)


def follows(stream: EventStream) -> bool:
    return stream.following


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
        assert "mi6-tui demo" in words
        assert any("here" in line and "no transcripts in it yet" in line for line in screen_text(pilot))
        assert any("missing" in line and "does not exist" in line for line in screen_text(pilot))
        writer.record(working("a", title="It is here"))
        await look(pilot)
        assert any("It is here" in line for line in screen_text(pilot))
        assert not is_shown(home(pilot).empty)
        assert selected(home(pilot).table) == "a"


async def test_a_store_of_ended_sessions_says_so(start: Start, writer: SqliteStorage) -> None:
    writer.record(working("a"))
    writer.record(ended("a"))
    async with start() as pilot:
        assert any("1 session has ended" in line for line in screen_text(pilot))
        await press(pilot, "a")
        assert names(home(pilot).table) == ["a"]
        await press(pilot, "a")
        assert names(home(pilot).table) == []
        await press(pilot, "enter", "j", "G", "d", "escape")
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


async def test_an_open_session_stays_though_it_ends(start: Start, writer: SqliteStorage) -> None:
    for name in "ab":
        writer.record(working(name))
    async with start() as pilot:
        screen = home(pilot)
        await press(pilot, "enter")
        assert screen.details.has_class("-opened")
        assert not is_shown(screen.table)
        writer.record(ended("a"))
        await look(pilot)
        assert selected(screen.table) == "a"
        assert any("ended" in line for line in screen_text(pilot))
        await press(pilot, "escape")
        assert is_shown(screen.table)
        assert names(screen.table) == ["b"]
        assert selected(screen.table) == "b"


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
        assert "◆ permission · waiting since 14:02:06: it asked for a permission" in words
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


async def test_following_stops_on_the_way_up_and_counts_what_comes(
    start: Start, writer: SqliteStorage
) -> None:
    events = tuple(event(EventType.STOP, "a", ago=ago, key=f"k{ago}") for ago in range(200, 100, -1))
    writer.record(Batch(events=events))
    async with start() as pilot:
        screen = home(pilot)
        await press(pilot, "enter")
        stream = screen.details.stream
        assert follows(stream)
        assert stream.first_line == len(stream.lines) - stream.size.height
        await press(pilot, "k", "k")
        top = stream.lines[stream.first_line].key
        assert not follows(stream)
        writer.record(
            Batch(events=tuple(event(EventType.STOP, "a", ago, key=f"k{ago}") for ago in (3, 2, 1)))
        )
        await look(pilot)
        assert stream.lines[stream.first_line].key == top
        assert stream.unseen == 3
        assert "3 new below" in screen.footer.text
        await press(pilot, "G")
        assert follows(stream)
        assert stream.unseen == 0
        assert "new below" not in screen.footer.text


async def test_the_mouse_selects_and_scrolls(start: Start, writer: SqliteStorage) -> None:
    for number in range(60):
        writer.record(working(f"s{number:02}"))
    async with start(80, 24) as pilot:
        table = home(pilot).table
        await pilot.click(table, offset=(5, 4))
        assert selected(table) == "s03"
        await pilot.click(table, offset=(5, 0))
        assert selected(table) == "s03"
        for turn, scrolled in ((events.MouseScrollDown, True), (events.MouseScrollUp, False)):
            table.post_message(wheel(turn, table))
            await pilot.pause()
            assert bool(table.first_line) is scrolled
            assert selected(table) == "s03"


async def test_only_changed_rows_are_painted_again(
    start: Start, writer: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abcdefgh":
        writer.record(working(name))
    async with start(80, 24) as pilot:
        painted: list[int] = []
        render_line = SessionTable.render_line

        def count(self: SessionTable, y: int) -> object:
            painted.append(y)
            return render_line(self, y)

        monkeypatch.setattr(SessionTable, "render_line", count)
        writer.record(Batch(facts=(titled("c", "A new title"),)))
        await look(pilot)
        assert painted == [3]
        assert any("A new title" in line for line in screen_text(pilot))


async def test_time_repaints_only_the_rows_that_read_differently(
    start: Start, writer: SqliteStorage, clock: Clock
) -> None:
    writer.record(working("fresh", ago=3))
    writer.record(working("old", ago=1500))
    async with start(80, 12) as pilot:
        (fresh,) = (line for line in screen_text(pilot) if "fresh" in line)
        assert " 3s " in fresh
        clock.now += 2000
        home(pilot).tick()
        await pilot.pause()
        (fresh,) = (line for line in screen_text(pilot) if "fresh" in line)
        assert " 5s " in fresh


async def test_help_names_every_key(start: Start) -> None:
    async with start(120, 50) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(pilot.app.screen, HelpScreen)
        words = "\n".join(screen_text(pilot))
        for command in COMMANDS:
            assert f"{command.shown} " in words
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, HomeScreen)


async def test_help_scrolls_on_a_small_screen(start: Start) -> None:
    async with start(80, 24) as pilot:
        await press(pilot, "question_mark")
        top = screen_text(pilot)
        assert "Keys" in top[1]
        await press(pilot, "j", "j")
        assert screen_text(pilot)[1] == top[3]
        await press(pilot, "k", "k")
        assert screen_text(pilot)[1] == top[1]


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_quitting(start: Start, key: str) -> None:
    async with start() as pilot:
        await pilot.press(key)
        assert pilot.app.return_code == 0


@pytest.mark.parametrize("size", [(200, 50), (80, 24), (40, 10), (20, 5), (1, 1)])
async def test_every_size_stands(start: Start, writer: SqliteStorage, size: tuple[int, int]) -> None:
    fill_demo(writer, NOW)
    async with start(*size) as pilot:
        await press(pilot, "j", "enter", "k", "escape", "d", "d", "G", "a", "question_mark")
        assert len(screen_text(pilot)) == size[1]
        await press(pilot, "escape")
        assert all(cell_len(line) <= size[0] for line in screen_text(pilot))


async def test_a_thousand_sessions_paint(start: Start, writer: SqliteStorage) -> None:
    prompts = tuple(
        event(EventType.USER_PROMPT_SUBMIT, f"s{n:04}", n % 600, key=f"k{n}") for n in range(1000)
    )
    writer.record(Batch(events=prompts))
    async with start(200, 50) as pilot:
        table = home(pilot).table
        assert len(table.rows) == 1000
        await press(pilot, "G")
        assert any("s0599" in line for line in screen_text(pilot))
        assert "1000 working" in home(pilot).header.text


_HOSTILE = (
    "[/x] [bold]b[/] \x1b[31m\x1b]0;t\x07 [link='a'] \u202e\u200d {} % 登录 👩\u200d💻 \ud83d" + "[" * 50
)


async def test_hostile_text_reaches_every_widget_and_no_markup(start: Start, writer: SqliteStorage) -> None:
    text = _HOSTILE.encode("utf-8", "replace").decode()
    common = {"cwd": f"/{text}", "git_branch": text, "model": text, "tool_name": text, "preview": text}
    kinds = (
        EventType.USER_PROMPT_SUBMIT,
        EventType.ASSISTANT_MESSAGE,
        EventType.PRE_TOOL_USE,
        EventType.API_ERROR,
    )
    events = tuple(
        event(kind, "a", 9 - n, key=f"k{n}", outcome=text, **common) for n, kind in enumerate((*kinds, text))
    )
    writer.record(Batch(events=events, facts=(titled("a", text),)))
    async with start(200, 50) as pilot:
        await press(pilot, "d", "d", "enter", "escape", "a", "question_mark", "escape")
        shown = "\n".join(screen_text(pilot))
        assert "[/x] [bold]b[/]" in shown
        assert not any(char in shown for char in "\x1b\u202e\u200d\x07")
        assert all(cell_len(line) <= 200 for line in screen_text(pilot))


async def test_a_broken_store_is_a_banner(tmp_path: Path) -> None:
    path = tmp_path / "broken.db"
    seed = SqliteStorage(path, clock=lambda: NOW)
    seed.record(working("a", title="Still here"))
    seed.close()
    whole = path.read_bytes()
    storage = SqliteStorage(path, clock=lambda: NOW)
    app = Mi6App(storage, clock=lambda: NOW, live=False)
    async with app.run_test(size=(120, 35)) as pilot:
        await pilot.pause()
        screen = home(pilot)
        path.write_bytes(b"this is not a database" * 500)
        await look(pilot)
        assert is_shown(screen.banner)
        assert "broken.db" in screen.banner.text
        assert any("Still here" in line for line in screen_text(pilot))
        path.write_bytes(whole)
        await look(pilot)
        assert not is_shown(screen.banner)
    storage.close()


async def test_a_store_that_cannot_be_read_is_not_called_empty(start: Start, storage: SqliteStorage) -> None:
    storage.close()
    async with start() as pilot:
        words = "\n".join(screen_text(pilot))
        assert "The store cannot be read." in words
        assert "No sessions yet." not in words


async def test_colour_is_never_the_only_sign(
    start: Start, writer: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    fill_demo(writer, NOW)
    async with start(120, 35) as pilot:
        lines = screen_text(pilot)
        assert sum(line.startswith("▌") for line in lines) == 1
        for sign in (
            "◆ permission",
            "▲ rate limit",
            "● Edit",
            "◐ 2 agents",
            "○ your turn",
            "· idle",
            "? unknown",
        ):
            assert any(sign in line for line in lines), sign
