"""The scanner that stays: notifications, take-over, trouble with the store, and an end when told."""

from __future__ import annotations

import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mi6_tui.errors import StoreLockedError
from mi6_tui.frameworks import framework
from mi6_tui.ingest import notify
from mi6_tui.ingest.follow import ScannerState
from mi6_tui.ingest.lock import WriterLock
from mi6_tui.ingest.notify import Announced, changes_below
from mi6_tui.ingest.problem import Problem
from mi6_tui.ingest.progress import Progress, ScanReport
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.ingest.schedule import Intervals
from mi6_tui.model import Batch
from mi6_tui.stop import Stop
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.growth import NOW, billed, contents, writes
from tests.ingest.looking import uuids, write
from tests.ingest.numbers import MACHINE, Numbers
from tests.ingest.victim import victim

QUICK = Intervals(hot=0.01, hot_slowest=0.01, discovery=0.01, retry_lock=0.01, store_error=0.01)
PATIENCE = 30
"""Seconds after which something that should come is missed."""


class Told:
    """What a running scanner says, in order."""

    def __init__(self) -> None:
        self.states: queue.Queue[ScannerState] = queue.Queue()
        self.problems: queue.Queue[Problem] = queue.Queue()
        self.reports: queue.Queue[ScanReport] = queue.Queue()
        self.progress: list[Progress] = []

    def state(self, wanted: Callable[[ScannerState], bool]) -> ScannerState:
        """The next state of a kind."""
        while True:
            state = self.states.get(timeout=PATIENCE)
            if wanted(state):
                return state

    def events(self, count: int) -> int:
        """Wait until as many new events were told."""
        seen = 0
        while seen < count:
            seen += self.reports.get(timeout=PATIENCE).events
        return seen


@contextmanager
def running(storage: SqliteStorage, home: Path, **options: Any) -> Iterator[Told]:
    """A scanner in a thread; ended afterwards."""
    told, stop = Told(), Stop()
    client = options.pop("client", Numbers())
    defaults: dict[str, Any] = {"env": {}, "home": home, "watch": False, "intervals": QUICK}
    scanner = Scanner(storage, [client], MACHINE, **defaults | options)
    thread = threading.Thread(
        target=scanner.run,
        args=(stop,),
        kwargs={
            "on_state": told.states.put,
            "on_problem": told.problems.put,
            "on_recorded": told.reports.put,
            "on_progress": told.progress.append,
        },
    )
    thread.start()
    try:
        yield told
    finally:
        stop.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_it_reads_what_is_there_and_what_comes(store: SqliteStorage, root: Path) -> None:
    path = write(root / "s" / "a.num", [1, 2])
    with running(store, root.parent) as told:
        assert told.events(2) == 2
        write(path, [3])
        write(root / "t" / "b.num", [4])
        assert told.events(2) == 2


def test_a_notification_is_enough(store: SqliteStorage, root: Path) -> None:
    """With sweeps an hour apart only the watcher can tell."""
    slow = Intervals(hot_watched=3600, discovery_watched=3600)
    path = write(root / "s" / "a.num", [1])
    with running(store, root.parent, watch=True, intervals=slow) as told:
        told.events(1)
        told.state(lambda state: state.watching)
        for number in range(2, 6):
            write(path, [number])
            assert told.events(1) == 1
        write(root / "s" / "b.num", [6])
        assert told.events(1) == 1
        write(root / "t" / "c.num", [7])
        assert told.events(1) == 1


def test_what_happens_before_the_watcher_is_ready_is_not_missed(
    store: SqliteStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = threading.Event()

    def late(folders: Sequence[str]) -> AbstractContextManager[Announced]:
        ready.wait(PATIENCE)
        return changes_below(folders)

    monkeypatch.setattr(notify, "changes_below", late)
    never = Intervals(hot=3600, discovery=3600, hot_watched=3600, discovery_watched=3600)
    path = write(root / "s" / "a.num", [1])
    with running(store, root.parent, watch=True, intervals=never) as told:
        told.events(1)
        write(path, [2])
        ready.set()
        told.events(1)


def test_a_new_writer_goes_on_where_another_one_stopped(
    store: SqliteStorage, root: Path, tmp_path: Path
) -> None:
    path = write(root / "s" / "a.num", [1])
    other = Scanner(store, [Numbers()], MACHINE, env={}, home=root.parent)
    with running(store, root.parent, lock=WriterLock(tmp_path / "lock")) as told:
        told.events(1)
    options: dict[str, Any] = {"watch": False, "intervals": QUICK, "lock": WriterLock(tmp_path / "lock")}
    scanner = Scanner(store, [Numbers()], MACHINE, env={}, home=root.parent, **options)
    scanner.scan_once()
    write(path, [2, 3])
    other.scan_once()
    stop, reports = Stop(), []

    def recorded(report: ScanReport) -> None:
        reports.append(report)
        stop.set()

    def writing(state: ScannerState) -> None:
        write(path, [4])

    scanner.run(stop, on_recorded=recorded, on_state=writing)
    assert [(report.lines, report.events) for report in reports] == [(1, 1)]


def test_it_watches_a_root_that_is_made_later_and_one_that_is_made_anew(
    store: SqliteStorage, tmp_path: Path
) -> None:
    intervals = msgspec.structs.replace(QUICK, discovery_watched=0.01, hot_watched=0.01)
    home = tmp_path / "later"
    with running(store, home, watch=True, intervals=intervals) as told:
        told.state(lambda state: not state.watching)
        path = write(home / "numbers" / "s" / "a.num", [1])
        told.state(lambda state: state.watching)
        told.events(1)
        path.unlink()
        path.parent.rmdir()
        path.parent.parent.rmdir()
        told.state(lambda state: not state.watching)
        write(path, [2])
        told.state(lambda state: state.watching)
        told.events(1)


def test_without_notifications_it_says_so_and_looks_itself(
    store: SqliteStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(folders: Sequence[str]) -> AbstractContextManager[Announced]:
        raise OSError("watch limit reached")

    monkeypatch.setattr(notify, "changes_below", refusing)
    path = write(root / "s" / "a.num", [1])
    with running(store, root.parent, watch=True) as told:
        told.events(1)
        problem = told.problems.get(timeout=PATIENCE)
        assert problem.path is None
        assert "watch limit reached" in str(problem)
        write(path, [2])
        told.events(1)


def test_it_asks_again_to_be_told_of_changes_and_says_once_that_it_is_not(
    store: SqliteStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = threading.Semaphore(3)

    def sparing(folders: Sequence[str]) -> AbstractContextManager[Announced]:
        if refused.acquire(blocking=False):
            raise OSError("watch limit reached")
        return changes_below(folders)

    monkeypatch.setattr(notify, "changes_below", sparing)
    quick = msgspec.structs.replace(QUICK, watch_again=0.01)
    write(root / "s" / "a.num", [1])
    with running(store, root.parent, watch=True, intervals=quick) as told:
        told.state(lambda state: state.watching)
    assert not refused.acquire(blocking=False)
    assert "watch limit reached" in str(told.problems.get_nowait())
    assert told.problems.empty()


def test_a_problem_is_told_once_and_again_only_when_it_came_back(
    store: SqliteStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = write(root / "s" / "bad.num", [1])
    real = os.open
    closed = True

    def refusing(path: str | Path, flags: int, mode: int = 0o777) -> int:
        if closed and str(path) == str(bad):
            raise PermissionError(13, "Permission denied", path)
        return real(path, flags, mode)

    monkeypatch.setattr(os, "open", refusing)
    with running(store, root.parent) as told:
        assert told.problems.get(timeout=PATIENCE) == Problem(str(bad), "Permission denied")
        write(root / "s" / "good.num", [2])
        told.events(1)
        assert told.problems.empty()
        closed = False
        told.events(1)
        write(root / "s" / "good.num", [3])
        told.events(1)
        closed = True
        write(bad, [4])
        assert told.problems.get(timeout=PATIENCE).path == str(bad)


def test_a_store_in_trouble_is_tried_again(
    store: SqliteStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root / "s" / "a.num", [1])
    record, failures = store.record, iter([True, True])

    def sometimes(batch: Batch) -> object:
        if next(failures, False):
            raise StoreLockedError("the store is locked")
        return record(batch)

    monkeypatch.setattr(store, "record", sometimes)
    with running(store, root.parent) as told:
        assert told.problems.get(timeout=PATIENCE) == Problem(None, "the store is locked")
        told.events(1)
    assert told.problems.empty()


def test_a_writer_in_trouble_lets_others_write(tmp_path: Path, root: Path) -> None:
    write(root / "s" / "a.num", [1])
    place = tmp_path / "mi6.db"
    old = SqliteStorage(place)
    with running(old, root.parent, lock=WriterLock(tmp_path / "lock")) as told:
        told.events(1)
        place.unlink()
        with closing(SqliteStorage(tmp_path / "other.db")) as new:
            lost = told.problems.get(timeout=PATIENCE)
            assert lost.reason.startswith(f"{place} was moved or deleted")
            with running(new, root.parent, lock=WriterLock(tmp_path / "lock")) as others:
                others.events(1)
            assert new.count() == 1
    old.close()


def test_another_store_in_the_place_of_the_one_before_is_filled_from_the_start(
    tmp_path: Path, root: Path
) -> None:
    """What was read into the one before is not taken for read."""
    write(root / "s" / "a.num", [1, 2])
    place = tmp_path / "mi6.db"
    with closing(SqliteStorage(place)) as storage, running(storage, root.parent) as told:
        told.events(2)
        for suffix in ("", "-wal", "-shm"):
            place.with_name(place.name + suffix).unlink()
        SqliteStorage(place).close()
        told.events(2)
        assert uuids(storage) == ["1", "2"]


def test_the_end_of_trouble_is_told_though_nothing_is_read_and_new_trouble_too(
    store: SqliteStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rejudge, locked = store.rejudge, threading.Event()

    def sometimes(now: int) -> object:
        if locked.is_set():
            raise StoreLockedError("the store is locked")
        return rejudge(now)

    monkeypatch.setattr(store, "rejudge", sometimes)
    with running(store, root.parent, intervals=msgspec.structs.replace(QUICK, rejudge=0.01)) as told:
        for _ in range(2):
            told.state(lambda state: state.role == "writer")
            locked.set()
            assert told.problems.get(timeout=PATIENCE) == Problem(None, "the store is locked")
            locked.clear()
        told.state(lambda state: state.role == "writer")
    assert told.problems.empty()


def test_a_read_only_store_is_a_state(store: SqliteStorage, root: Path) -> None:
    write(root / "s" / "a.num", [1])
    reader = SqliteStorage(store.path, read_only=True)
    with running(reader, root.parent) as told:
        state = told.state(lambda state: state.role == "reader")
        assert state.reason == reader.read_only
    assert told.problems.empty()
    reader.close()


def test_a_reader_takes_over_when_the_writer_is_killed(tmp_path: Path) -> None:
    home, todo = tmp_path / "home", list(writes())
    for write_ in todo[:30]:
        write_.do(home)
    storage = SqliteStorage(tmp_path / "mi6.db", clock=lambda: NOW)
    lock = WriterLock(tmp_path / "mi6.db.lock")
    with victim(tmp_path) as (process, output):
        while output.readline() != "recorded\n":
            pass
        client = framework("claude")
        with running(storage, home, client=client, lock=lock, clock=lambda: NOW) as told:
            state = told.state(lambda state: state.role == "reader")
            assert state.holder == process.pid
            process.send_signal(signal.SIGKILL)
            told.state(lambda state: state.role == "writer")
            for write_ in todo[30:]:
                write_.do(home)
            seen = 0
            while seen < len(billed()):
                told.reports.get(timeout=PATIENCE)
                seen = sum(event.is_api_request for event in contents(storage, home)[0])
    assert not lock.held, "whoever ends lets go"
    assert seen == len(billed())
    storage.close()


def test_progress_is_told_only_where_there_is_much_to_read(store: SqliteStorage, root: Path) -> None:
    path = write(root / "s" / "a.num", [1])
    with running(store, root.parent) as told:
        told.events(1)
        assert told.progress == []
        with path.open("ab") as file:
            file.write(b"".join(b"%01023d\n" % number for number in range(10, 2010)))
        told.events(2000)
    assert told.progress[-1].files_done == 1
    assert 1024 <= told.progress[-1].events <= 2000, "what is written may be seen in parts"
