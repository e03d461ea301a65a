"""A row that newly needs the user stands out for a moment, and nothing else is painted for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.style import Style
from textual.pilot import Pilot

from mi6_tui.model import Batch, EventType
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui import newly
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.widgets.session_table import SessionTable
from tests.tui.conftest import NOW, Start, look, screen_text, until
from tests.tui.looking import home
from tests.tui.makers import MACHINE, asking, event, working


def shown(pilot: Pilot[None], name: str) -> Style:
    """The style of the last cells of a session's row, which stand on nothing but its ground."""
    line = next(number for number, text in enumerate(screen_text(pilot)) if f"session {name}" in text)
    *_, last, _ = pilot.app.screen._compositor.render_strips()[line]
    assert last.style is not None
    return last.style


@pytest.fixture
def forever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newly, "SECONDS", 3600.0)


async def test_it_stands_out_and_the_others_do_not(
    start: Start, writer: SqliteStorage, forever: None
) -> None:
    for name in "abc":
        writer.record(working(name))
    async with start() as pilot:
        grounds = {name: shown(pilot, name).bgcolor for name in "abc"}
        writer.record(asking("b", ago=1))
        await look(pilot)
        assert (MACHINE, "b") in home(pilot).table.newly
        assert shown(pilot, "b").bold
        assert shown(pilot, "b").bgcolor not in grounds.values()
        assert {name: shown(pilot, name).bgcolor for name in "ac"} == {n: grounds[n] for n in "ac"}


async def test_afterwards_only_its_row_is_painted_again(
    start: Start, writer: SqliteStorage, monkeypatch: pytest.MonkeyPatch, forever: None
) -> None:
    for name in "abc":
        writer.record(working(name))
    async with start() as pilot:
        table = home(pilot).table
        writer.record(asking("b", ago=1))
        await look(pilot)
        painted: list[int] = []
        render_line = SessionTable.render_line

        def count(self: SessionTable, y: int) -> object:
            painted.append(y)
            return render_line(self, y)

        monkeypatch.setattr(SessionTable, "render_line", count)
        table.newly._end({(MACHINE, "b")})
        await pilot.pause()
        assert painted == [1]
        assert shown(pilot, "b").bgcolor == shown(pilot, "c").bgcolor


@pytest.mark.parametrize(
    ("before", "ago"), [(None, 60), (Batch(events=(event(EventType.STOP, "b", 9, key="s"),)), 1)]
)
async def test_what_is_read_late_and_who_needed_the_user_before_is_no_news(
    start: Start, writer: SqliteStorage, forever: None, before: Batch | None, ago: int
) -> None:
    writer.record(working("a"))
    writer.record(working("b", ago=70))
    if before is not None:
        writer.record(before)
    async with start() as pilot:
        writer.record(asking("b", ago=ago))
        await look(pilot)
        assert "permission" in "\n".join(screen_text(pilot))
        assert (MACHINE, "b") not in home(pilot).table.newly


async def test_who_needs_nobody_any_more_stands_out_no_longer(
    start: Start, writer: SqliteStorage, forever: None
) -> None:
    for name in "ab":
        writer.record(working(name))
    async with start() as pilot:
        writer.record(asking("b", ago=2))
        await look(pilot)
        assert (MACHINE, "b") in home(pilot).table.newly
        writer.record(working("b", ago=1))
        await look(pilot)
        assert (MACHINE, "b") not in home(pilot).table.newly
        assert not shown(pilot, "b").bold


async def test_it_ends_by_itself(
    start: Start, writer: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newly, "SECONDS", 0.01)
    writer.record(working("b"))
    async with start() as pilot:
        writer.record(asking("b", ago=1))
        await look(pilot)
        assert "permission" in "\n".join(screen_text(pilot))
        await until(pilot, lambda: (MACHINE, "b") not in home(pilot).table.newly)


async def test_what_is_there_from_the_start_is_no_news(
    start: Start, writer: SqliteStorage, forever: None
) -> None:
    writer.record(asking("b", ago=1))
    async with start() as pilot:
        assert (MACHINE, "b") not in home(pilot).table.newly


async def test_nothing_stands_out_where_motion_is_reduced(
    storage: SqliteStorage, writer: SqliteStorage, tmp_path: Path, forever: None
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('[dashboard]\nmotion = "reduced"\n')
    writer.record(working("b"))
    app = Mi6App(storage, clock=lambda: NOW, settings=settings, live=False)
    async with app.run_test(size=(120, 35)) as pilot:
        await look(pilot)
        writer.record(asking("b", ago=1))
        await look(pilot)
        assert (MACHINE, "b") not in home(pilot).table.newly


async def test_without_colours_it_is_bold(
    storage: SqliteStorage, writer: SqliteStorage, monkeypatch: pytest.MonkeyPatch, forever: None
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    for name in "abc":
        writer.record(working(name))
    app = Mi6App(storage, clock=lambda: NOW, live=False)
    async with app.run_test(size=(120, 35)) as pilot:
        await look(pilot)
        writer.record(asking("b", ago=1))
        await look(pilot)
        assert app.no_color
        assert [name for name in "abc" if shown(pilot, name).bold] == ["a", "b"], "a has the cursor"
