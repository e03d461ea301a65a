"""What the store already holds of the things a batch speaks of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import apsw
import msgspec

from mi6_tui.model import Event
from mi6_tui.storage.known import Merging, Record, hashes_of
from mi6_tui.storage.rows import event_of, select_events
from mi6_tui.storage.sqlite.connection import fetch

__all__ = ["Known", "Record"]

_KNOWN: Final = f"{select_events('events.twinned')} WHERE events."
_IS_DELETED: Final = "SELECT 1 FROM tombstones WHERE hash IN (?, ?, ?)"


class Known(Merging):
    """What the store and the batch hold of the things that the batch speaks of."""

    def __init__(self, connection: apsw.Connection, events: Sequence[Event]) -> None:
        self._connection = connection
        some_deleted = connection.execute("SELECT 1 FROM tombstones LIMIT 1").get is not None
        super().__init__(self._stored(events), self._find_deleted if some_deleted else None)

    def _stored(self, events: Sequence[Event]) -> Iterator[tuple[Event, bool]]:
        yield from self._load("key", {event.key for event in events if event.key is not None})
        yield from self._load("twin_key", {event.twin_key for event in events if event.twin_key is not None})

    def _load(self, column: str, identities: set[str]) -> Iterator[tuple[Event, bool]]:
        if not identities:
            return
        some = msgspec.json.encode(sorted(identities)).decode()
        sql = f"{_KNOWN}{column} IN (SELECT value FROM json_each(?)) ORDER BY events.id"
        for *values, twinned in fetch(self._connection, sql, (some,)):
            yield event_of(tuple(values)), bool(twinned)

    def _find_deleted(self, event: Event) -> bool:
        first, *others = hashes_of(event)
        hashes = [first, *others, None, None][:3]
        return self._connection.execute(_IS_DELETED, hashes).get is not None
