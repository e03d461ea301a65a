"""Connections that threads borrow, and statements on them.

A text with a NUL character, which PostgreSQL refuses, is kept with a noncharacter of Unicode in its place.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from mi6_tui.errors import StorageError
from mi6_tui.storage.postgres.address import Address
from mi6_tui.storage.rows import Row

# What fails is told by errors; its words on the way there would end on a terminal that shows something else.
logging.getLogger("psycopg").addHandler(logging.NullHandler())
logging.getLogger("psycopg").propagate = False

Connection = psycopg.Connection[TupleRow]
Answer = psycopg.Cursor[TupleRow]

_NUL: Final = "\0"
_STAND_IN: Final = "\ufdd0"
_MOST_IDLE: Final = 4
"""Connections that wait for the next to borrow them."""
_FORGOTTEN_AFTER: Final = 60_000
"""ms after which the server ends a transaction whose program does nothing: it holds up all other writers."""


def connect(address: Address, *, writable: bool, lock_timeout: int) -> Connection:
    """A new connection; `lock_timeout` (ms) is how long another's transaction is waited for."""
    connection: Connection = psycopg.connect(autocommit=True, **address.parameters)
    try:
        connection.execute(
            f"SET lock_timeout = {lock_timeout};"
            f"SET idle_in_transaction_session_timeout = {_FORGOTTEN_AFTER};"
            f"SET default_transaction_read_only = {'off' if writable else 'on'}"
        )
    except BaseException:
        connection.close()
        raise
    return connection


def ask(connection: Connection, sql: str, values: Sequence[Any] = ()) -> Answer:
    """Send a statement; within a pipeline nothing is waited for until its rows are read."""
    return connection.execute(sql.encode(), [_to_store(value) for value in values])


def rows_of(answer: Answer) -> list[Row]:
    """All rows of an answer."""
    return [tuple([from_store(value) for value in row]) for row in answer.fetchall()]


def fetch(connection: Connection, sql: str, values: Sequence[Any] = ()) -> list[Row]:
    """All rows of a statement."""
    return rows_of(ask(connection, sql, values))


def ask_each(connection: Connection, sql: str, rows: Iterable[Sequence[Any]]) -> None:
    """Send a statement once for each row of values."""
    values = [[_to_store(value) for value in row] for row in rows]
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(sql.encode(), values)


def copy(connection: Connection, sql: str, rows: Iterable[Sequence[Any]]) -> None:
    """Send rows by a statement `COPY ... FROM STDIN`; not within a pipeline."""
    with connection.cursor() as cursor, cursor.copy(sql.encode()) as channel:
        for row in rows:
            channel.write_row([_to_store(value) for value in row])


def _to_store(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace(_NUL, _STAND_IN) if _NUL in value else value
    if isinstance(value, list | tuple | set):
        return [_to_store(part) for part in value]
    return value


def from_store(value: Any) -> Any:
    """A value as it was given to the store."""
    return value.replace(_STAND_IN, _NUL) if isinstance(value, str) and _STAND_IN in value else value


class Connections:
    """Lends connections, each to one thread at a time; made when none is idle."""

    def __init__(self, address: Address, *, writable: bool, lock_timeout: int) -> None:
        self.writable = writable
        self._address = address
        self._lock_timeout = lock_timeout
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self.closed = False

    def new(self) -> Connection:
        """A connection that the caller keeps and closes."""
        if self.closed:
            raise StorageError(f"{self._address.shown} was closed")
        return connect(self._address, writable=self.writable, lock_timeout=self._lock_timeout)

    @contextmanager
    def borrowed(self) -> Iterator[Connection]:
        """One for the block; it goes back unless it is broken or in the middle of something."""
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is None or self.closed:
            connection = self.new()
        try:
            yield connection
        finally:
            self._give_back(connection)

    def _give_back(self, connection: Connection) -> None:
        usable = connection.info.transaction_status == TransactionStatus.IDLE
        with self._lock:
            if usable and not self.closed and len(self._idle) < _MOST_IDLE:
                self._idle.append(connection)
                return
        connection.close()

    def drop(self) -> None:
        """Close what is idle: after one was lost the others are not to be trusted."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def close(self) -> None:
        """Lend no more; what is lent is closed when it comes back."""
        self.closed = True
        self.drop()
