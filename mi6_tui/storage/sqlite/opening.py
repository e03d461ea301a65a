"""Opening a store: whose file it is, whether it may be written, and its creation and migration."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

import apsw

from mi6_tui.clock import now_ms
from mi6_tui.errors import NewerStoreError, StorageError
from mi6_tui.private import make_folder
from mi6_tui.storage.sqlite.connection import connect, fetch, transaction
from mi6_tui.storage.sqlite.migrations import MIGRATIONS, Migration
from mi6_tui.unfinished import remove_abandoned, settle, unfinished

_ORIGINAL_SCHEMA_VERSION: Final = 19
LEDGER: Final = "mi6_tui_migrations"
"""The table of the migrations that a file has; ours alone have it."""


class Layout(NamedTuple):
    """The columns a file has, by table, and why it may not be written (None: it may)."""

    events: frozenset[str]
    sessions: frozenset[str]
    positions: frozenset[str]
    read_only: str | None


def open_file(
    path: Path, *, read_only: bool, busy_timeout: int, migrations: Sequence[Migration] = MIGRATIONS
) -> Layout:
    """Make sure that a store of the present schema stands at `path`, or that one can be looked at."""
    if path.is_dir():
        raise StorageError(f"{path} is a folder, not a store", "name a file with --db")
    if path.is_symlink() and not path.exists():
        raise StorageError(
            f"{path} is a symbolic link to {path.readlink()}, where nothing stands",
            "mend that link, or name another with --db",
        )
    if path.exists() and not path.is_file():
        # A pipe would be waited for until somebody writes to it.
        raise StorageError(f"{path} is no ordinary file", "name another with --db")
    if not read_only:
        remove_abandoned(path)
        _ensure_exists(path, migrations)
    elif not path.exists():
        raise _no_store(path)
    wish = "it was opened for reading only" if read_only else _permission(path)
    if wish is None:
        _free_log(path)
    connection = connect(path, writable=False, busy_timeout=busy_timeout)
    try:
        missing, foreign = _examine(connection, path, migrations)
    finally:
        connection.close()
    reason = foreign or wish
    if missing and reason is None:
        _migrate(path, busy_timeout, migrations)
    elif missing:
        reason = f"{reason}, and it needs a migration first"
    layout = _layout(path, reason and f"{path} is read-only: {reason}", busy_timeout)
    if not layout.events:
        raise _no_store(path)
    return layout


def _no_store(path: Path) -> StorageError:
    return StorageError(f"there is no store at {path}", "run `mi6-tui scan` to make one")


def _permission(path: Path) -> str | None:
    if not os.access(path, os.W_OK):
        return "you have no permission to write the file"
    if not os.access(path.parent, os.W_OK):
        return "you have no permission to write in its folder"
    return None


def _free_log(path: Path) -> None:
    """Let the log be written: SQLite gave it the mode of the file, which may have been read-only then."""
    for beside in _beside(path):
        if beside.exists() and not os.access(beside, os.W_OK):
            with suppress(OSError):  # if it is another user's, SQLite tells
                beside.chmod(0o600)


def _tables(connection: apsw.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}


def _examine(
    connection: apsw.Connection, path: Path, migrations: Sequence[Migration]
) -> tuple[bool, str | None]:
    """Whether migrations are missing, and in whose file we may not write."""
    tables = _tables(connection)
    if not tables:
        return True, None
    version = None
    if "schema_version" in tables:
        version = connection.execute("SELECT max(version) FROM schema_version").get
    if version is not None and version > _ORIGINAL_SCHEMA_VERSION:
        return False, f"its schema version {version} is newer than {_ORIGINAL_SCHEMA_VERSION}"
    if LEDGER not in tables:
        if "events" in tables and "sessions" in tables:
            return False, "mi6 wrote it, and its counters follow mi6's own rules"
        raise StorageError(f"{path} holds other data, not a store", "name another file with --db")
    known = {migration.name for migration in migrations}
    applied = {name for (name,) in connection.execute(f"SELECT name FROM {LEDGER}")}
    if unknown := sorted(applied - known):
        raise NewerStoreError(
            f"{path} was written by a newer mi6-tui ({unknown[-1]})",
            "update mi6-tui, or name another with --db",
        )
    return applied != known, None


def _layout(path: Path, reason: str | None, busy_timeout: int) -> Layout:
    # Only a connection that may write tidies up behind itself.
    connection = connect(path, writable=reason is None, busy_timeout=busy_timeout)
    try:
        events, sessions, positions = (
            frozenset(row[1] for row in fetch(connection, f"PRAGMA table_info({table})"))
            for table in ("events", "sessions", "transcript_positions")
        )
    finally:
        connection.close()
    return Layout(events, sessions, positions, reason)


def _ensure_exists(path: Path, migrations: Sequence[Migration]) -> None:
    """Build a new file whole under another name, then give it its own: whoever opens it finds all of it."""
    if path.exists():
        return
    make_folder(path.parent)
    _put_remains_aside(path)
    building = unfinished(path)
    os.close(os.open(building, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
    try:
        building.chmod(0o600)
        # Nobody loses a file that has no name yet: it need not be on the disk before it gets that.
        _migrate(building, 0, migrations, synchronous="OFF")
        # Closed at once: SQLite's locks on a file end with any descriptor of it that is closed.
        settle(building)
        try:
            path.hardlink_to(building)
        except FileExistsError:
            return
        settle(path.parent)
    finally:
        for remains in (building, *_beside(building)):
            remains.unlink(missing_ok=True)


def _beside(path: Path) -> list[Path]:
    return [path.with_name(path.name + suffix) for suffix in ("-journal", "-wal", "-shm")]


def _put_remains_aside(path: Path) -> None:
    """Rename the logs of a store that is gone: SQLite would replay them into the new one.

    Under a lock, and those only that stood there before the store was seen to be missing: so they
    are never the logs of the store that another process makes right now.
    """
    if not any(log.exists() for log in _beside(path)):
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        remains = [log for log in _beside(path) if log.exists()]
        if not path.exists():
            for log in remains:
                log.rename(f"{log}.orphaned-{now_ms()}")
    finally:
        os.close(folder)


def _migrate(
    path: Path, busy_timeout: int, migrations: Sequence[Migration], *, synchronous: str = "NORMAL"
) -> None:
    """Apply what is missing, each step with its record, after a copy of a file that holds something."""
    connection = connect(path, writable=True, busy_timeout=busy_timeout)
    try:
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute(
            f"CREATE TABLE IF NOT EXISTS {LEDGER} (name TEXT PRIMARY KEY, applied_at INTEGER NOT NULL)"
        )
        new = saved = "events" not in _tables(connection)
        # A new file gets all steps at once: half of them would look like an old store to who opens it now.
        for steps in (tuple(migrations),) if new else tuple((migration,) for migration in migrations):
            if not saved and not _applied(connection, steps[0].name):
                _save(connection, path, steps[0].name)
                saved = True
            with transaction(connection):
                for migration in steps:
                    if not _applied(connection, migration.name):
                        migration.apply(connection)
                        connection.execute(f"INSERT INTO {LEDGER} VALUES (?, ?)", (migration.name, now_ms()))
        # Last: what stands in a log beside a new file would not come along when the file gets its name.
        _use_wal(connection, busy_timeout)
    finally:
        connection.close()


def _save(connection: apsw.Connection, path: Path, before: str) -> None:
    """Put a copy of the store beside it, named after the migration that follows."""
    copy = unfinished(path)
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    try:
        connection.execute("VACUUM INTO ?", (str(copy),))
        copy.rename(path.with_name(f"{path.name}.before-{before}-{now_ms()}"))
    except BaseException:
        # Half a copy is of no use, and takes the room that there was not enough of.
        copy.unlink(missing_ok=True)
        raise


def _applied(connection: apsw.Connection, name: str) -> bool:
    return connection.execute(f"SELECT 1 FROM {LEDGER} WHERE name = ?", (name,)).get is not None


def _use_wal(connection: apsw.Connection, busy_timeout: int) -> None:
    """Switch to a write-ahead log; SQLite does not wait here for others that do the same."""
    deadline = time.monotonic() + busy_timeout / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except apsw.BusyError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.01)
