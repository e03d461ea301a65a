"""What was typed before comes back after a new start; a broken file is an empty one."""

from __future__ import annotations

from pathlib import Path

import pytest

from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.history import KEPT, History
from mi6_tui.tui.widgets.query_bar import QueryBar
from tests.tui.conftest import Start, app_of, press
from tests.tui.looking import home
from tests.tui.makers import working


def test_lines_are_kept_in_a_file_of_the_users_own(tmp_path: Path) -> None:
    file = tmp_path / "typed" / "queries"
    for line in ("one", "two", "two", "one"):
        History(file).add(line)
    assert History(file).lines == ["two", "one"]
    assert file.read_text() == "two\none\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in file.parent.iterdir()] == ["queries"]


def test_only_the_latest_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "queries"
    history = History(file)
    for number in range(KEPT + 5):
        history.add(str(number))
    assert list(History(file).lines) == list(history.lines) == [str(n) for n in range(5, KEPT + 5)]


def test_two_dashboards_lose_none_of_each_other(tmp_path: Path) -> None:
    one, two = History(tmp_path / "queries"), History(tmp_path / "queries")
    assert not one.lines and not two.lines
    one.add("first")
    two.add("second")
    assert History(tmp_path / "queries").lines == ["first", "second"]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\n\n  \n", b"", b"x" * (17 << 20)])
def test_a_broken_file_is_an_empty_one(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "queries"
    file.write_bytes(content)
    assert list(History(file).lines) == []
    History(file).add("new")
    assert History(file).lines == ["new"]


def test_what_steers_a_terminal_does_not_come_back(tmp_path: Path) -> None:
    (tmp_path / "queries").write_text("a\x1b]0;x\x07b\n\x1b[2J\n")
    assert History(tmp_path / "queries").lines == ["ab"]


def test_where_nothing_can_be_written_it_is_kept_until_the_end(tmp_path: Path) -> None:
    (tmp_path / "typed").write_text("no folder")
    history = History(tmp_path / "typed" / "queries")
    history.add("one")
    history.add("two")
    assert history.lines == ["one", "two"]


async def _asked(start: Start, folder: Path | None, *keys: str) -> str:
    async with start() as pilot:
        app_of(pilot).typed = folder
        await press(pilot, "slash", *keys)
        return home(pilot).query_one(QueryBar).field.value


async def test_queries_come_back_after_a_new_start(
    start: Start, storage: SqliteStorage, tmp_path: Path
) -> None:
    storage.record(working("a"))
    await _asked(start, tmp_path, *"first", "enter")
    await _asked(start, tmp_path, *"second", "enter")
    assert await _asked(start, tmp_path, "up") == "second"
    assert await _asked(start, tmp_path, "up", "up", "up") == "first"
    assert await _asked(start, tmp_path, "up", "up", "down", "down") == ""
    assert await _asked(start, None, "up") == ""


async def test_searches_come_back_after_a_new_start(
    start: Start, storage: SqliteStorage, tmp_path: Path
) -> None:
    (tmp_path / "searches").write_text("old words\nnew words\n")
    async with start() as pilot:
        app = app_of(pilot)
        app.typed = tmp_path
        await press(pilot, "4")
        shown = [row.key for row in app.screen.query_one("#hits").rows]  # type: ignore[attr-defined]
        assert shown == ["new words", "old words"]
