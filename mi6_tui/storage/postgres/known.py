"""What the store already holds of the things a batch speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mi6_tui.model import Event
from mi6_tui.storage.known import Merging, hashes_of
from mi6_tui.storage.postgres.connection import ask, rows_of
from mi6_tui.storage.postgres.server import Turn
from mi6_tui.storage.rows import event_of, select_events

_SELECT: Final = select_events("events.twinned")
# Two parts, so that each goes by its own index. By key first: an event found by both is the same one.
KNOWN: Final = (
    f"({_SELECT} WHERE events.key = ANY(%s) ORDER BY events.id) UNION ALL "
    f"({_SELECT} WHERE events.twin_key = ANY(%s) ORDER BY events.id)"
)
_DELETED: Final = "SELECT hash FROM tombstones WHERE hash = ANY(%s)"


class Known:
    """What the store holds of the things that some events speak of, asked for at once."""

    def __init__(self, turn: Turn, events: Sequence[Event]) -> None:
        keys = {event.key for event in events if event.key is not None}
        twins = {event.twin_key for event in events if event.twin_key is not None}
        self._asked = ask(turn.connection, KNOWN, (keys, twins)) if keys or twins else None
        hashes = {found for event in events if event.key is not None for found in hashes_of(event)}
        self._deleted = ask(turn.connection, _DELETED, (hashes,)) if turn.some_deleted and hashes else None

    def merging(self) -> Merging:
        """Store and batch together."""
        stored = rows_of(self._asked) if self._asked is not None else []
        found = ((event_of(row[:-1]), bool(row[-1])) for row in stored)
        if self._deleted is None:
            return Merging(found, None)
        deleted = {bytes(row[0]) for row in rows_of(self._deleted)}
        return Merging(found, lambda event: not deleted.isdisjoint(hashes_of(event)))
