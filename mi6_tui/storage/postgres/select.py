"""Questions in SQL to a database that is only read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from typing import Any, Final

import psycopg
from psycopg import errors
from psycopg.rows import TupleRow

from mi6_tui.errors import StorageError, UsageError
from mi6_tui.storage.postgres.address import Address, address_of
from mi6_tui.storage.postgres.connection import connect, from_store
from mi6_tui.storage.postgres.errors import translated
from mi6_tui.storage.postgres.opening import open_store
from mi6_tui.storage.selection import VIEWS, Selection, apart, refused

_LONGEST: Final = 60_000
"""ms that the server may take for a question, or for the next rows of its answer."""
_ROWS: Final = 1_000
"""That are fetched at once."""
_LARGEST: Final = 2**63
"""What whole numbers are smaller than."""
_PATIENCE: Final = 500
"""ms that another program's lock is waited for."""
_COMMANDS: Final = (
    *("alter", "analyze", "begin", "call", "cluster", "comment", "commit", "copy", "create", "delete"),
    *("discard", "do", "drop", "execute", "grant", "insert", "listen", "lock", "merge", "notify", "prepare"),
    *("refresh", "reindex", "reset", "revoke", "rollback", "set", "truncate", "update", "vacuum"),
)
"""What a statement begins with that may have been understood, and is no question."""
_ASKED_WRONGLY: Final = (
    psycopg.DataError,
    psycopg.InternalError,
    psycopg.NotSupportedError,
    psycopg.ProgrammingError,
    errors.ProtocolViolation,  # a value is missing
)


@contextmanager
def selected(url: str, sql: str) -> Iterator[Selection]:
    """The answer of the store at `url` to one SELECT; read its rows before the context ends.

    UsageError for what is no SQL, RefusedError for what would not only read, StorageError for the store.
    """
    address = address_of(url)
    if not sql.strip():
        raise UsageError("there is no question", "give one SELECT")
    with translated(address.shown):
        connection = connect(address, writable=False, lock_timeout=_PATIENCE)
    # A cursor takes nothing but one question that changes nothing.
    with closing(connection), connection.cursor(name="mi6_tui") as cursor:
        cursor.itersize = _ROWS
        with translated(address.shown), _told_to_the_user(address, sql):
            open_store(connection, address.shown, read_only=True)
            connection.execute(f"SET statement_timeout = {_LONGEST}")
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute(sql.encode())
            names = [column.name for column in cursor.description or ()]
        yield Selection(apart(names), _rows(cursor, address, sql))


def _rows(cursor: psycopg.ServerCursor[TupleRow], address: Address, sql: str) -> Iterator[tuple[Any, ...]]:
    with translated(address.shown), _told_to_the_user(address, sql):
        for row in cursor:
            yield tuple(map(_plain, row))


def _plain(value: Any) -> Any:
    """A value of a type that the other engine has, too."""
    if isinstance(value, str):
        return from_store(value)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Decimal):
        whole = abs(value) < _LARGEST and value == value.to_integral_value()
        return int(value) if whole else float(value)
    return value if value is None or isinstance(value, int | float | bytes) else str(value)


@contextmanager
def _told_to_the_user(address: Address, sql: str) -> Iterator[None]:
    try:
        yield
    except errors.QueryCanceled as error:
        told = f"{address.shown} did not answer within {_LONGEST // 1000} s"
        raise StorageError(told, "ask for less, or with the database's own tools") from error
    except errors.ReadOnlySqlTransaction as error:
        raise refused(_words(error)) from error
    except errors.UndefinedTable as error:
        raise UsageError(_words(error), f"there are {', '.join(VIEWS)}") from error
    except _ASKED_WRONGLY as error:
        words = _words(error)
        if "multiple commands" in words:
            raise UsageError("that is more than one statement", "give one SELECT") from error
        if "data-modifying" in words or sql.split(maxsplit=1)[0].casefold() in _COMMANDS:
            raise refused(words) from error
        raise UsageError(words) from error


def _words(error: psycopg.Error) -> str:
    return (error.diag.message_primary or str(error)).strip().partition("\n")[0]
