"""The palette: found by a few letters, the last used first, and what was typed is only ever text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.commands import GLOBAL, HOME
from mi6_tui.tui.screens.palette import Entry, PaletteScreen, command_entries, found
from tests.tui.conftest import NOW, Start, app_of, press, screen_text
from tests.tui.looking import home
from tests.tui.makers import asking, ended

ENTRIES = command_entries((*HOME, *GLOBAL), {})


def names(typed: str, used: dict[str, int] | None = None) -> list[str]:
    return [entry.name for entry in found(typed, ENTRIES, used or {})]


def test_a_few_letters_find_a_name_before_an_explanation() -> None:
    assert names("proj")[0] == "projects"
    assert names("usage")[0] == "usage"
    assert "usage" in names("dollars")
    assert names("zzzz") == []


def test_words_come_before_scattered_letters() -> None:
    entries = [
        Entry("1", "setting dashboard.theme", "Change it"),
        Entry("2", "reverse", "Sort the other way round"),
        Entry("3", "sort", "By the next column"),
        Entry("4", "group", "Show older rows"),
    ]
    assert [entry.name for entry in found("sor", entries, {})] == [
        "sort",
        "reverse",
        "setting dashboard.theme",
    ]


def test_the_last_used_come_first() -> None:
    used = {"ended": 1, "app.quit": 2}
    assert names("", used)[:2] == ["quit", "ended"]
    assert set(names("", used)) == set(names(""))


def test_what_only_moves_about_is_not_offered() -> None:
    assert {"down", "up", "page down", "first"}.isdisjoint(names(""))


@given(st.text())
def test_whatever_is_typed_is_only_text(typed: str) -> None:
    assert set(names(typed)) <= {entry.name for entry in ENTRIES}


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_a_command_is_found_and_done(start: Start, storage: SqliteStorage, key: str) -> None:
    storage.record(ended("a"))
    storage.record(asking("b"))
    async with start() as pilot:
        await press(pilot, key)
        assert isinstance(app_of(pilot).screen, PaletteScreen)
        await press(pilot, *"ended", "enter")
        assert app_of(pilot).screen is app_of(pilot).home
        assert len(home(pilot).table.rows) == 2
        await press(pilot, key)
        assert "▌ended" in screen_text(pilot)[2].replace("│", "")


async def test_markup_and_escapes_are_typed_as_they_are(start: Start) -> None:
    async with start() as pilot:
        await press(pilot, "colon", *"[red]x")
        assert "[red]x" in "\n".join(screen_text(pilot))
        assert "nothing is called so" in "\n".join(screen_text(pilot))
        await press(pilot, "enter")  # there is nothing to do
        assert isinstance(app_of(pilot).screen, PaletteScreen)
        await press(pilot, "escape")
        assert app_of(pilot).screen is app_of(pilot).home


async def test_pages_views_themes_and_settings_are_offered(storage: SqliteStorage, tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('[views."[bold]hot"]\nquery = "status:waiting"\n')
    storage.record(asking("a"))
    app = Mi6App(storage, clock=lambda: NOW, settings=settings, live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        app.look_at_settings()
        await press(pilot)
        for typed, told in (
            ("setting dashboard.ti", "setting dashboard.title"),
            ("theme nord", "theme nord"),
            ("view bold", "view [bold]hot"),
            ("search", "search"),
        ):
            await press(pilot, "colon", *typed)
            screen = app.screen
            assert isinstance(screen, PaletteScreen)
            assert screen.list.selected is not None and screen.list.selected.name == told
            await press(pilot, "escape")
        await press(pilot, "colon", *"theme nord", "enter")
        assert app.theme == "nord" and 'theme = "nord"' in settings.read_text()
        await press(pilot, "colon", *"view bold", "enter")
        assert home(pilot).view.query is not None
        await press(pilot, "colon", *"setting dashboard.ti", "enter")
        assert "▌dashboard.title" in "\n".join(screen_text(pilot))


def test_letters_that_were_typed_are_marked() -> None:
    (entry, *_) = found("prj", [Entry("x", "projects", "")], {})
    assert "".join("projects"[place] for place in entry.found) == "prj"
