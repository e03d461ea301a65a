"""Whether a store is whole."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from typing import Final, NamedTuple

import apsw

from mi6_tui.plain_file import open_plain
from mi6_tui.storage.sqlite.connection import connect
from mi6_tui.storage.sqlite.errors import translated

_STEPS: Final = 10_000
"""Instructions of SQLite between two looks at the clock; about a millisecond."""
_LONGEST: Final = 200
"""Characters of what SQLite says that are told."""


class Looked(NamedTuple):
    """What a look found: the first damage (empty: none), and whether it got to the end."""

    damage: str
    complete: bool


def integrity(path: Path, seconds: float | None) -> Looked:
    """Look at every page for `seconds` at most; without a limit also whether indexes agree with their tables.

    StorageError if the file cannot be opened or read at all.
    """
    with translated(path):
        connection = connect(path, writable=False)
        try:
            if seconds is not None:
                until = time.monotonic() + seconds
                connection.set_progress_handler(lambda: time.monotonic() >= until, _STEPS)
            pragma = "integrity_check" if seconds is None else "quick_check"
            found = connection.execute(f"PRAGMA {pragma}(1)").get
        except apsw.InterruptError:
            return Looked("", complete=False)
        except apsw.CorruptError as error:
            found = str(error)
        finally:
            connection.close()
    return Looked("" if found == "ok" else " ".join(str(found).split())[:_LONGEST], complete=True)


_BLOCK: Final = 1 << 20


def unreadable(path: Path) -> str:
    """What the disk does not give back of the store and its log, in a few words; empty if it gives all.

    Only for a process that has the store not open: closing a file takes away the locks of all its handles.
    """
    for file in (path, path.with_name(path.name + "-wal")):
        try:
            handle = open_plain(file)
        except FileNotFoundError:
            continue
        except OSError as error:
            if error.errno == errno.EINVAL:
                continue  # it is no plain file: whoever opens the store tells
            return f"{file} cannot be opened: {error.strerror}"
        place = 0
        try:
            while size := len(os.pread(handle, _BLOCK, place)):
                place += size
        except OSError as error:
            return f"{file} cannot be read from byte {place} on: {error.strerror}"
        finally:
            os.close(handle)
    return ""
