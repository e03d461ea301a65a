"""Estimating again when the prices changed."""

from __future__ import annotations

from typing import Final, NamedTuple

from mi6_tui.judge.cost import priced
from mi6_tui.model import EventType
from mi6_tui.prices import PriceTable
from mi6_tui.storage.postgres.connection import ask, ask_each, fetch
from mi6_tui.storage.postgres.server import Turn
from mi6_tui.storage.postgres.sessions import SessionBook
from mi6_tui.storage.rows import event_of, select_events

IS_PRICED: Final = "SELECT EXISTS (SELECT 1 FROM priced_with WHERE version = %s)"

_STEP: Final = 5_000
"""Requests looked at in one transaction, so that others get their turn."""
_NEXT: Final = (
    f"{select_events()} WHERE events.id > %s AND events.event_type = '{EventType.API_REQUEST}' "
    f"ORDER BY events.id LIMIT {_STEP}"
)
_UPDATE: Final = "UPDATE events SET cost_estimated_usd = %s, price_id = %s WHERE id = %s"


class Step(NamedTuple):
    """How many estimates changed, and the id to go on after; None after the last request."""

    changed: int
    last: int | None


def reprice_some(turn: Turn, after: int, table: PriceTable, now: int) -> Step:
    """Estimate some requests after an id again, in the caller's turn.

    After the last one the store is marked as priced with `table`. Stopped halfway, the same from the
    start comes to the same.
    """
    events = [event_of(row) for row in fetch(turn.connection, _NEXT, (after,))]
    book = SessionBook(turn, now)
    changed = [(old, new) for old in events if (new := priced(old, table)) is not old]
    book.load((old.machine_id, old.session_id) for old, _ in changed)
    for old, new in changed:
        if book.find((old.machine_id, old.session_id)) is not None:
            book.count(old, -1)
            book.count(new)
    updates = [(new.cost_estimated_usd, new.price_id, new.id) for _, new in changed]
    ask_each(turn.connection, _UPDATE, updates)
    turn.changed = turn.changed or bool(changed)
    book.flush()
    if len(events) == _STEP:
        return Step(len(changed), events[-1].id)
    ask(turn.connection, "DELETE FROM priced_with")
    ask(turn.connection, "INSERT INTO priced_with VALUES (%s)", (table.version,))
    return Step(len(changed), None)
