"""PostgreSQL's errors in the words of this program: what is wrong with which database, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg import errors

from mi6_tui.errors import ReadOnlyError, StorageError, StoreLockedError

AGAIN: Final = (errors.DeadlockDetected, errors.SerializationFailure)
"""A transaction that was given up in favour of another: the same again will do."""
_STOPPED: Final = (
    errors.AdminShutdown,
    errors.CrashShutdown,
    errors.CannotConnectNow,
    errors.IdleInTransactionSessionTimeout,
    errors.IdleSessionTimeout,
)
_FULL: Final = (errors.DiskFull, errors.OutOfMemory)
_WRONG_NAME: Final = (errors.InvalidPassword, errors.InvalidAuthorizationSpecification)
_UNTRUSTED: Final = ("certificate", "SSL", "TLS", "root.crt")
"""What libpq and the server say of connections that one of them does not trust."""
_DROPPED: Final = ("closed unexpectedly", "SYSCALL", "unexpected eof")
"""What libpq says of a connection under TLS that is lost."""
_LONGEST: Final = 200
"""Characters of the server's own words."""


class StaleError(StorageError):
    """The database cannot be reached: what was read before still stands, but may be old."""


def is_lost(error: psycopg.Error) -> bool:
    """Whether the connection is gone, or could not be made; not why the server refused something."""
    if isinstance(error, _STOPPED):
        return True
    if isinstance(error, errors.PipelineAborted):
        return False  # a statement before it failed
    return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) and error.sqlstate is None


@contextmanager
def translated(shown: str) -> Iterator[None]:
    """Let only StorageError out; `shown` names the database."""
    try:
        yield
    except psycopg.Error as error:
        raise translate(error, shown) from error
    except (UnicodeEncodeError, OverflowError) as error:
        raise StorageError(f"{shown}: a text or number cannot be stored: {error}") from error


def translate(error: psycopg.Error, shown: str) -> StorageError:
    """What to tell the user."""
    if isinstance(error, _WRONG_NAME) or "password" in str(error).lower():
        return StorageError(
            f"{shown} does not let this user in: {_words(error)}",
            "check user and password (PGPASSWORD or ~/.pgpass)",
        )
    match error:
        case errors.InvalidCatalogName():
            return StorageError(f"{shown}: there is no such database", "`createdb` makes one")
        case errors.LockNotAvailable() | errors.QueryCanceled():
            return StoreLockedError(f"{shown} is busy with another program's write", "try again in a moment")
        case errors.InsufficientPrivilege() | errors.ReadOnlySqlTransaction():
            return ReadOnlyError(
                f"{shown} does not let this user: {_words(error)}",
                "`mi6-tui fleet roles` prints the rights that users need",
            )
    if isinstance(error, _FULL):
        return StorageError(f"{shown} cannot grow: {_words(error)}", "free some space on the server")
    if is_lost(error):
        said = str(error)
        if any(word in said for word in _UNTRUSTED) and not any(word in said for word in _DROPPED):
            return StorageError(
                f"{shown} is not trusted: {_words(error)}",
                "see sslmode, sslrootcert and sslcert in its URL (docs/fleet.md)",
            )
        if "does not exist" in said:
            return StorageError(f"{shown}: {_words(error)}", "check the names of user and database")
        return StaleError(
            f"{shown} cannot be reached: {_words(error)}", "what was read before is shown, and may be old"
        )
    return StorageError(f"{shown}: {_words(error)}")


def _words(error: psycopg.Error) -> str:
    """The server's or libpq's own words, on one line: the last of several attempts says why."""
    text = error.diag.message_primary or str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = lines[0] if lines else type(error).__name__
    for mark in ("FATAL:", "failed:"):
        said = said.rpartition(mark)[2].strip() or said
    return printable(said, _LONGEST)


def printable(text: str, most: int) -> str:
    """The first `most` characters of a foreign text, on one line that steers no terminal."""
    return "".join(char if char.isprintable() else "?" for char in text[:most])
