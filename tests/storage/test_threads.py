"""Threads, processes that die, and writes that are none."""

import signal
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from mi6_tui.errors import StorageError
from mi6_tui.model import Batch, Event, EventQuery, FilePosition, SessionQuery
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.storage.sqlite.connection import LOG_LIMIT, connect

EVENT = Event(machine_id="m", session_id="s", timestamp=1, event_type="Stop", source="hook")


def open_files() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


def test_threads_share_a_store(tmp_path: Path) -> None:
    with closing(SqliteStorage(tmp_path / "mi6.db")) as store:

        def work(name: str) -> None:
            for number in range(25):
                store.insert(EVENT.with_(key=f"{name}{number}"))

        threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert store.count() == 100
        assert [session.n_hook_events for session in store.list_sessions(SessionQuery())] == [100]


def test_a_threads_connection_ends_with_it(tmp_path: Path) -> None:
    with closing(SqliteStorage(tmp_path / "mi6.db")) as store:
        store.insert(EVENT)
        before = open_files()
        for _ in range(9):
            thread = threading.Thread(target=store.count)
            thread.start()
            thread.join()
        # SQLite keeps a closed file for the next to open it: closing it would drop the locks of the others.
        assert open_files() <= before + 1


def test_closing(tmp_path: Path) -> None:
    before = open_files()
    store = SqliteStorage(tmp_path / "mi6.db")
    store.insert(EVENT)
    store.close()
    store.close()
    assert open_files() == before
    assert [found.name for found in tmp_path.iterdir()] == ["mi6.db"]
    with pytest.raises(StorageError, match="was closed"):
        store.count()


def test_no_cursor_stays_open(tmp_path: Path) -> None:
    path = tmp_path / "mi6.db"
    with (
        closing(SqliteStorage(path, busy_timeout=0, clock=lambda: 2)) as one,
        closing(SqliteStorage(path, busy_timeout=0)) as other,
    ):
        position = FilePosition(file_path="/t")
        for number in range(3):
            one.record(Batch(events=(EVENT.with_(key=f"k{number}"),), positions=(position,)))
        one.query(EventQuery().with_limit(1))
        one.list_sessions(SessionQuery().with_limit(1))
        one.get_transcript_position("/t")
        one.event_exists_by_uuid("s", "u")
        assert one.rejudge(10**15) == 1
        # A reader that held on to a snapshot would keep the log from being emptied.
        other.insert(EVENT)
        assert other._connections.get().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall() == [(0, 0, 0)]


def test_what_is_known_already_writes_no_byte(tmp_path: Path) -> None:
    path = tmp_path / "mi6.db"
    batch = Batch(
        events=tuple(EVENT.with_(key=f"k{number}", cwd="/w") for number in range(9)),
        positions=(FilePosition(file_path="/t", byte_offset=9),),
    )
    with closing(SqliteStorage(path, clock=lambda: 2)) as store:
        store.record(batch)
        log = path.with_name("mi6.db-wal")
        before = (path.read_bytes(), log.read_bytes())
        store.record(batch)
        store.insert(batch.events[0])
        store.rejudge(2)
        store.set_transcript_position("/t", batch.positions[0])
        assert (path.read_bytes(), log.read_bytes()) == before


_ENDLESS = """
import sys
from mi6_tui.model import Batch, Event, FilePosition
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.storage.sqlite.connection import LOG_LIMIT, connect
store = SqliteStorage(sys.argv[1])
start = int(sys.argv[2])
for number in range(start, start + 100_000):
    events = tuple(
        Event(machine_id="m", session_id=f"s{n}", timestamp=number, event_type="ApiRequest",
              source="transcript", key=f"{number}-{n}", tokens_input=1,
              transcript_path="/t", byte_offset=number)
        for n in range(3)
    )
    store.record(Batch(events=events, positions=(FilePosition(file_path="/t", byte_offset=number),)))
    print(number, flush=True)
"""


def test_a_killed_writer_leaves_whole_batches(tmp_path: Path) -> None:
    path = tmp_path / "mi6.db"
    done = -1
    for lives in (1, 7, 20, 3):
        writer = subprocess.Popen(
            [sys.executable, "-c", _ENDLESS, str(path), str(done + 1)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        for _ in range(lives):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        with closing(SqliteStorage(path)) as store:
            position = store.get_transcript_position("/t")
            assert position is not None
            assert position.byte_offset >= done + lives
            done = position.byte_offset
            assert store.count() == 3 * (done + 1)
            totals = {(s.api_request_count, s.tokens_input) for s in store.list_sessions(SessionQuery())}
            assert totals == {(done + 1, done + 1)}


def test_the_log_that_a_long_reader_let_grow_is_short_again_after_it(tmp_path: Path) -> None:
    log = tmp_path / "mi6.db-wal"
    with closing(SqliteStorage(tmp_path / "mi6.db")) as store:
        with closing(connect(tmp_path / "mi6.db", writable=False)) as reader:
            reader.execute("BEGIN; SELECT count(*) FROM events").fetchall()
            for batch in range(12):
                events = [EVENT.with_(key=f"{batch}-{n}", preview="x" * 500) for n in range(1000)]
                store.record(Batch(events=tuple(events)))
            grown = log.stat().st_size
        assert grown > 2 * LOG_LIMIT
        store.insert(EVENT.with_(key="its commit copies all of the log into the file"))
        store.insert(EVENT.with_(key="begins the log anew"))
        assert log.stat().st_size <= LOG_LIMIT
        assert store.count() == 12_002
