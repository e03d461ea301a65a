"""What is played reaches the store as its clock reaches it, and the listener is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mi6_tui.ingest.demo import Demo
from mi6_tui.ingest.follow import ScannerState
from mi6_tui.ingest.play_clock import PlayClock
from mi6_tui.ingest.player import Player
from mi6_tui.model import Batch, EventQuery
from mi6_tui.stop import Stop
from mi6_tui.storage.sqlite import SqliteStorage

NOW = 1_795_442_531_000


@pytest.fixture
def clock() -> PlayClock:
    """Stands still."""
    clock = PlayClock(NOW)
    clock.pause(True)
    clock.jump(NOW)
    return clock


@pytest.fixture
def storage(tmp_path: Path, clock: PlayClock) -> Iterator[SqliteStorage]:
    with closing(SqliteStorage(tmp_path / "mi6.db", clock=clock)) as storage:
        yield storage


class Played:
    """A player in a thread of its own; `heard` is set whenever it recorded something."""

    def __init__(self, player: Player) -> None:
        self.heard = threading.Event()
        self.states: list[ScannerState] = []
        self._stop = Stop()
        self._thread = threading.Thread(target=self._run, args=(player,))
        self._thread.start()

    def _run(self, player: Player) -> None:
        player.run(self._stop, on_state=self.states.append, on_recorded=lambda report: self.heard.set())

    def hear(self) -> None:
        assert self.heard.wait(60)
        self.heard.clear()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


def newest(storage: SqliteStorage) -> int:
    return storage.query(EventQuery(limit=1))[0].timestamp


def test_it_plays_as_far_as_the_clock_has_come(storage: SqliteStorage, clock: PlayClock) -> None:
    played = Played(Player(storage, Demo(NOW), clock))
    try:
        played.hear()
        assert newest(storage) <= NOW
        clock.jump(NOW + 60_000)
        while newest(storage) <= NOW:
            played.hear()
        assert newest(storage) <= NOW + 60_000
    finally:
        played.stop()
    assert [state.role for state in played.states] == ["writer"]


def test_what_was_before_comes_first(storage: SqliteStorage, clock: PlayClock) -> None:
    demo = Demo(NOW)
    past = demo.past()
    played = Played(Player(storage, demo, clock, before=lambda: past))
    try:
        while storage.count() <= sum(len(batch.events) for batch in past):
            played.hear()
    finally:
        played.stop()
    own = Demo(NOW).until(NOW).events
    assert storage.count() == sum(len(batch.events) for batch in past) + len(own)


def test_statuses_age_although_nothing_happens(storage: SqliteStorage, clock: PlayClock) -> None:
    """A headless run whose turn ended counts as ended after a minute, and the one who listens is told."""
    demo = Demo(NOW)
    storage.record(demo.until(NOW))
    played = Played(Player(storage, Silence(), clock))
    try:
        clock.jump(NOW + 48 * 3_600_000)
        played.hear()
    finally:
        played.stop()
    assert storage.rejudge(clock()) == 0


class Silence:
    """Nothing ever happens."""

    next_at = None

    def until(self, now: int) -> Batch:
        return Batch()
