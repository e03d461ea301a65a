"""A store, a folder of transcripts, and a scanner over both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.ingest.scanner import Scanner
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.live.living import Living, World
from tests.ingest.numbers import MACHINE, Numbers

NewScanner = Callable[..., Scanner]


class Clock:
    """Time that moves only when told; callable for ms, `seconds` for a monotonic clock."""

    def __init__(self) -> None:
        self.ms = 1_800_000_000_000

    def __call__(self) -> int:
        return self.ms

    def seconds(self) -> float:
        return self.ms / 1000

    def forward(self, seconds: float) -> None:
        self.ms += int(seconds * 1000)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[SqliteStorage]:
    storage = SqliteStorage(tmp_path / "state" / "mi6.db", clock=clock)
    yield storage
    storage.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of the numbers client, with one empty session folder."""
    folder = tmp_path / "home" / "numbers"
    (folder / "s").mkdir(parents=True)
    return folder


@pytest.fixture
def new_scanner(store: SqliteStorage, tmp_path: Path, clock: Clock) -> NewScanner:
    """Makes scanners over the store and the folder, on the test's clock; each begins with no memory."""

    def make(**options: Any) -> Scanner:
        defaults: dict[str, Any] = {"env": {}, "home": tmp_path / "home", "watch": False}
        defaults |= {"clock": clock, "monotonic": clock.seconds}
        return Scanner(options.pop("storage", store), [Numbers()], MACHINE, **defaults | options)

    return make


@pytest.fixture
def living() -> Iterator[Living]:
    """Starts real processes; none outlives the test."""
    started = Living()
    yield started
    started.close()


@pytest.fixture
def world(tmp_path: Path, store: SqliteStorage, clock: Clock, living: Living) -> World:
    """A home folder with clients that live, and the witnesses over it and the store."""
    home = tmp_path / "home"
    home.mkdir()
    return World(home, store, clock, living)
