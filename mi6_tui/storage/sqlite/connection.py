"""One SQLite connection a thread, and short write transactions on it."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import apsw
import msgspec

from mi6_tui.errors import StorageError, StoreReplacedError
from mi6_tui.plain_file import check_plain

BUSY_TIMEOUT: Final = 5_000
"""ms to wait for another process's transaction; the original waits as long."""
LOG_LIMIT: Final = 4 << 20
"""Bytes that the write-ahead log is cut to when all of it stands in the file. That is done after every 1000
pages (SQLite's usual number; 4000 once many events came at once), as soon as nobody reads an older state;
until then the log must grow."""


def refuse_strange_logs(path: Path) -> None:
    """StorageError if no plain file stands where SQLite keeps its own, beside the one at `path`.

    It would wait for ever for whoever writes to a pipe.
    """
    real = os.path.realpath(path)
    for suffix in ("-journal", "-wal", "-shm"):
        try:
            check_plain(real + suffix)
        except OSError as error:
            raise StorageError(
                f"{real}{suffix} cannot be used: {error.strerror}",
                "SQLite keeps what belongs to the store there: move it away",
            ) from error


def connect(path: Path, *, writable: bool, busy_timeout: int = BUSY_TIMEOUT) -> apsw.Connection:
    """Open an existing file, set up but unchanged."""
    refuse_strange_logs(path)
    if writable:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        connection.set_busy_timeout(busy_timeout)
        connection.execute(f"PRAGMA journal_size_limit = {LOG_LIMIT}")
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


Identity = tuple[int, int]
"""Device and inode."""


def _identity(path: Path) -> Identity | None:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_dev, status.st_ino


class _Opened(msgspec.Struct, eq=False, weakref=True):
    connection: apsw.Connection
    file: Identity | None
    log_index: Identity | None
    """Of the file beside the log through which processes share it; None: read without a log."""
    told: bool = False
    """Whether its thread knows that it is another store's."""


class Connections:
    """Hands every thread its own connection, made at first use, closed when the thread ends.

    `look` makes sure that a store stands at `path`, and says whether it may be written; called at once, and
    again for each other store that comes there.
    """

    def __init__(self, path: Path, look: Callable[[], bool], *, busy_timeout: int) -> None:
        self._path = path
        self._look = look
        self._writable = look()
        self._log_index = path.with_name(path.name + "-shm")
        self._busy_timeout = busy_timeout
        self._identity = _identity(path)
        self._local = threading.local()
        self._alive: weakref.WeakSet[_Opened] = weakref.WeakSet()
        self._closed = False

    def get(self) -> apsw.Connection:
        """The calling thread's connection. StorageError once the file that was opened is gone.

        SQLite would go on with a file that nobody else sees any more, under the name of another one.
        StoreReplacedError, once for each thread that used the one before, where another store stands now:
        what was read may be otherwise in this one.
        """
        if self._closed:
            raise StorageError(f"{self._path} was closed")
        opened = self._opened
        if opened is None:
            opened = self._local.opened = self._open()
        try:
            self._check(opened)
        except StoreReplacedError:
            self._local.opened = None
            opened.connection.close()
            self._writable = self._look()
            if not opened.told:
                raise
            return self.get()
        return opened.connection

    def check(self) -> None:
        """The errors of `get`, for who waited for its turn since."""
        opened = self._opened
        if opened is None:
            return
        try:
            self._check(opened)
        except StoreReplacedError:
            opened.told = True
            raise

    @property
    def _opened(self) -> _Opened | None:
        opened: _Opened | None = getattr(self._local, "opened", None)
        return opened

    def _open(self) -> _Opened:
        now = _identity(self._path)
        if now is None:
            raise self._lost()
        for other in list(self._alive):
            if other.file == now:
                # SQLite would share with that one what it knows of a log, and open another log by its name.
                self._check_log(other)
        connection = connect(self._path, writable=self._writable, busy_timeout=self._busy_timeout)
        try:
            # Now, and not at some later use, SQLite finds the log by the name of the file.
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        except BaseException:
            connection.close()
            raise
        opened = _Opened(connection, self._identity, _identity(self._log_index))
        self._alive.add(opened)
        return opened

    def _check(self, opened: _Opened) -> None:
        now = _identity(self._path)
        if now is None:
            raise self._lost()
        if now != opened.file:
            self._identity = now
            raise StoreReplacedError(f"another store stands at {self._path} now", "try again with that one")
        self._check_log(opened)

    def _check_log(self, opened: _Opened) -> None:
        if opened.log_index is not None and _identity(self._log_index) != opened.log_index:
            raise StorageError(
                f"another program deleted the log of {self._path}",
                "start again: what stands in it is written into the store then",
            )

    def _lost(self) -> StorageError:
        return StorageError(f"{self._path} was moved or deleted", "start again, with what is there now")

    def close(self) -> None:
        """Close the calling thread's connection and hand out no more; idempotent."""
        self._closed = True
        if (opened := self._opened) is not None:
            opened.connection.close()
            self._local.opened = None
