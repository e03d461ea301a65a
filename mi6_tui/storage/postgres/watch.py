"""Hearing that something was written, without asking."""

from __future__ import annotations

import re
import threading
import time
from typing import Final

import psycopg

from mi6_tui.storage.postgres.connection import Connection, fetch
from mi6_tui.storage.postgres.errors import translated
from mi6_tui.storage.postgres.server import CHANNEL, Server

ASK_EVERY: Final = 5.0
"""Seconds between two questions for what a lost word would have told; this also finds a lost connection."""
_NUMBER: Final = re.compile("[0-9]{1,18}")
_CHANGES: Final = "SELECT changes FROM counters"


class Watch:
    """The number of changes to the store, on a connection of its own that listens. Shared by threads."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._changes = 0
        self._asked_at = 0.0

    def changes(self) -> int:
        """How many transactions changed something, as far as is known here. StorageError if it is cut off."""
        with self._lock, translated(self._server.address.shown):
            try:
                return self._look()
            except psycopg.Error:
                self._drop()
            try:
                return self._look()
            except psycopg.Error:
                self._drop()
                raise

    def _look(self) -> int:
        if self._connection is None:
            self._connection = self._server.connections.new()
            self._connection.execute(f"LISTEN {CHANNEL}")
            self._asked_at = 0.0
        connection = self._connection
        # Whoever may connect may say anything there.
        told = [int(word) for word in _words(connection) if _NUMBER.fullmatch(word)]
        if told:
            self._changes = max(self._changes, *told)
        now = time.monotonic()
        if now >= self._asked_at + ASK_EVERY or not self._asked_at:
            ((self._changes,),) = fetch(connection, _CHANGES)
            self._asked_at = now
        return self._changes

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        """Listen no more; idempotent."""
        with self._lock:
            self._drop()


def _words(connection: Connection) -> list[str]:
    """What was told since; takes what has arrived and waits for nothing."""
    connection.pgconn.consume_input()
    told = []
    while (note := connection.pgconn.notifies()) is not None:
        told.append(note.extra.decode(errors="replace"))
    return told
