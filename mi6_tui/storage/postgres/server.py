"""Reads that survive a lost connection once, and writes that are tried until they are known to be done."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple, TypeVar

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

from mi6_tui.errors import StorageError
from mi6_tui.storage.postgres.address import Address
from mi6_tui.storage.postgres.connection import Connection, Connections, ask, copy, fetch
from mi6_tui.storage.postgres.errors import AGAIN, is_lost, translate, translated

T = TypeVar("T")

CHANNEL: Final = "mi6_tui"
"""Where each write that changed something is told, by the number of such writes."""

_BEGIN: Final = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_TAKE_TURN: Final = "SELECT last_event_id, last_revision, pg_current_xact_id()::text FROM counters FOR UPDATE"
_SOME_DELETED: Final = "SELECT EXISTS (SELECT 1 FROM tombstones)"
_END_TURN: Final = (
    "WITH changed AS (UPDATE counters SET last_event_id = %s, last_revision = %s, changes = changes + 1 "
    f"RETURNING changes) SELECT pg_notify('{CHANNEL}', changes::text) FROM changed"
)
_STATUS: Final = "SELECT pg_xact_status(%s::xid8)"
_FIRST_DELAY: Final = 0.02
_LONGEST_DELAY: Final = 2.0
"""Seconds between two attempts; each is twice the one before."""


class Turn:
    """One writing transaction: all others wait until it ended. Statements go out without waiting for answers.

    Nothing is known to be done before the commit is.
    """

    def __init__(
        self, connection: Connection, last_event_id: int, last_revision: int, *, some_deleted: bool
    ) -> None:
        self.connection = connection
        self.last_event_id = last_event_id
        self.last_revision = last_revision
        """The largest ever given; whoever gives more moves them."""
        self.some_deleted = some_deleted
        """Whether anything was deleted on purpose, ever."""
        self.changed = False
        """Whether anything that others look at was written."""
        self.copies: list[tuple[str, list[tuple[Any, ...]]]] = []
        """Rows that go in at the end by `COPY ... FROM STDIN`: much faster, but the turn itself sees none."""

    def new_event_id(self) -> int:
        """The next id."""
        self.last_event_id += 1
        return self.last_event_id

    def new_revision(self) -> int:
        """The next revision."""
        self.last_revision += 1
        return self.last_revision


class _Unanswered(NamedTuple):
    """A commit that was sent, and what it comes to if it was done."""

    transaction: str
    result: Any


class _LostAnswerError(Exception):
    def __init__(self, commit: _Unanswered, error: psycopg.Error) -> None:
        super().__init__()
        self.commit = commit
        self.error = error


class Server:
    """The database behind a store. `patience`: seconds that a write is tried while it cannot be reached."""

    def __init__(self, address: Address, *, writable: bool, lock_timeout: int, patience: float) -> None:
        self.address = address
        self.connections = Connections(address, writable=writable, lock_timeout=lock_timeout)
        self._patience = patience
        self._closing = threading.Event()

    def close(self) -> None:
        """Close all connections; idempotent."""
        self._closing.set()
        self.connections.close()

    def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` finds. Once more on a new connection if the first was lost: an idle one may be old."""
        with translated(self.address.shown):
            try:
                with self.connections.borrowed() as connection:
                    return work(connection)
            except psycopg.Error as error:
                if not is_lost(error):
                    raise
                self.connections.drop()
            with self.connections.borrowed() as connection:
                return work(connection)

    def write(self, work: Callable[[Turn], T]) -> T:
        """Let `work` write all or nothing, in its turn; again and again while the connection is lost.

        Whether a commit was done whose answer was lost is asked of the server: nothing is written twice.
        """
        until = time.monotonic() + self._patience
        delay = _FIRST_DELAY
        unanswered: _Unanswered | None = None
        while True:
            try:
                if unanswered is not None and self._was_committed(unanswered.transaction):
                    result: T = unanswered.result
                    return result
                unanswered = None
                return self._attempt(work)
            except _LostAnswerError as lost:
                unanswered, error = lost.commit, lost.error
            except psycopg.Error as failed:
                error = failed
                if not (is_lost(failed) or isinstance(failed, AGAIN)):
                    raise translate(failed, self.address.shown) from failed
            except (UnicodeEncodeError, OverflowError) as bad:
                raise StorageError(f"{self.address.shown}: a text or number cannot be stored: {bad}") from bad
            self.connections.drop()
            if time.monotonic() + delay > until or self._closing.wait(delay):
                raise translate(error, self.address.shown) from error
            delay = min(2 * delay, _LONGEST_DELAY)

    def _attempt(self, work: Callable[[Turn], T]) -> T:
        sent: _Unanswered | None = None
        with self.connections.borrowed() as connection, _rolled_back(connection):
            try:
                with connection.pipeline():
                    ask(connection, _BEGIN)
                    turn, transaction = _take_turn(connection)
                    result = work(turn)
                    if not turn.copies:
                        sent = _Unanswered(transaction, result)
                        _end_turn(connection, turn)
                if turn.copies:
                    for sql, rows in turn.copies:
                        copy(connection, sql, rows)
                    with connection.pipeline():
                        sent = _Unanswered(transaction, result)
                        _end_turn(connection, turn)
            except psycopg.Error as error:
                if sent is not None and is_lost(error):
                    raise _LostAnswerError(sent, error) from error
                raise
        return result

    def _was_committed(self, transaction: str) -> bool:
        """OperationalError while it still runs: its connection is lost, and the server will notice."""
        with self.connections.borrowed() as connection:
            try:
                ((status,),) = fetch(connection, _STATUS, (transaction,))
            except errors.InvalidParameterValue:
                return False  # a server that never heard of it: it lost the last moments before it failed
        if status == "in progress":
            raise psycopg.OperationalError("the server still waits for the connection that was lost")
        return bool(status == "committed")


def _take_turn(connection: Connection) -> tuple[Turn, str]:
    counters = ask(connection, _TAKE_TURN)
    # A statement of its own: it sees what was committed while the other one waited.
    deleted = ask(connection, _SOME_DELETED)
    last_event_id, last_revision, transaction = counters.fetchall()[0]
    ((some_deleted,),) = deleted.fetchall()
    return Turn(connection, last_event_id, last_revision, some_deleted=some_deleted), transaction


def _end_turn(connection: Connection, turn: Turn) -> None:
    if turn.changed:
        ask(connection, _END_TURN, (turn.last_event_id, turn.last_revision))
    ask(connection, "COMMIT")


@contextmanager
def _rolled_back(connection: Connection) -> Iterator[None]:
    """Leave no transaction open on a connection that still stands."""
    try:
        yield
    except BaseException:
        if not connection.closed and connection.info.transaction_status != TransactionStatus.IDLE:
            try:
                connection.execute("ROLLBACK")
            except psycopg.Error:
                connection.close()
        raise
