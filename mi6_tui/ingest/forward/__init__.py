"""Forwarding what one machine recorded to a store that many machines share."""

from __future__ import annotations

from mi6_tui.errors import UsageError
from mi6_tui.storage import Storage

__all__ = ["collect"]


def collect(storage: Storage) -> int:
    """Merge some of what machines left in the inbox of a database; how many rows are gone from there.

    UsageError for a store that has no inbox.
    """
    from mi6_tui.storage.postgres import PostgresStorage  # late: its library may not be installed

    if not isinstance(storage, PostgresStorage):
        raise UsageError("only a database has an inbox", "name it with --db postgresql://...")
    return storage.collect()
