"""Colours by name in every theme, all of them readable; the user's own themes."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui import theme
from mi6_tui.tui.app import Mi6App
from tests.tui.conftest import NOW, Start, press
from tests.tui.makers import working
from tests.tui.test_styles import contrast

KNOWN = [one for one in (*theme.OURS, *BUILTIN_THEMES.values()) if not one.ansi]


@pytest.mark.parametrize("one", KNOWN, ids=lambda one: one.name)
def test_every_text_can_be_read_on_every_ground(one: Theme) -> None:
    colours = theme.colours_of(one)
    assert set(colours) >= set(theme.NAMES)
    for ink in theme.TEXTS:
        for ground in (*theme.GROUNDS, theme.FRESH):
            assert contrast(colours[ink], colours[ground]) >= 4.5, f"{ink} on {ground}"


@pytest.mark.parametrize("one", KNOWN, ids=lambda one: one.name)
def test_a_row_that_newly_needs_you_has_a_ground_of_its_own(one: Theme) -> None:
    colours = theme.colours_of(one)
    assert colours[theme.FRESH] not in (colours["background"], colours["row-cursor"])


@pytest.mark.parametrize("name", ["mi6-contrast", "mi6-contrast-day"])
def test_high_contrast_is_high(name: str) -> None:
    one = theme.known(name)
    assert one is not None
    colours = theme.colours_of(one)
    for ink in theme.TEXTS:
        for ground in (*theme.GROUNDS, theme.FRESH):
            assert contrast(colours[ink], colours[ground]) >= 7, f"{ink} on {ground}"


def test_the_states_differ_in_brightness_for_who_sees_no_colours() -> None:
    one = theme.known("mi6-colour-blind")
    assert one is not None
    shades = [
        Color.parse(one.variables[ink]).brightness for ink in ("needs-you", "trouble", "working", "turn")
    ]
    assert min(abs(a - b) for place, a in enumerate(shades) for b in shades[:place]) > 0.02


@pytest.mark.parametrize("name", theme.known_names())
async def test_every_theme_can_be_worn(start: Start, name: str) -> None:
    async with start() as pilot:
        pilot.app.theme = name
        await pilot.pause()
        variables = pilot.app.theme_variables
        assert set(theme.NAMES) <= set(variables)
        one = theme.known(name)
        assert one is not None
        assert {ink: variables[ink] for ink in theme.TEXTS} == {
            ink: colour for ink, colour in theme.colours_of(one).items() if ink in theme.TEXTS
        }


async def test_a_theme_is_tried_on_and_put_back(storage: SqliteStorage, tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    app = Mi6App(storage, clock=lambda: NOW, settings=settings, live=False)
    async with app.run_test(size=(120, 35)) as pilot:
        await press(pilot, "t", "down")
        assert app.theme == "mi6-day"
        await press(pilot, "down", "escape")
        assert app.theme == "mi6-night"
        assert not settings.exists()
        await press(pilot, "t", "down", "down", "enter")
        assert app.theme == "mi6-colour-blind"
        assert 'theme = "mi6-colour-blind"' in settings.read_text()


async def test_a_theme_of_the_users_own_is_worn_from_the_first_paint(
    storage: SqliteStorage, tmp_path: Path
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(
        '[dashboard]\ntheme = "mine"\n[themes.mine]\nlike = "mi6-day"\nneeds-you = "#aa0000"\nrule = "grey"\n'
    )
    storage.record(working("a"))
    app = Mi6App(storage, clock=lambda: NOW, settings=settings, live=False)
    # What is wrong in it is told later; the rest is worn at once.
    assert app.theme == "mine"
    async with app.run_test(size=(120, 35)) as pilot:
        assert app.theme_variables["needs-you"] == "#aa0000"
        assert app.theme_variables["plain"] == theme.colours_of(theme.OURS[1])["plain"]
        assert not app.current_theme.dark
        settings.write_text('[dashboard]\ntheme = "mine"\n[themes.mine]\nneeds-you = "#00bb00"\n')
        app.look_at_settings()
        await pilot.pause()
        assert app.theme_variables["needs-you"] == "#00bb00"
        assert app.current_theme.dark


def test_a_broken_file_does_not_keep_the_dashboard_from_starting(
    storage: SqliteStorage, tmp_path: Path
) -> None:
    settings = tmp_path / "settings.toml"
    for text in (
        "[dashboard",
        "dashboard = 3",
        "themes = [1]\n[dashboard]\ntheme = 7",
        '[themes.x]\nlike = "?"',
    ):
        settings.write_text(text)
        assert Mi6App(storage, settings=settings, live=False).theme == "mi6-night"
    settings.write_bytes(b"\xff\xfe")
    assert Mi6App(storage, settings=settings, live=False).theme == "mi6-night"
