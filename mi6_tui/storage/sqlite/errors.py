"""SQLite's errors in the words of this program: what is wrong with which file, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from mi6_tui.errors import ReadOnlyError, StorageError, StoreLockedError


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Let only StorageError out."""
    try:
        yield
    except apsw.Error as error:
        raise _translate(error, path) from error
    except (UnicodeEncodeError, OverflowError) as error:
        raise StorageError(f"{path}: a text or number cannot be stored: {error}") from error
    except UnicodeDecodeError as error:
        raise StorageError(
            f"{path} holds a text that is not valid UTF-8", "another program wrote it; move it away"
        ) from error
    except OSError as error:
        raise StorageError(
            f"{path}: {error.strerror or error}", "check the path and its permissions"
        ) from error


def _translate(error: apsw.Error, path: Path) -> StorageError:
    match error:
        case apsw.BusyError() | apsw.LockedError():
            return StoreLockedError(f"{path} is locked by another program", "try again when it has finished")
        case apsw.FullError():
            return StorageError(f"{path} cannot grow: the disk is full", "free some space and try again")
        case apsw.ReadOnlyError() | apsw.PermissionsError() | apsw.AuthError():
            return ReadOnlyError(
                f"{path} cannot be written", "check the permissions of the file and its folder"
            )
        case apsw.NotADBError():
            return StorageError(
                f"{path} is not a SQLite database",
                "name another with --db; if it was your store, `mi6-tui doctor --rebuild` makes a new one",
            )
        case apsw.CorruptError():
            # A disk that does not give a page back is the same to SQLite.
            return StorageError(
                f"{path} is damaged, or its disk is",
                "`mi6-tui doctor` says which, `mi6-tui doctor --rebuild` makes a new one of the transcripts",
            )
        case apsw.CantOpenError():
            return StorageError(f"{path} cannot be opened", "check the path and its permissions")
        case apsw.IOError():
            return StorageError(f"{path} cannot be read or written: {error}", "check the disk")
        case apsw.ConnectionClosedError():
            return StorageError(f"{path} was closed")
    return StorageError(f"{path}: {error}")
