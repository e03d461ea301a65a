"""The store: the protocol everyone uses, over a SQLite file or a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike

from mi6_tui.errors import UsageError
from mi6_tui.paths import is_database
from mi6_tui.prices import PriceTable, packaged
from mi6_tui.storage.protocol import Storage

__all__ = ["Storage", "missing_engine", "open_storage"]


def open_storage(
    place: str | PathLike[str],
    *,
    read_only: bool = False,
    prices: Callable[[], PriceTable] = packaged,
    busy_timeout: int = 5_000,
) -> Storage:
    """The store in the file or at the URL `place`, made if need be; its engine is loaded here and not before.

    `busy_timeout` (ms) is how long another program's transaction is waited for. UsageError where the
    engine is not installed.
    """
    if is_database(place):
        try:
            from mi6_tui.storage.postgres import PostgresStorage
        except ImportError as error:
            raise missing_engine(error) from error
        return PostgresStorage(str(place), read_only=read_only, prices=prices, lock_timeout=busy_timeout)
    from mi6_tui.storage.sqlite import SqliteStorage

    return SqliteStorage(place, read_only=read_only, prices=prices, busy_timeout=busy_timeout)


def missing_engine(error: ImportError) -> UsageError:
    """What to tell who names a database where its library is not installed."""
    return UsageError(
        f"a store in PostgreSQL needs a library that is missing ({error.name})",
        "pip install 'mi6-tui[postgres]'",
    )
