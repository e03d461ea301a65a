"""The machine's clock goes back, runs ahead, and is set right again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from mi6_tui.frameworks.base import Framework
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import Event, Session
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.conftest import Clock
from tests.ingest.looking import write
from tests.ingest.numbers import MACHINE, Numbers

DAY = 86_400_000
MINUTE = 60_000


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[SqliteStorage]:
    with closing(SqliteStorage(tmp_path / "mi6.db", clock=clock)) as storage:
        yield storage


def tell(store: SqliteStorage, what: str, at: int) -> None:
    store.insert(
        Event(
            machine_id=MACHINE,
            session_id="a",
            timestamp=at,
            event_type=what,
            source="hook",
            key=f"{what}{at}",
        )
    )


def session(store: SqliteStorage) -> Session:
    found = store.get_session("a")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("ahead", "shown"), [(2 * DAY, "ended"), (40 * MINUTE, "unknown")], ids=["two days", "forty minutes"]
)
def test_what_was_judged_by_a_clock_that_ran_ahead_is_judged_again(
    store: SqliteStorage, clock: Clock, ahead: int, shown: str
) -> None:
    now = clock.ms
    tell(store, "UserPromptSubmit", now)
    before = session(store)
    assert before.status_shown == "working"
    clock.ms = now + ahead
    store.rejudge(clock.ms)
    assert session(store).status_shown == shown
    clock.ms = now + MINUTE
    assert store.rejudge(clock.ms) == 1
    assert session(store).with_(revision=0) == before.with_(revision=0)
    assert store.rejudge(clock.ms) == 0


def test_a_clock_that_goes_back_a_day_loses_nothing(store: SqliteStorage, clock: Clock) -> None:
    now = clock.ms
    tell(store, "UserPromptSubmit", now)
    clock.ms = now - DAY
    assert store.rejudge(clock.ms) == 0
    tell(store, "Stop", clock.ms)
    assert store.count() == 2
    assert session(store).last_activity == now
    clock.ms = now + MINUTE
    tell(store, "Stop", clock.ms)
    assert session(store).status_shown == "your turn"


@pytest.mark.parametrize("jump", [-DAY, 2 * DAY])
def test_the_scanner_reads_on_whatever_the_clock_does(
    store: SqliteStorage, clock: Clock, tmp_path: Path, jump: int
) -> None:
    """Its waits are on a clock that nobody sets."""
    path = write(tmp_path / "home" / "numbers" / "s" / "a.num", [1, 2])
    ticks = 0.0

    def monotonic() -> float:
        return ticks

    scanner = Scanner(
        store,
        [cast(Framework, Numbers())],
        MACHINE,
        env={},
        home=tmp_path / "home",
        watch=False,
        clock=clock,
        monotonic=monotonic,
    )
    assert scanner.sweep().events == 2
    clock.ms += jump
    write(path, [3])
    ticks += 60
    assert scanner.sweep().events == 1
    clock.ms -= jump
    write(path, [4])
    ticks += 60
    assert scanner.sweep().events == 1
