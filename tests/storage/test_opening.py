"""Making, opening, migrating and refusing files."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from mi6_tui.errors import NewerStoreError, ReadOnlyError, StorageError, StoreLockedError
from mi6_tui.model import Batch, Event, EventQuery, SessionQuery
from mi6_tui.storage import open_storage
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.storage.sqlite.migrations import MIGRATIONS, Migration
from mi6_tui.storage.sqlite.opening import open_file
from tests.storage.original import EVENT_COLUMNS, POSITION_COLUMNS, SESSION_COLUMNS, execute

EVENT = Event(machine_id="m", session_id="s", timestamp=1, event_type="Stop", key="k")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mi6.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStorage]:
    with closing(SqliteStorage(path)) as opened:
        yield opened


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# Making.


@pytest.mark.parametrize("umask", [0, 0o777])
def test_only_the_user_may_look_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "new" / "folder" / "mi6.db"
    old = os.umask(umask)
    try:
        with closing(SqliteStorage(path)) as store:
            store.insert(EVENT)
            assert [mode_of(found) for found in sorted(path.parent.iterdir())] == [0o600] * 3
    finally:
        os.umask(old)
    assert (mode_of(path.parent), mode_of(path.parent.parent)) == (0o700, 0o700)


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    SqliteStorage(tmp_path / "mi6.db").close()
    assert mode_of(tmp_path) == 0o755


def test_nothing_is_left_beside_a_new_file(path: Path) -> None:
    SqliteStorage(path).close()
    assert [found.name for found in path.parent.iterdir()] == ["mi6.db"]
    assert path.stat().st_nlink == 1


def test_it_is_in_wal_mode_and_sound(path: Path, store: SqliteStorage) -> None:
    store.insert(EVENT)
    assert execute(path, "PRAGMA journal_mode") == [("wal",)]
    assert execute(path, "PRAGMA integrity_check") == [("ok",)]


def test_what_the_original_knows_is_there_by_its_names_and_types(path: Path, store: SqliteStorage) -> None:
    for table, expected in (
        ("events", EVENT_COLUMNS),
        ("sessions", SESSION_COLUMNS),
        ("transcript_positions", POSITION_COLUMNS),
    ):
        columns = {row[1]: row for row in execute(path, f"PRAGMA table_info({table})")}
        assert {name: columns[name][2] for name in expected} == expected
        # What the original does not name in its INSERTs must be allowed to be absent.
        assert [name for name in columns if name not in expected and columns[name][3]] == []
    assert execute(path, "SELECT version FROM schema_version") == [(19,)]
    assert execute(path, "SELECT name FROM mi6_tui_migrations") == [(step.name,) for step in MIGRATIONS]


def test_nothing_stands_in_the_way_of_the_originals_own_migrations(path: Path, store: SqliteStorage) -> None:
    assert execute(path, "SELECT name FROM sqlite_schema WHERE type IN ('view', 'trigger')") == []
    assert execute(path, "SELECT sql FROM sqlite_schema WHERE sql LIKE '%REFERENCES%'") == []


_RACER = """
import sys
from mi6_tui.model import Event
from mi6_tui.storage.sqlite import SqliteStorage
print("ready", flush=True)
sys.stdin.readline()
store = SqliteStorage(sys.argv[1])
for number in range(10):
    store.insert(Event(machine_id="m", session_id="s", timestamp=number, event_type="Stop", source="hook"))
store.close()
"""


@pytest.mark.parametrize("empty_file", [False, True])
def test_eight_processes_that_make_it_at_once_lose_nothing(path: Path, empty_file: bool) -> None:
    if empty_file:
        path.touch()
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", _RACER, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("\n")
        racer.stdin.flush()
    for racer in racers:
        racer.communicate()
        assert racer.returncode == 0
    with closing(SqliteStorage(path)) as store:
        assert store.count() == 80
        assert [session.n_hook_events for session in store.list_sessions(SessionQuery())] == [80]
    assert [found.name for found in path.parent.iterdir()] == ["mi6.db"]


# Refusing.


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="is a folder, not a store"):
        SqliteStorage(tmp_path)


def test_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"file/mi6\.db"):
        SqliteStorage(tmp_path / "file" / "mi6.db")


def test_something_else(path: Path) -> None:
    path.write_bytes(b"not a database, but longer than the header of one " * 99)
    with pytest.raises(StorageError, match="is not a SQLite database; name another"):
        SqliteStorage(path)


def test_somebody_elses_database(path: Path) -> None:
    execute(path, "CREATE TABLE recipes (name TEXT)")
    before = path.read_bytes()
    with pytest.raises(StorageError, match="holds other data, not a store"):
        SqliteStorage(path)
    assert path.read_bytes() == before


def test_a_damaged_file(path: Path) -> None:
    with closing(SqliteStorage(path)) as store:
        store.record(Batch(events=tuple(EVENT.with_(key=str(number)) for number in range(2_000))))
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4_096)
        file.write(b"\xa5" * (size - 4_096))
    with (
        pytest.raises(
            StorageError,
            match="is damaged, or its disk is; `mi6-tui doctor` says which, `mi6-tui doctor --",
        ) as caught,
        closing(SqliteStorage(path)) as store,
    ):
        store.query(EventQuery())
    assert "\n" not in str(caught.value)


def test_a_file_of_a_newer_version(path: Path) -> None:
    SqliteStorage(path).close()
    execute(path, "INSERT INTO mi6_tui_migrations VALUES ('m999_future', 0)")
    for read_only in (False, True):
        with pytest.raises(NewerStoreError, match=r"newer mi6-tui \(m999_future\); update mi6-tui"):
            SqliteStorage(path, read_only=read_only)


def test_a_file_that_another_program_holds(path: Path) -> None:
    with closing(SqliteStorage(path, busy_timeout=0)) as store:
        store.insert(EVENT)
        holder = apsw.Connection(str(path))
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreLockedError, match="locked by another program"):
            store.insert(EVENT)
        assert store.count() == 1
        holder.execute("ROLLBACK")
        holder.close()
        assert store.insert(EVENT) == 1


def test_a_full_disk(path: Path) -> None:
    with closing(SqliteStorage(path)) as store:
        store.insert(EVENT)
        pages = store._connections.get().execute("PRAGMA page_count").get
        store._connections.get().execute(f"PRAGMA max_page_count = {pages}")
        many = Batch(events=tuple(EVENT.with_(key=str(number), preview="x" * 999) for number in range(999)))
        with pytest.raises(StorageError, match="the disk is full; free some space"):
            store.record(many)
        assert store.count() == 1
        store._connections.get().execute("PRAGMA max_page_count = 100000")
        assert len(store.record(many)) == 999


# Looking only.


def test_read_only_by_wish(path: Path) -> None:
    with closing(SqliteStorage(path)) as store:
        store.insert(EVENT)
    before = path.read_bytes()
    with closing(SqliteStorage(path, read_only=True)) as store:
        assert store.read_only == f"{path} is read-only: it was opened for reading only"
        assert store.count() == 1
        with pytest.raises(ReadOnlyError):
            store.insert(EVENT.with_(key="other"))
    assert path.read_bytes() == before


def test_a_reader_sees_what_a_writer_writes(path: Path, store: SqliteStorage) -> None:
    with closing(SqliteStorage(path, read_only=True)) as reader:
        before = reader.data_version()
        assert reader.data_version() == before
        store.insert(EVENT)
        assert reader.data_version() != before
        assert reader.count() == 1
        after = reader.data_version()
        store.insert(EVENT)
        assert reader.data_version() == after


def test_nothing_to_look_at(path: Path) -> None:
    with pytest.raises(StorageError, match=r"no store at .*; run `mi6-tui scan`"):
        SqliteStorage(path, read_only=True)
    assert not path.exists()


def test_an_empty_file_to_look_at(path: Path) -> None:
    path.touch()
    with pytest.raises(StorageError, match="no store"):
        SqliteStorage(path, read_only=True)


# Migrating.


def _add_column(connection: apsw.Connection) -> None:
    connection.execute("ALTER TABLE sessions ADD COLUMN mood TEXT")


def _fail_half_way(connection: apsw.Connection) -> None:
    _add_column(connection)
    connection.execute("ALTER TABLE nothing ADD COLUMN mood TEXT")


def test_a_migration_is_applied_once_after_a_copy_was_made(path: Path) -> None:
    with closing(SqliteStorage(path)) as store:
        store.insert(EVENT)
    newer = (*MIGRATIONS, Migration("m999_mood", _add_column))
    for _ in range(2):
        layout = open_file(path, read_only=False, busy_timeout=0, migrations=newer)
        assert "mood" in layout.sessions
        assert layout.read_only is None
    (backup,) = [found for found in path.parent.iterdir() if "before-m999_mood" in found.name]
    assert mode_of(backup) == 0o600
    assert execute(backup, "SELECT name FROM mi6_tui_migrations") == [(step.name,) for step in MIGRATIONS]
    assert execute(backup, "SELECT count(*) FROM events") == [(1,)]
    assert execute(path, "SELECT name FROM mi6_tui_migrations") == [
        ("m001_initial",),
        ("m002_costs",),
        ("m003_witnesses",),
        ("m004_search",),
        ("m005_telemetry",),
        ("m006_machines",),
        ("m007_forwarding",),
        ("m999_mood",),
    ]


def test_nobody_sees_a_new_file_between_its_migrations(path: Path) -> None:
    path.touch()
    seen: list[set[str]] = []

    def look(_: apsw.Connection) -> None:
        other = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        seen.append(
            {name for (name,) in other.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        )
        other.close()

    steps = (*MIGRATIONS, Migration("m999_look", look))
    open_file(path, read_only=False, busy_timeout=0, migrations=steps)
    assert seen == [{"mi6_tui_migrations"}]
    assert len(execute(path, "SELECT name FROM mi6_tui_migrations")) == len(steps)


def test_a_migration_that_fails_changes_nothing(path: Path) -> None:
    SqliteStorage(path).close()
    newer = (*MIGRATIONS, Migration("m999_mood", _fail_half_way))
    with pytest.raises(apsw.SQLError):
        open_file(path, read_only=False, busy_timeout=0, migrations=newer)
    with closing(SqliteStorage(path)) as store:
        assert store.read_only is None
    assert "mood" not in {row[1] for row in execute(path, "PRAGMA table_info(sessions)")}


def test_a_file_to_be_migrated_is_only_looked_at_when_asked_so(path: Path) -> None:
    SqliteStorage(path).close()
    newer = (*MIGRATIONS, Migration("m999_mood", _add_column))
    layout = open_file(path, read_only=True, busy_timeout=0, migrations=newer)
    assert "mood" not in layout.sessions
    assert layout.read_only is not None


def test_open_storage(path: Path) -> None:
    with closing(open_storage(path)) as store:
        assert store.read_only is None
    with closing(open_storage(path, read_only=True)) as store:
        assert store.read_only is not None
