"""`--share` and the settings: what the user named in his file stands on no page, and is looked up nowhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path

import pytest
from textual.pilot import Pilot

from mi6_tui.config import Settings
from mi6_tui.model import Batch, EventType
from mi6_tui.settings_reader import read_settings
from mi6_tui.storage.sharing import SharedStorage
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.screens.palette import PaletteScreen
from mi6_tui.tui.shared_settings import shared_settings
from tests.tui.conftest import Clock, app_of, look, press, screen_text
from tests.tui.looking import toasts
from tests.tui.makers import event, titled

WORD = "zebra"
"""Stands in every name of the file."""
MONEY = "4321"
FILE = f"""
[dashboard]
theme = "{WORD}-night"
[columns]
show = ["name", "status"]
[keys]
help = "f9"
[themes.{WORD}-night]
name = "#ff00ff"
[themes.{WORD}-late]
like = "mi6-day"
[views.{WORD}-view]
query = "title:{WORD}"
key = "f2"
[notifications]
command = ["{WORD}-program"]
[alerts.{WORD}-idle]
query = "idle>10m"
[alerts.{WORD}-spent]
budget = {{ of = "{WORD}-job", above = 1 }}
[budgets]
day = {MONEY}
project = {{ {WORD}-job = {MONEY} }}
[actions]
terminal = ["{WORD}-terminal", "{{command}}"]
[machines.{WORD}-box]
ssh = "{WORD}@{WORD}"
[[remotes]]
address = "{WORD}@{WORD}"
name = "{WORD}-far"
[[prices]]
model = "{WORD}-model"
input = 1.0
output = {MONEY}
"""
_TABLES = {name for name in Settings.model_fields if f"[{name}" in FILE}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(FILE)
    return path


@asynccontextmanager
async def dashboard(
    storage: SqliteStorage, path: Path, clock: Clock, *, share: bool
) -> AsyncIterator[Pilot[None]]:
    shown = SharedStorage(storage) if share else storage
    app = Mi6App(shown, settings=path, clock=clock, zone=UTC, env={}, share=share, live=False)
    async with app.run_test(size=(160, 50)) as pilot:
        app.look_at_settings()
        await look(pilot)
        yield pilot


def painted(pilot: Pilot[None]) -> str:
    """What is seen, and what could be found by typing."""
    entries = repr(pilot.app.screen._entries) if isinstance(pilot.app.screen, PaletteScreen) else ""
    return "\n".join([*screen_text(pilot), *toasts(pilot), entries])


async def walk(pilot: Pilot[None], clock: Clock) -> str:
    """Everything on the way through the pages and what lies over them."""
    told = [painted(pilot)]
    clock.now += 30 * 60_000
    app_of(pilot).look_for_alerts()
    await look(pilot)
    steps = (("f2",), ("1",), ("p",), ("1",), ("2",), ("3",), ("f9",), ("escape",), ("colon",), ("escape",))
    for keys in (*steps, ("t",), ("end",), ("escape",), ("1",), ("C",), ("escape",), ("enter",), ("M",)):
        await press(pilot, *keys)
        told.append(painted(pilot))
    return "\n".join(told)


async def seen(writer: SqliteStorage, storage: SqliteStorage, path: Path, clock: Clock, share: bool) -> str:
    writer.record(Batch(events=(event(EventType.STOP, "s", 60, key="k"),), facts=(titled("s", "Untold"),)))
    async with dashboard(storage, path, clock, share=share) as pilot:
        return await walk(pilot, clock)


async def test_no_page_tells_what_the_settings_name(
    writer: SqliteStorage, storage: SqliteStorage, path: Path, clock: Clock
) -> None:
    told = await seen(writer, storage, path, clock, share=True)
    assert "session-1" in told
    assert WORD not in told.lower()
    assert MONEY not in told.replace(",", "")


async def test_the_same_way_leads_by_them_where_nobody_looks_on(
    writer: SqliteStorage, storage: SqliteStorage, path: Path, clock: Clock
) -> None:
    """What the walk does not come by, the test above does not see."""
    told = await seen(writer, storage, path, clock, share=False)
    for name in ("night", "late", "view", "program", "idle", "job"):
        assert f"{WORD}-{name}" in told, name
    assert MONEY in told.replace(",", "")


async def test_the_looks_stay_under_other_names(storage: SqliteStorage, path: Path, clock: Clock) -> None:
    async with dashboard(storage, path, clock, share=True) as pilot:
        app = app_of(pilot)
        assert (app.theme, app.current_theme.variables["name"]) == ("theme-1", "#ff00ff")
        assert {"theme-1", "theme-2"} <= set(app.available_themes)
        assert app.settings.keys == {"help": ("f9",)}
        assert app.settings.columns.show == ("name", "status")


async def test_a_broken_file_is_told_without_its_words(
    storage: SqliteStorage, path: Path, clock: Clock
) -> None:
    path.write_text(f'[dashboard]\ntheme = "{WORD}"\n')
    async with dashboard(storage, path, clock, share=True) as pilot:
        await press(pilot, "M")
        told = painted(pilot)
        assert "something is wrong" in told
        assert WORD not in told


def test_a_table_is_hidden_unless_it_is_known_to_name_nothing(path: Path) -> None:
    """Whoever adds a table to the settings decides here whether others may see it."""
    settings = read_settings(path)
    shown = shared_settings(settings)
    assert set(Settings.model_fields) - {"push"} == _TABLES
    hidden = {name for name in _TABLES if getattr(shown, name) == getattr(Settings(), name)}
    assert hidden == {"views", "alerts", "budgets", "actions", "machines", "remotes", "prices"}
    kept = shown.model_copy(
        update={"notifications": settings.notifications.model_copy(update={"command": ()})}
    )
    assert WORD not in repr(kept)
