"""A look into a database that belongs to somebody else: nothing in it is changed, and nobody waits for it."""

from __future__ import annotations

import os
import stat
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

import apsw

from mi6_tui.errors import TranscriptError

_FLAGS: Final = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
_BUSY: Final = (apsw.BusyError, apsw.LockedError, apsw.SchemaChangeError)


_CONFIG: Final = (
    (apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1),
    (apsw.SQLITE_DBCONFIG_DEFENSIVE, 1),
    (apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
    (apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0),
    (apsw.SQLITE_DBCONFIG_ENABLE_VIEW, 0),
)
_LONGEST: Final = 128 << 20
"""Bytes of a text in a row; what is told of one is less."""
_STEPS: Final = 1_000_000
_MOST_STEPS: Final = 2_000
"""Times as many steps of SQLite's machine, some 30 s: a piece of a large database takes a hundredth."""


class ChangedError(Exception):
    """The client is in the middle of a change: what was read may not hold."""


class Opened:
    """A connection within one read transaction; a context manager.

    As long as there is a journal, the client's locks are honoured, and held by somebody else they end
    the look at once; beside a write-ahead log SQLite makes its `-shm` index if that is missing. Without
    one the main file is complete and nobody has it open: it is read as it is, since SQLite would make
    files beside it; that it did not change meanwhile is checked at the end.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._before = _signs(path)
        self._alone = len(self._before) == 1
        self.changed_at = max(at for _, _, _, at in self._before) // 1_000_000
        """Last change of the files, in ms."""
        self.connection: apsw.Connection

    def __enter__(self) -> Self:
        mode = "immutable=1" if self._alone else "mode=ro"
        try:
            self.connection = apsw.Connection(f"file:{quote(self._path)}?{mode}", flags=_FLAGS)
            self._distrust()
            self.connection.execute("PRAGMA query_only = 1; BEGIN")
        except apsw.Error as error:
            self._close()
            self._explain(error)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        if self._alone and _signs(self._path) != self._before:
            raise ChangedError from error
        if isinstance(error, apsw.Error | UnicodeDecodeError):
            self._explain(error)

    def _distrust(self) -> None:
        """Somebody else's schema runs nothing, and neither a text nor a question grows without measure."""
        connection = self.connection
        for option, on in _CONFIG:
            connection.config(option, on)
        connection.limit(apsw.SQLITE_LIMIT_LENGTH, _LONGEST)
        self._steps = 0
        connection.set_progress_handler(self._tired, _STEPS)

    def _tired(self) -> bool:
        """Whether the look has taken more steps than any honest one."""
        self._steps += 1
        return self._steps > _MOST_STEPS

    def _close(self) -> None:
        if hasattr(self, "connection"):
            self.connection.close(force=True)

    def _explain(self, error: Exception) -> None:
        if isinstance(error, _BUSY):
            raise ChangedError from error
        raise TranscriptError(f"{self._path} cannot be read ({error})") from error


def _signs(path: str) -> list[tuple[int, int, int, int]]:
    """What tells one state of a database's files from another; the first is the database's own."""
    found = []
    for suffix in ("", "-wal", "-journal"):
        try:
            status = os.lstat(path + suffix)
        except FileNotFoundError:
            if not suffix:
                raise
            continue
        if suffix and not stat.S_ISREG(status.st_mode):
            raise TranscriptError(f"{path}{suffix} is no plain file")  # SQLite would wait for a pipe
        found.append((status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns))
    return found
