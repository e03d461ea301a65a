"""What the store already holds of the things a batch speaks of, and which of them are one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import apsw
import msgspec

from mi6_tui.model import Event
from mi6_tui.storage.sqlite.connection import fetch
from mi6_tui.storage.sqlite.merge import combined, key_hash, twin_hash
from mi6_tui.storage.sqlite.rows import event_of, select_events

_KNOWN: Final = f"{select_events('events.twinned')} WHERE events."
_IS_DELETED: Final = "SELECT 1 FROM tombstones WHERE hash IN (?, ?, ?)"


class Record:
    """One thing that happened: as stored, and as it is with what the batch says."""

    __slots__ = ("event", "id", "merged_into", "stored", "stored_twinned", "twinned")

    def __init__(self, event: Event, *, stored: bool, twinned: bool) -> None:
        self.event = event
        self.id = event.id if stored else None
        self.stored = event if stored else None
        self.twinned = self.stored_twinned = twinned
        """A sidechain is among its records: only then does its twin key count."""
        self.merged_into: Record | None = None

    @property
    def final(self) -> Record:
        """The record that this one ended up in: itself, or the one it was merged into."""
        return self if self.merged_into is None else self.merged_into.final

    @property
    def changed(self) -> bool:
        """Whether the store must be told."""
        told = self.event is self.stored and self.twinned == self.stored_twinned
        return not told or self.merged_into is not None


class Known:
    """What the store and the batch hold of the things that the batch speaks of."""

    def __init__(self, connection: apsw.Connection, events: Sequence[Event]) -> None:
        self.all: list[Record] = []
        self._connection = connection
        self._by_key: dict[str, Record] = {}
        self._by_twin: dict[str, list[Record]] = {}
        self._some_deleted = connection.execute("SELECT 1 FROM tombstones LIMIT 1").get is not None
        self._load("key", {event.key for event in events if event.key is not None})
        self._load("twin_key", {event.twin_key for event in events if event.twin_key is not None})

    def _load(self, column: str, identities: set[str]) -> None:
        if not identities:
            return
        some = msgspec.json.encode(sorted(identities)).decode()
        sql = f"{_KNOWN}{column} IN (SELECT value FROM json_each(?)) ORDER BY events.id"
        for *values, twinned in fetch(self._connection, sql, (some,)):
            event = event_of(tuple(values))
            if event.key not in self._by_key:
                self._add(Record(event, stored=True, twinned=bool(twinned)))

    def _add(self, record: Record) -> Record:
        self.all.append(record)
        self._remember(record, record.event)
        return record

    def _remember(self, record: Record, event: Event) -> None:
        if event.key is None:
            return
        self._by_key[event.key] = record
        if event.twin_key is not None:
            mates = self._by_twin.setdefault(event.twin_key, [])
            if record not in mates:
                mates.append(record)

    def take(self, event: Event) -> Record | None:
        """The record that `event` is one of, merged with it; None if it was deleted long ago."""
        same = self._same_as(event)
        if not same:
            if self._some_deleted and event.key is not None and self._is_deleted(event):
                return None
            return self._add(Record(event, stored=False, twinned=_is_side(event)))
        kept, *others = sorted(same, key=lambda record: (record.id is None, record.id or 0))
        for other in others:
            self._absorb(kept, other)
        kept.event = combined(kept.event, event)
        kept.twinned = kept.twinned or _is_side(event)
        self._remember(kept, event)
        return kept

    def _same_as(self, event: Event) -> list[Record]:
        if event.key is None:
            return []
        record = self._by_key.get(event.key)
        record = record and record.final
        same = [record] if record else []
        if event.twin_key is not None:
            mates = self._by_twin.get(event.twin_key, [])
            if _is_side(event) or any(mate.twinned for mate in mates):
                same += [mate for mate in mates if mate is not record]
        return same

    def _absorb(self, kept: Record, other: Record) -> None:
        other.merged_into = kept
        kept.event = combined(kept.event, other.event)
        kept.twinned = kept.twinned or other.twinned
        for mates in self._by_twin.values():
            if other in mates:
                mates.remove(other)
        self._remember(kept, other.event)

    def _is_deleted(self, event: Event) -> bool:
        hashes: list[bytes | None] = [key_hash(event.key or ""), None, None]
        if event.twin_key is not None:
            hashes[1] = twin_hash(event.twin_key, twinned=True)
            hashes[2] = twin_hash(event.twin_key, twinned=False) if _is_side(event) else None
        return self._connection.execute(_IS_DELETED, hashes).get is not None


def _is_side(event: Event) -> bool:
    return event.is_sidechain is True and event.twin_key is not None
