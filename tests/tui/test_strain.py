"""What must not happen: needless painting, markup from outside, a crash at any size or trouble."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.events import Paste
from textual.widgets import Input

from mi6_tui.ingest.demo import fill_demo
from mi6_tui.model import Batch, EventType
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.widgets.session_table import SessionTable
from tests.tui.conftest import NOW, Clock, Start, look, press, screen_text, until
from tests.tui.looking import home, is_shown
from tests.tui.makers import event, titled, working


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


@pytest.mark.parametrize("size", [(200, 50), (80, 24), (40, 10), (20, 5), (1, 1)])
async def test_every_size_stands(start: Start, writer: SqliteStorage, size: tuple[int, int]) -> None:
    fill_demo(writer, NOW)
    async with start(*size) as pilot:
        await press(pilot, "j", "d", "d", "G", "a", "p", "j", "l", "ctrl+g", "left", "n", "s", "S", "space")
        assert len(screen_text(pilot)) == size[1]
        assert all(cell_len(line) <= size[0] for line in screen_text(pilot))
        await press(pilot, "slash", "s", "tab", "tab", "x", "enter", "escape", "number_sign", "escape", "w")
        assert len(screen_text(pilot)) == size[1]
        await press(pilot, "escape", "question_mark", "escape")
        assert all(cell_len(line) <= size[0] for line in screen_text(pilot))


async def test_a_storm_of_sizes_leaves_a_whole_screen(start: Start, writer: SqliteStorage) -> None:
    fill_demo(writer, NOW)
    async with start(100, 30) as pilot:
        await press(pilot, "p", "l", "ctrl+g", "slash", "e", "enter", "slash")
        for width, height in (
            (1, 1),
            (200, 3),
            (3, 60),
            (40, 10),
            (51, 7),
            (49, 7),
            (12, 14),
            (160, 4),
            (30, 5),
        ):
            await pilot.resize_terminal(width, height)
            await press(pilot, "x")
            assert len(screen_text(pilot)) == height
            assert all(cell_len(line) <= width for line in screen_text(pilot))
        await pilot.resize_terminal(100, 30)
        await press(pilot, "escape", "escape")
        assert any("State" in line for line in screen_text(pilot))


@pytest.mark.parametrize(("height", "parts"), [(3, ""), (4, "f"), (7, "f"), (8, "hf")])
async def test_a_low_screen_gives_its_lines_to_the_list(
    start: Start, writer: SqliteStorage, height: int, parts: str
) -> None:
    writer.record(working("a", title="Port the parser"))
    async with start(60, height) as pilot:
        screen = home(pilot)
        assert is_shown(screen.header) == ("h" in parts)
        assert is_shown(screen.footer) == ("f" in parts)
        assert any("Port the parser" in line for line in screen_text(pilot))


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
        await press(
            pilot, "d", "d", "enter", "escape", "a", "question_mark", "escape", "ctrl+g", "p", "j", "l"
        )
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
            "◐ 4 agents",
            "○ your turn",
            "· idle",
            "? unknown",
        ):
            assert any(sign in line for line in lines), sign


@pytest.mark.parametrize(
    "keys", [("slash",), ("r",), ("number_sign",), ("4",), ("colon",), ("enter", "r"), ("enter", "slash")]
)
async def test_what_is_pasted_steers_no_terminal(
    start: Start, writer: SqliteStorage, keys: tuple[str, ...]
) -> None:
    writer.record(working("a"))
    async with start() as pilot:
        await press(pilot, *keys)
        await until(pilot, lambda: isinstance(pilot.app.focused, Input))
        field = pilot.app.focused
        assert isinstance(field, Input)
        pilot.app.post_message(Paste("a\x1b]52;c;eA==\x07b\x9b2Jc\u202ed"))
        await until(pilot, lambda: bool(field.value))
        await pilot.pause()
        assert field.value == "ab2Jcd"
        assert field.cursor_position == len(field.value)
        assert not any(char in "".join(screen_text(pilot)) for char in "\x1b\x07\x9b\u202e")
