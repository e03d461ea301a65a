"""Fifty sessions for a day and a night on a clock of their own: nothing grows with what has happened."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC
from pathlib import Path
from typing import Final

import pytest
from textual.dom import DOMNode

from mi6_tui.bench.herd import Herd
from mi6_tui.bench.soak import SESSIONS, Watched, main
from mi6_tui.clock import now_ms
from mi6_tui.frameworks import framework
from mi6_tui.ingest.live.processes import system_processes
from mi6_tui.ingest.live.witnesses import Witnesses
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import SessionQuery
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui import event_log
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.widgets import line_view
from tests.tui.conftest import Clock, press

MACHINE: Final = "box"
HOURS: Final = 24
STEPS: Final = 2
"""In an hour."""
TURNS: Final = 12
"""In a step: each session is asked about once in two hours."""
WALKS: Final = 2
"""Hours between two walks through the dashboard."""
KEYS: Final = ("2", "1", "enter", "escape")


class Day:
    """Sessions, the scanner that reads them, and the store, on a clock that is moved."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.clock = clock
        self.began = clock.now
        self.herd = Herd(folder, SESSIONS, clock.now)
        self.path = folder / "mi6.db"
        self.store = SqliteStorage(self.path, clock=clock)
        claude = framework("claude")
        processes = system_processes()
        witnesses = Witnesses(self.store, [claude], MACHINE, env={}, home=folder, processes=processes)
        self.scanner = Scanner(
            self.store,
            [claude],
            MACHINE,
            sides=[witnesses],
            env={},
            home=folder,
            watch=False,
            clock=clock,
            monotonic=lambda: (clock.now - self.began) / 1000,
        )
        for _ in range(SESSIONS // 2):
            self.herd.begin(clock.now)
        self.scanner.sweep()

    def step(self) -> None:
        """Half an hour goes by."""
        for _ in range(TURNS):
            self.clock.now += 3_600_000 // STEPS // TURNS
            self.herd.finish(self.clock.now)
            self.herd.begin(self.clock.now)
        self.scanner.sweep()

    def close(self) -> None:
        self.herd.close()
        self.store.close()


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    clock = Clock()
    clock.now = now_ms()
    with closing(Day(tmp_path, clock)) as day:
        yield day


def sample(day: Day) -> dict[str, float]:
    gc.collect()
    return {
        "bytes of objects": tracemalloc.get_traced_memory()[0],
        "parts of the screen": sum(isinstance(found, DOMNode) for found in gc.get_objects()),
        "descriptors": len(list(Path("/dev/fd").iterdir())),
        "threads": threading.active_count(),
        "write-ahead log": day.path.with_name("mi6.db-wal").stat().st_size,
    }


ALLOWED: Final = {
    "bytes of objects": 1_500_000,
    "parts of the screen": 10,
    "descriptors": 0,
    "threads": 0,
    "write-ahead log": 0,
}
"""By how much each may have grown from the third quarter of the day to the last, between which 144 turns are
read and the dashboard is walked through three times. One screen has more parts than that."""


async def test_a_day_leaves_nothing_behind(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    # What is kept of painted lines and of events shall be full within the first hours.
    monkeypatch.setattr(line_view, "_CACHED_LINES", 100)
    monkeypatch.setattr(event_log, "HELD", 200)
    reader = SqliteStorage(day.path, clock=day.clock)
    app = Mi6App(reader, clock=day.clock, zone=UTC, live=False)
    samples = []
    tracemalloc.start()
    try:
        async with app.run_test(size=(120, 35)) as pilot:
            for hour in range(HOURS):
                for _ in range(STEPS):
                    day.step()
                    app.pull()
                    await pilot.pause()
                for key in KEYS if hour % WALKS == 0 else ():
                    await press(pilot, key)
                samples.append(sample(day))
    finally:
        tracemalloc.stop()
        reader.close()
    watched = [
        Watched(name=name, allowed=allowed, values=[one[name] for one in samples])
        for name, allowed in ALLOWED.items()
    ]
    grown = {one.name: one.values for one in watched if not one.flat}
    assert grown == {}
    assert len(day.store.list_sessions(SessionQuery().active_only())) == SESSIONS


@pytest.mark.parametrize(
    ("values", "flat"),
    [
        ([1.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0], True),
        ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], False),
        ([5.0], True),
        ([5.0, 9.0], False),
        ([9.0, 1.0, 1.0, 1.0, 3.0, 1.0, 1.0, 1.0, 1.0, 1.0, 3.0, 1.0], True),
    ],
)
def test_what_is_flat(values: list[float], flat: bool) -> None:
    assert Watched(name="x", allowed=1.0, values=values).flat is flat
    assert Watched(name="x", allowed=None, values=values).flat


def test_the_long_form_watches_real_processes(capfd: pytest.CaptureFixture[str]) -> None:
    code = main(["--minutes", "0.03", "--sessions", "4"])
    lines = capfd.readouterr().out.splitlines()
    assert code in (0, 1)
    assert lines[0].startswith("4 sessions, ")
    named = [line.split("  ")[0] for line in lines[2:]]
    assert {"scanner: memory, MB", "dashboard: descriptors", "write-ahead log, MB"} <= set(named)
