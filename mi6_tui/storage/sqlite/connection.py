"""One SQLite connection a thread, and short write transactions on it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import apsw

from mi6_tui.errors import StorageError

BUSY_TIMEOUT: Final = 5_000
"""ms to wait for another process's transaction; the original waits as long."""


def connect(path: Path, *, writable: bool, busy_timeout: int = BUSY_TIMEOUT) -> apsw.Connection:
    """Open an existing file, set up but unchanged."""
    if writable:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        connection.set_busy_timeout(busy_timeout)
    else:
        connection = _connect_read_only(path, busy_timeout)
    connection.execute("PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY")
    return connection


def _connect_read_only(path: Path, busy_timeout: int) -> apsw.Connection:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    connection.set_busy_timeout(busy_timeout)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    except (apsw.CantOpenError, apsw.ReadOnlyError):
        # A file in WAL mode needs its -shm beside it; in a folder nobody may write there is none,
        # and then nobody can change the file either.
        connection.close()
        uri = f"file:{quote(str(path))}?immutable=1"
        connection = apsw.Connection(uri, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    except apsw.Error:
        connection.close()
        raise
    return connection


def fetch(connection: apsw.Connection, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a statement; no cursor stays open."""
    return connection.execute(sql, values).fetchall()


@contextmanager
def transaction(connection: apsw.Connection) -> Iterator[apsw.Connection]:
    """Write all or nothing; waits for its turn first."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


class Connections:
    """Hands every thread its own connection, made at first use, closed when the thread ends."""

    def __init__(self, path: Path, *, writable: bool, busy_timeout: int) -> None:
        self._path = path
        self._writable = writable
        self._busy_timeout = busy_timeout
        self._identity = _identity(path)
        self._local = threading.local()
        self._closed = False

    def get(self) -> apsw.Connection:
        """The calling thread's connection. StorageError once the file that was opened is gone.

        SQLite would go on with a file that nobody else sees any more, under the name of another one.
        """
        if self._closed:
            raise StorageError(f"{self._path} was closed")
        if _identity(self._path) != self._identity:
            raise StorageError(f"{self._path} was moved or deleted", "start again, with what is there now")
        connection: apsw.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = connect(self._path, writable=self._writable, busy_timeout=self._busy_timeout)
            self._local.connection = connection
        return connection

    def close(self) -> None:
        """Close the calling thread's connection and hand out no more; idempotent."""
        self._closed = True
        connection: apsw.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None
