"""Read-only: nothing outside of the dashboard changes, whatever is pressed, and nothing else is offered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC
from pathlib import Path

import pytest
from textual.pilot import Pilot

from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.commands import GLOBAL, HOME, Command, groups
from mi6_tui.tui.screens.palette import PaletteScreen
from tests.tui.conftest import Clock, app_of, look, press, screen_text, until
from tests.tui.looking import home
from tests.tui.makers import asking

Open = Callable[..., AbstractAsyncContextManager[Pilot[None]]]
SAID = "--read-only: nothing outside of this dashboard changes, so no "
REFUSED = {
    "Everywhere": {"hooks"},
    "Sessions": {
        "pin", "rename", "tag", "hide", "save view", "focus", "terminal", "resume", "github", "copy", "kill",
    },
    "A session": {
        "pin", "rename", "copy", "copy menu", "focus", "terminal", "resume", "github", "kill",
    },
    "Settings": {"change", "edit"},
    "Hooks": {"yes", "no, never"},
}  # fmt: skip
"""By hand: what marks, opens, copies, ends or writes."""


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text("# mine\n")
    return path


@pytest.fixture
def opened(storage: SqliteStorage, clock: Clock, settings: Path) -> Open:
    @asynccontextmanager
    async def run(read_only: bool = True, height: int = 30) -> AsyncIterator[Pilot[None]]:
        app = Mi6App(
            storage, clock=clock, zone=UTC, settings=settings, read_only=read_only, env={}, live=False
        )
        async with app.run_test(size=(120, height)) as pilot:
            app.look_at_settings()
            await look(pilot)
            yield pilot

    return run


def told(pilot: Pilot[None]) -> list[str]:
    return [note.message for note in pilot.app._notifications]


def refused(title: str) -> list[Command]:
    return [one for one in dict(groups())[title] if one.outside]


def test_what_reaches_outside() -> None:
    assert {
        title: {one.label for one in refused(title)} for title, _ in groups() if refused(title)
    } == REFUSED


def keys_of(title: str) -> list[tuple[str, str]]:
    return [(key, one.label) for one in refused(title) for key in one.keys.split(",")]


@pytest.mark.parametrize(("key", "label"), keys_of("Sessions") + keys_of("Everywhere"))
async def test_keys_of_home_change_nothing_and_say_why(
    opened: Open, writer: SqliteStorage, store_path: Path, settings: Path, key: str, label: str
) -> None:
    writer.record(asking("a"))
    async with opened() as pilot:
        before = writer.data_version()
        await press(pilot, key)
        assert told(pilot) == [SAID + label]
        assert len(pilot.app.screen_stack) == 1
        assert writer.data_version() == before
    assert settings.read_text() == "# mine\n"


@pytest.mark.parametrize(("key", "label"), keys_of("A session"))
async def test_keys_of_a_session_and_opening_it_change_nothing(
    opened: Open, writer: SqliteStorage, key: str, label: str
) -> None:
    writer.record(asking("a"))
    async with opened() as pilot:
        before = writer.data_version()
        await press(pilot, "enter")
        await press(pilot, key)
        assert told(pilot) == [SAID + label]
        assert len(pilot.app.screen_stack) == 2
        await press(pilot, "escape")
        assert writer.data_version() == before


@pytest.mark.parametrize(("key", "label"), keys_of("Settings"))
async def test_keys_of_the_settings_change_nothing(
    opened: Open, settings: Path, key: str, label: str
) -> None:
    async with opened() as pilot:
        await press(pilot, "comma")
        await press(pilot, "down", key)
        assert told(pilot) == [SAID + label]
        assert len(pilot.app.screen_stack) == 2
    assert settings.read_text() == "# mine\n"


async def test_the_mouse_does_no_more_than_keys(opened: Open, writer: SqliteStorage, settings: Path) -> None:
    writer.record(asking("a"))
    async with opened() as pilot:
        await pilot.click("#sessions", offset=(10, 1), times=2)
        await pilot.pause()
        assert told(pilot) == [SAID + "focus"]
        await press(pilot, "comma")
        await pilot.click("Rows", offset=(10, 1), times=2)
        await pilot.pause()
        assert told(pilot)[1:] == [SAID + "change"]
    assert settings.read_text() == "# mine\n"


async def test_a_theme_holds_for_this_run(opened: Open, settings: Path) -> None:
    async with opened() as pilot:
        await press(pilot, "t", "down", "enter")
        theme = pilot.app.theme
        assert theme != "mi6-night"
        assert told(pilot) == ["for this run only: --read-only"]
        app_of(pilot).look_at_settings()
        await pilot.pause()
        assert pilot.app.theme == theme
    assert settings.read_text() == "# mine\n"


async def test_columns_hold_for_this_run(opened: Open, writer: SqliteStorage, settings: Path) -> None:
    writer.record(asking("a"))
    async with opened() as pilot:
        before = [slot.column.id for slot in home(pilot).table.slots]
        await press(pilot, "c", "escape")
        assert told(pilot) == []
        await press(pilot, "c", "space", "escape")
        await pilot.app.workers.wait_for_complete()
        assert [slot.column.id for slot in home(pilot).table.slots] != before
        assert told(pilot) == ["for this run only: --read-only"]
    assert settings.read_text() == "# mine\n"


@pytest.mark.parametrize("read_only", [True, False])
async def test_what_is_refused_is_neither_in_the_footer_nor_in_the_palette(
    opened: Open, writer: SqliteStorage, read_only: bool
) -> None:
    writer.record(asking("a"))
    async with opened(read_only) as pilot:
        assert ("x K kill" not in screen_text(pilot)[-1]) == read_only
        await press(pilot, "enter")
        assert ("f focus" not in screen_text(pilot)[-1]) == read_only
        await press(pilot, "escape", "comma")
        assert ("e edit" not in screen_text(pilot)[-1]) == read_only
        await press(pilot, "escape", "colon")
        screen = pilot.app.screen
        assert isinstance(screen, PaletteScreen)
        offered = {entry.action for entry in screen._entries}
        assert offered.isdisjoint({one.action for one in (*HOME, *GLOBAL) if one.outside}) == read_only
        assert "hidden" in offered


async def test_the_help_tells_the_rule_first_and_no_key_that_is_refused(opened: Open) -> None:
    async with opened(height=400) as pilot:
        await press(pilot, "question_mark")
        await until(pilot, lambda: "Read-only" in "\n".join(screen_text(pilot)))
        shown = "\n".join(screen_text(pilot))
        assert shown.index("Read-only") < shown.index("Keys: sessions")
        assert "Nothing outside of this dashboard changes" in shown
        for title in REFUSED:
            for command in refused(title):
                assert not command.help or command.help not in shown
    async with opened(False, height=400) as pilot:
        await press(pilot, "question_mark")
        await until(pilot, lambda: "Keys: sessions" in "\n".join(screen_text(pilot)))
        assert "Read-only" not in "\n".join(screen_text(pilot))
