"""The file behind a store: its connections, and transactions on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

import apsw

from mi6_tui.clock import now_ms
from mi6_tui.errors import ReadOnlyError
from mi6_tui.prices import packaged
from mi6_tui.storage.sqlite.connection import BUSY_TIMEOUT, Connections, transaction
from mi6_tui.storage.sqlite.errors import translated
from mi6_tui.storage.sqlite.opening import open_file
from mi6_tui.storage.sqlite.record import Prices
from mi6_tui.storage.sqlite.rows import reader_for


class SqliteFile:
    """A store's file `path`, made if need be. The arguments are those of SqliteStorage."""

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        clock: Callable[[], int] = now_ms,
        prices: Prices = packaged,
        read_only: bool = False,
        busy_timeout: int = BUSY_TIMEOUT,
    ) -> None:
        self._path = Path(path).absolute()
        self._clock = clock
        self._prices = prices
        self._only_look = read_only
        self._busy_timeout = busy_timeout
        with translated(self._path):
            self._connections = Connections(self._path, self._look, busy_timeout=busy_timeout)

    def _look(self) -> bool:
        """See what stands at the path; whether it may be written."""
        layout = open_file(self._path, read_only=self._only_look, busy_timeout=self._busy_timeout)
        self._read_only = layout.read_only
        self._reader = reader_for(layout)
        self._position_columns = layout.positions
        return self._read_only is None

    @property
    def path(self) -> Path:
        """The store's file."""
        return self._path

    @property
    def read_only(self) -> str | None:
        """Why nothing can be written, in one sentence; None if it can."""
        return self._read_only

    def close(self) -> None:
        """Let go of the file; idempotent. Connections of other threads close with their threads."""
        with translated(self._path):
            self._connections.close()

    @contextmanager
    def _reading(self) -> Iterator[apsw.Connection]:
        with translated(self._path):
            yield self._connections.get()

    @contextmanager
    def _writing(self) -> Iterator[apsw.Connection]:
        if self._read_only is not None:
            raise ReadOnlyError(self._read_only)
        with translated(self._path), transaction(self._connections.get()) as connection:
            self._connections.check()  # while it waited for its turn, another store may have come
            yield connection

    def _number(self, sql: str, *values: int | str) -> int:
        with self._reading() as connection:
            return connection.execute(sql, values).get or 0
