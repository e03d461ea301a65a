"""Forwarding what one machine recorded to a store that many machines share."""

from __future__ import annotations

from mi6_tui.errors import UsageError
from mi6_tui.storage import Storage

__all__ = ["collect", "collect_all"]


def collect(storage: Storage) -> int:
    """Merge some of what machines left in the inbox of a database; how many rows are gone from there.

    UsageError for a store that has no inbox.
    """
    from mi6_tui.storage.postgres import PostgresStorage  # late: its library may not be installed

    if not isinstance(storage, PostgresStorage):
        raise UsageError("only a database has an inbox", "name it with --db postgresql://...")
    return storage.collect()


def collect_all(storage: Storage) -> int:
    """Merge what machines have left; how many rows are gone from there.

    It ends with a look that found less than one can: while machines send all the time, none finds nothing.
    """
    from mi6_tui.storage.postgres.inbox import STEP  # late, as above

    taken = 0
    while True:
        step = collect(storage)
        taken += step
        if step < STEP:
            return taken
