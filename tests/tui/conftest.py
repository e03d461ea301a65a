"""A store in a temporary folder, a clock that stands still, sessions made to order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC
from pathlib import Path

import pytest
from textual.pilot import Pilot

from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.widgets import session_table
from tests.tui.settling import settle_so

settle_so()

NOW = 1_795_442_531_000
"""2026-11-23 14:02:11 UTC."""

Start = Callable[..., AbstractAsyncContextManager[Pilot[None]]]


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    return tmp_path / "mi6.db"


@pytest.fixture
def storage(store_path: Path) -> Iterator[SqliteStorage]:
    storage = SqliteStorage(store_path, clock=lambda: NOW)
    yield storage
    storage.close()


@pytest.fixture
def writer(storage: SqliteStorage, store_path: Path) -> Iterator[SqliteStorage]:
    """The same store over another connection, as the scanner has one."""
    writer = SqliteStorage(store_path, clock=lambda: NOW)
    yield writer
    writer.close()


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def start(storage: SqliteStorage, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Runs the dashboard on `storage`; nothing happens by itself: `look` makes it see what is new."""

    # However slow the machine: rows hold still until a test lets them move.
    monkeypatch.setattr(session_table, "SETTLE", 3600.0)

    @asynccontextmanager
    async def run(
        width: int = 120, height: int = 35, folders: tuple[Path, ...] = ()
    ) -> AsyncIterator[Pilot[None]]:
        app = Mi6App(storage, clock=clock, zone=UTC, folders=lambda: folders, live=False)
        async with app.run_test(size=(width, height)) as pilot:
            await look(pilot)
            yield pilot

    return run


def app_of(pilot: Pilot[None]) -> Mi6App:
    assert isinstance(pilot.app, Mi6App)
    return pilot.app


async def look(pilot: Pilot[None]) -> None:
    """Let the dashboard look at the store, twice: the first look may make it ask for more."""
    for _ in range(2):
        await pilot.pause()
        app_of(pilot).pull()
    await pilot.pause()


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, then let the dashboard look at the store."""
    await pilot.press(*keys)
    await look(pilot)


async def until(pilot: Pilot[None], reached: Callable[[], bool]) -> None:
    """Let the dashboard go on until something is so; the test's timeout is the limit."""
    while not reached():
        await pilot.pause()


def screen_text(pilot: Pilot[None]) -> list[str]:
    """What stands on the screen, line by line, without trailing spaces."""
    strips = pilot.app.screen._compositor.render_strips()
    return [strip.text.rstrip() for strip in strips]
