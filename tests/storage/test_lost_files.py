"""What is no ordinary file, what a lost store leaves behind, and a store that is lost while it is open."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from mi6_tui.errors import StorageError, StoreReplacedError
from mi6_tui.model import Event, EventQuery
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.storage.sqlite.migrations import MIGRATIONS, Migration
from mi6_tui.storage.sqlite.opening import open_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mi6.db"


@pytest.fixture
def killed(path: Path, tmp_path: Path) -> Iterator[Path]:
    """Where a store stood that was killed with events in its log, and was then moved away alone."""
    with closing(SqliteStorage(path)) as store:
        store.insert(event("old"))
        log = path.with_name("mi6.db-wal")
        assert log.stat().st_size > 0
        shutil.copy(log, tmp_path / "log")
    path.unlink()
    (tmp_path / "log").rename(log)
    yield path


def event(key: str) -> Event:
    return Event(machine_id="m", session_id=key, timestamp=1, event_type="Stop", key=key)


def test_a_pipe_is_refused_and_not_waited_for(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(StorageError, match="no ordinary file"):
        SqliteStorage(path)


def test_the_log_of_a_lost_store_is_not_replayed_into_the_new_one(killed: Path) -> None:
    with closing(SqliteStorage(killed)) as store:
        assert (store.count(), store.last_event_id()) == (0, 0)
        store.insert(event("new"))
    connection = apsw.Connection(str(killed), flags=apsw.SQLITE_OPEN_READONLY)
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    assert connection.execute("SELECT key FROM events").fetchall() == [("new",)]
    connection.close()


def test_the_log_of_a_lost_store_is_kept(killed: Path) -> None:
    log = killed.with_name("mi6.db-wal").read_bytes()
    SqliteStorage(killed).close()
    [kept] = killed.parent.glob("mi6.db-wal.orphaned-*")
    assert kept.read_bytes() == log


def test_a_file_is_whole_before_it_gets_its_name(path: Path) -> None:
    """What a log beside it still holds would stay behind, for example when the disk is full."""
    modes: list[str] = []

    def look(connection: apsw.Connection) -> None:
        modes.append(connection.execute("PRAGMA journal_mode").get)

    probe = Migration("m999_look", look)
    open_file(path, read_only=False, busy_timeout=0, migrations=(*MIGRATIONS, probe))
    assert modes == ["delete"]


def test_a_store_that_goes_away_while_it_is_open_is_noticed(path: Path) -> None:
    with closing(SqliteStorage(path)) as store:
        store.insert(event("old"))
        path.rename(path.with_name("moved.db"))
        with pytest.raises(StorageError, match="was moved or deleted"):
            store.insert(event("lost"))
        with pytest.raises(StorageError, match="was moved or deleted"):
            store.count()


def test_another_store_in_its_place_is_told_once_and_used_then(path: Path) -> None:
    with closing(SqliteStorage(path)) as store:
        store.insert(event("old"))
        path.rename(path.with_name("moved.db"))
        SqliteStorage(path).close()
        with pytest.raises(StoreReplacedError, match="another store stands at"):
            store.insert(event("lost"))
        store.insert(event("new"))
    with closing(SqliteStorage(path)) as new:
        assert [event.key for event in new.query(EventQuery())] == ["new"]


def test_each_thread_that_read_the_store_before_is_told(path: Path) -> None:
    """Whatever it remembers of that one may not be so in this one."""
    told: list[str] = []
    ready, replaced = threading.Event(), threading.Event()
    with closing(SqliteStorage(path)) as store:

        def read() -> None:
            store.count()
            ready.set()
            replaced.wait(30)
            try:
                store.count()
            except StoreReplacedError:
                told.append("told")
            told.append(str(store.count()))

        thread = threading.Thread(target=read)
        thread.start()
        ready.wait(30)
        path.rename(path.with_name("moved.db"))
        SqliteStorage(path).close()
        with pytest.raises(StoreReplacedError):
            store.count()
        assert store.count() == 0
        replaced.set()
        thread.join()
    assert told == ["told", "0"]
