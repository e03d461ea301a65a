"""The user's own views: from the settings to keys, and from what is on show to the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from mi6_tui.config import SavedView
from mi6_tui.query import Sort, parse
from mi6_tui.settings_reader import read_settings
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.home.views import saved, views_of
from mi6_tui.tui.view import View
from tests.tui.conftest import NOW, app_of, look, press, screen_text
from tests.tui.looking import home, is_shown, names
from tests.tui.makers import asking, working


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


@asynccontextmanager
async def running(storage: SqliteStorage, settings: Path) -> AsyncIterator[Pilot[None]]:
    app = Mi6App(storage, clock=lambda: NOW, settings=settings, env={}, live=False)
    async with app.run_test(size=(120, 35)) as pilot:
        app.look_at_settings()
        await look(pilot)
        yield pilot


def fleet(storage: SqliteStorage) -> None:
    for name in "abc":
        storage.record(working(name, title=f"Work of {name}"))
    storage.record(asking("b"))


async def test_a_key_shows_a_view(storage: SqliteStorage, settings: Path) -> None:
    fleet(storage)
    settings.write_text(
        "[views.waiting]\nquery = 'status:waiting'\n"
        "[views.'by [name]']\nsort = '-name'\ngroup = 'status'\ncolumns = ['name', 'model']\nkey = 'f6'\n"
        "[views.other]\nquery = '-waiting'\n"
    )
    async with running(storage, settings) as pilot:
        table = home(pilot).table
        assert [view.name for view in home(pilot).views] == ["waiting", "by [name]", "other"]
        await press(pilot, "f1")
        assert names(table) == ["b"]
        assert screen_text(pilot)[1].startswith(" waiting  / status:waiting  1 of 3")
        await press(pilot, "f6")
        assert names(table) == ["c", "a", "b"]
        assert screen_text(pilot)[1].startswith(" by [name]  3 of 3")
        assert screen_text(pilot)[2].split() == ["Session↓", "Model"]
        await press(pilot, "f2")
        assert names(table) == ["a", "c"]
        assert "State" in screen_text(pilot)[2]
        await pilot.app.run_action("show_view('by [name]')")
        assert names(table) == ["c", "a", "b"]
        await press(pilot, "escape")
        assert names(table) == ["b", "a", "c"], "as it was before the views"
        assert not is_shown(home(pilot).strip)


async def test_a_view_that_cannot_be_is_told_and_the_others_hold(
    storage: SqliteStorage, settings: Path
) -> None:
    fleet(storage)
    settings.write_text("[views.bad]\nquery = 'cots>3'\n[views.good]\nquery = 'b'\n")
    async with running(storage, settings) as pilot:
        assert (
            "settings.toml:2: views.bad.query: column 1 of the query: no field is called 'cots'"
            in home(pilot).banner.text
        )
        await press(pilot, "f2")
        assert home(pilot).view.query == parse("b")
        settings.write_text("[views.good]\nquery = 'b'\n")
        app_of(pilot).look_at_settings()
        await pilot.pause()
        assert not is_shown(home(pilot).banner)


async def test_what_is_on_show_is_kept_as_a_view(storage: SqliteStorage, settings: Path) -> None:
    fleet(storage)
    settings.write_text("# mine\n[views.old]\nquery = 'x'\nkey = 'f5'\ncolumns = ['name']\n")
    async with running(storage, settings) as pilot:
        await press(pilot, "slash", *"work", "enter", "ctrl+g", "V", *"my", "full_stop", *"view", "enter")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        written = read_settings(settings)
        assert written.views["my.view"] == SavedView(query="work", group="project")
        assert settings.read_text().startswith("# mine\n")
        assert screen_text(pilot)[1].startswith(" my.view  / work  3 of 3")
        assert {view.name: view.key for view in home(pilot).views} == {"old": "f5", "my.view": "f1"}
        await press(pilot, "V", "ctrl+u", *"old", "enter")
        await pilot.app.workers.wait_for_complete()
        old = read_settings(settings).views["old"]
        assert old == SavedView(query="work", group="project", key="f5", columns=("name",))


async def test_a_broken_file_is_not_written_to(storage: SqliteStorage, settings: Path) -> None:
    fleet(storage)
    settings.write_text("[views\n")
    async with running(storage, settings) as pilot:
        await press(pilot, "V", "x", "enter")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert settings.read_text() == "[views\n"
        assert any(f"{settings}:1: Expected ']'" in note.message for note in pilot.app._notifications)


async def test_where_nothing_can_be_written_one_line_says_what_to_do(
    storage: SqliteStorage, store_path: Path, settings: Path
) -> None:
    fleet(storage)
    settings.write_text("# mine\n")
    settings.chmod(0o444)
    reading = SqliteStorage(store_path, clock=lambda: NOW, read_only=True)
    async with running(reading, settings) as pilot:
        await press(pilot, "V", *"mine", "enter")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        (told,) = (note.message for note in pilot.app._notifications if note.title != "Nothing can be noted")
        assert told == (
            f"mine is not kept: {settings} is read-only; make it writable, or set [views] in it by hand"
        )
        assert not is_shown(home(pilot).strip), "no word of a view that is not kept"
    assert settings.read_text() == "# mine\n"
    reading.close()


def test_views_without_a_key_have_the_free_ones_in_their_order() -> None:
    tables = {f"v{number}": SavedView(key="f2" if number == 0 else "") for number in range(10)}
    views = views_of(tables)
    assert [view.key for view in views] == ["f2", "f1", "f3", "f4", "f5", "f6", "f7", "f8", "", ""]


def test_a_view_is_written_without_what_is_usual() -> None:
    assert saved(View(), None) == {}
    view = View(sort=Sort.parse("cost,-age"), group="machine").asking(parse("a or b"))
    assert saved(view, None) == {"query": "a or b", "sort": "cost,-age", "group": "machine"}
