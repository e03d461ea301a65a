"""Sources of news besides the transcripts: asked when due, or when something changes below their folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from mi6_tui.ingest.discover import OnProblem
from mi6_tui.ingest.problem import Problem
from mi6_tui.ingest.schedule import Intervals
from mi6_tui.model import Batch, Claim
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.conftest import Clock, NewScanner
from tests.ingest.numbers import MACHINE
from tests.ingest.test_follow import PATIENCE, running


class Notes:
    """Records each file of a folder as a session that is busy."""

    def __init__(self, storage: SqliteStorage, folder: Path, every: float = 3600.0) -> None:
        self.every = every
        self.looks = 0
        self._storage = storage
        self._folder = folder
        self._known: set[str] = set()

    def folders(self) -> Sequence[str]:
        return [str(self._folder)]

    def look(self, now: int, on_problem: OnProblem) -> int:
        self.looks += 1
        new = {path.name for path in self._folder.iterdir()} - self._known
        self._known |= new
        claims = [
            Claim(machine_id=MACHINE, session_id=name, witness="registry", kind="busy", at=now)
            for name in new
        ]
        if "bad" in new:
            on_problem(Problem(str(self._folder / "bad"), "is bad"))
        if claims:
            self._storage.record(Batch(claims=tuple(claims)))
        return len(claims)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "notes"
    path.mkdir()
    return path


def test_one_scan_asks_once(store: SqliteStorage, new_scanner: NewScanner, folder: Path) -> None:
    (folder / "n1").touch()
    (folder / "bad").touch()
    notes = Notes(store, folder)
    report = new_scanner(sides=[notes]).scan_once()
    assert (report.aside, report.events, notes.looks) == (2, 0, 1)
    assert [problem.reason for problem in report.problems] == ["is bad"]
    session = store.get_session("n1")
    assert session is not None
    assert session.status_shown == "working"


def test_a_sweep_asks_those_that_are_due(
    store: SqliteStorage, new_scanner: NewScanner, folder: Path, clock: Clock
) -> None:
    often, rarely = Notes(store, folder, every=2.0), Notes(store, folder, every=10.0)
    scanner = new_scanner(sides=[often, rarely])
    for second in range(21):
        scanner.sweep()
        assert (often.looks, rarely.looks) == (second // 2 + 1, second // 10 + 1)
        clock.forward(1)


def test_a_change_below_its_folder_is_looked_at_at_once(
    store: SqliteStorage, new_scanner: NewScanner, folder: Path
) -> None:
    notes = Notes(store, folder)
    scanner = new_scanner(sides=[notes])
    scanner.sweep()
    scanner.sweep({str(folder) + "-other/n1", "/elsewhere"})
    assert notes.looks == 1
    assert scanner.sweep({str(folder / "n1")}).aside == 0
    assert notes.looks == 2


def test_a_notification_wakes_it(store: SqliteStorage, root: Path, folder: Path) -> None:
    """With looks an hour apart only the watcher can tell."""
    slow = Intervals(hot_watched=3600, discovery_watched=3600, rejudge=3600)
    with running(store, root.parent, watch=True, intervals=slow, sides=[Notes(store, folder)]) as told:
        told.state(lambda state: state.watching)
        (folder / "n1").touch()
        assert told.reports.get(timeout=PATIENCE).aside == 1
    assert store.get_session("n1") is not None
