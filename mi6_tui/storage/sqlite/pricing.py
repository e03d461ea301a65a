"""Estimating again when the prices changed."""

from __future__ import annotations

from typing import Final, NamedTuple

import apsw

from mi6_tui.judge.cost import priced
from mi6_tui.model import EventType
from mi6_tui.prices import PriceTable
from mi6_tui.storage.rows import event_of, select_events
from mi6_tui.storage.sqlite.connection import fetch
from mi6_tui.storage.sqlite.sessions import SessionBook

IS_PRICED: Final = "SELECT EXISTS (SELECT 1 FROM priced_with WHERE version = ?)"

_STEP: Final = 5_000
"""Requests looked at in one transaction, so that others get their turn."""
_NEXT: Final = (
    f"{select_events()} WHERE events.id > ? AND events.event_type = '{EventType.API_REQUEST}' "
    f"ORDER BY events.id LIMIT {_STEP}"
)
_UPDATE: Final = "UPDATE events SET cost_estimated_usd = ?, price_id = ? WHERE id = ?"


class Step(NamedTuple):
    """How many estimates changed, and the id to go on after; None after the last request."""

    changed: int
    last: int | None


def reprice_some(connection: apsw.Connection, after: int, table: PriceTable, now: int) -> Step:
    """Estimate some requests after an id again, inside the caller's transaction.

    After the last one the store is marked as priced with `table`. Stopped halfway, the same from the
    start comes to the same.
    """
    events = [event_of(row) for row in fetch(connection, _NEXT, (after,))]
    book = SessionBook(connection, now)
    updates = []
    for old in events:
        new = priced(old, table)
        if new is old:
            continue
        updates.append((new.cost_estimated_usd, new.price_id, new.id))
        if book.find((old.machine_id, old.session_id)) is not None:
            book.count(old, -1)
            book.count(new)
    connection.executemany(_UPDATE, updates)
    book.flush()
    if len(events) == _STEP:
        return Step(len(updates), events[-1].id)
    connection.execute("DELETE FROM priced_with")
    connection.execute("INSERT INTO priced_with VALUES (?)", (table.version,))
    return Step(len(updates), None)
