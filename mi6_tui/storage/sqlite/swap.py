"""Putting a new store in the place of an old one, while others may have that one open.

SQLite finds a store's log by the store's name. So nobody may open the old file while its log is taken away
and the name passes on; who has it open already keeps file and log, and `Connections` notices.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import apsw

from mi6_tui.errors import StoreLockedError
from mi6_tui.plain_file import open_plain
from mi6_tui.storage.sqlite.connection import connect, fetch
from mi6_tui.unfinished import settle

_PENDING: Final = 0x40000000
"""The byte of a file that SQLite locks before it opens one; while another process holds it, it waits."""
_PATIENCE: Final = 5.0
"""Seconds to wait for others, who need milliseconds."""
_BESIDE: Final = ("-wal", "-shm", "-journal")


@contextmanager
def held(path: Path, busy_timeout: int) -> Iterator[None]:
    """Nobody else writes the store meanwhile, and all that was written stands in the file itself.

    A file so damaged that nobody can write it needs no holding. StoreLockedError if others do not let go.
    """
    try:
        connection = connect(path, writable=True, busy_timeout=busy_timeout)
    except apsw.Error:
        yield
        return
    try:
        with suppress(apsw.CorruptError, apsw.NotADBError, apsw.IOError, apsw.CantOpenError):
            _empty_log(connection, path)
        yield
    finally:
        # Of a file that has lost its name SQLite removes no log.
        connection.close()


def _empty_log(connection: apsw.Connection, path: Path) -> None:
    """Begin a transaction over an empty log."""
    log = path.with_name(path.name + "-wal")
    deadline = time.monotonic() + _PATIENCE
    while True:
        fetch(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("BEGIN IMMEDIATE")
        if not log.exists() or log.stat().st_size == 0:
            return
        connection.execute("ROLLBACK")
        if time.monotonic() >= deadline:
            raise StoreLockedError(
                f"another process reads an old state of {path} for very long",
                "try again when it has finished",
            )
        time.sleep(0.01)


def swap(new: Path, path: Path, kept_as: Path) -> None:
    """Let `new` be the store at `path`, and the old file be `kept_as`; called while the old one is `held`."""
    file = open_plain(path, os.O_RDWR)
    try:
        _keep_openers_out(file, path)
        kept_as.hardlink_to(path)
        log = path.with_name(path.name + "-wal")
        if log.exists() and log.stat().st_size:
            log_kept_as = kept_as.with_name(kept_as.name + "-wal")
            log_kept_as.hardlink_to(log)
        for suffix in _BESIDE:
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        new.replace(path)
        settle(path.parent)
    finally:
        os.close(file)


def _keep_openers_out(file: int, path: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _PENDING)
            return
        except BlockingIOError as error:
            if time.monotonic() >= deadline:
                raise StoreLockedError(
                    f"{path} is locked by another program", "try again when it has finished"
                ) from error
            time.sleep(0.01)
