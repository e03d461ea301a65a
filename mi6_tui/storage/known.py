"""Which of the things that a batch speaks of are one with each other, and with what a store already holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mi6_tui.model import Event
from mi6_tui.storage.merge import combined, key_hash, twin_hash


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


class Merging:
    """What the store and the batch hold of the things that the batch speaks of.

    `stored`: events of the store with one of the batch's identities, each with its `twinned`; repeats are
    ignored. `is_deleted` tells of an event that is not among them whether the store deleted it.
    """

    def __init__(
        self, stored: Iterable[tuple[Event, bool]], is_deleted: Callable[[Event], bool] | None
    ) -> None:
        self.all: list[Record] = []
        self._is_deleted = is_deleted
        self._by_key: dict[str, Record] = {}
        self._by_twin: dict[str, list[Record]] = {}
        for event, twinned in stored:
            if event.key not in self._by_key:
                self._add(Record(event, stored=True, twinned=twinned))

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

    def take(self, event: Event, *, twinned: bool = False) -> Record | None:
        """The record that `event` is one of, merged with it; None if it was deleted long ago.

        `twinned`: it is known to have been merged with a sidechain elsewhere.
        """
        twinned = twinned or is_side(event)
        same = self._same_as(event, twinned=twinned)
        if not same:
            if self._is_deleted is not None and event.key is not None and self._is_deleted(event):
                return None
            return self._add(Record(event, stored=False, twinned=twinned))
        kept, *others = sorted(same, key=lambda record: (record.id is None, record.id or 0))
        for other in others:
            self._absorb(kept, other)
        kept.event = combined(kept.event, event)
        kept.twinned = kept.twinned or twinned
        self._remember(kept, event)
        return kept

    def _same_as(self, event: Event, *, twinned: bool) -> list[Record]:
        if event.key is None:
            return []
        record = self._by_key.get(event.key)
        record = record and record.final
        same = [record] if record else []
        if event.twin_key is not None:
            mates = self._by_twin.get(event.twin_key, [])
            if twinned or any(mate.twinned for mate in mates):
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


def is_side(event: Event) -> bool:
    """Whether its looser identity alone makes it one with others."""
    return event.is_sidechain is True and event.twin_key is not None


def hashes_of(event: Event) -> list[bytes]:
    """What would be left of the event, were it deleted: one is enough to know it again."""
    hashes = [key_hash(event.key or "")]
    if event.twin_key is not None:
        hashes.append(twin_hash(event.twin_key, twinned=True))
        if is_side(event):
            hashes.append(twin_hash(event.twin_key, twinned=False))
    return hashes
