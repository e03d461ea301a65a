"""Recording a batch: find what is known, merge, count the differences, write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import apsw

from mi6_tui.judge.cost import priced
from mi6_tui.judge.fold import apply_claim, apply_fact, observe
from mi6_tui.model import Batch, Event, EventType
from mi6_tui.prices import PriceTable
from mi6_tui.storage.merge import normalised, same_place
from mi6_tui.storage.rows import EVENT_COLUMNS, event_row
from mi6_tui.storage.sqlite.files import FileIds
from mi6_tui.storage.sqlite.forgetting import allowed
from mi6_tui.storage.sqlite.known import Known, Record
from mi6_tui.storage.sqlite.positions import write_positions
from mi6_tui.storage.sqlite.sessions import Key, SessionBook
from mi6_tui.storage.sqlite.telemetry import write_telemetry
from mi6_tui.storage.sqlite.text_index import index_changes
from mi6_tui.storage.sqlite.unsent import EVENT, TELEMETRY, note

_INSERT: Final = (
    f"INSERT INTO events({', '.join(EVENT_COLUMNS)}) VALUES ({', '.join('?' * len(EVENT_COLUMNS))})"
)
_UPDATE: Final = f"UPDATE events SET {', '.join(f'{name} = ?' for name in EVENT_COLUMNS)} WHERE id = ?"
_LAST_ID: Final = "SELECT seq FROM sqlite_sequence WHERE name = 'events'"

Prices = Callable[[], PriceTable]
"""Gives the price table; called when the first request is written, and not before."""

FormerId = Callable[[Event], int | None]
"""The id that an event had in a store of before; None if it had none."""

DELETED: Final = 0
"""Stands for the id of an event that was recorded before and has been deleted since."""


class Recorded(NamedTuple):
    """The ids of a batch's events, in its order, and which of them are new in the store, ascending."""

    ids: list[int]
    new_ids: list[int]


def record_batch(
    connection: apsw.Connection,
    batch: Batch,
    now: int,
    prices: Prices,
    former_id: FormerId | None = None,
) -> Recorded:
    """Write a batch, inside the caller's transaction."""
    given, batch = batch, allowed(connection, batch)
    events = [normalised(event) for event in batch.events]
    book = SessionBook(connection, now)
    for event in events:
        observe(book.get((event.machine_id, event.session_id)), event)
    for fact in batch.facts:
        apply_fact(book.get((fact.machine_id, fact.session_id)), fact)
    for claim in batch.claims:
        apply_claim(book.get(claim.key), claim)
    known = Known(connection, events)
    taken = [known.take(event) for event in events]
    changed = [record for record in known.all if record.changed]
    requests = [record for record in changed if record.event.is_api_request]
    if requests:
        table = prices()
        for record in requests:
            record.event = priced(record.event, table)
    new_ids = _write(connection, changed, book, former_id)
    book.flush()
    write_positions(connection, batch.positions, now)
    write_telemetry(connection, batch.telemetry)
    if batch.telemetry:
        note(connection, TELEMETRY, [told.identity for told in batch.telemetry])
    ids = [(record.final.id if record else None) or DELETED for record in taken]
    if len(events) < len(given.events):
        known_ids = dict(zip(map(id, batch.events), ids, strict=True))
        ids = [known_ids.get(id(event), DELETED) for event in given.events]
    return Recorded(ids, new_ids)


def _write(
    connection: apsw.Connection,
    changed: Sequence[Record],
    book: SessionBook,
    former_id: FormerId | None,
) -> list[int]:
    """Write records that differ from what is stored and move the sums by it; the new ids."""
    if not changed:
        return []
    files = FileIds(connection)
    deletes: list[tuple[int]] = []
    updates, inserts = [], []
    new_ids: list[int] = []
    displaced: set[Key] = set()
    next_id = (connection.execute(_LAST_ID).get or 0) + 1
    for record in changed:
        old, new = record.stored, record.event
        if record.merged_into is not None:
            if record.id is not None:
                deletes.append((record.id,))
        elif record.id is not None:
            row = event_row(new, record.id, files.pointer(new), record.twinned)
            updates.append((*row, record.id))
        else:
            record.id = former_id(new) if former_id is not None else None
            if record.id is None:
                record.id, next_id = next_id, next_id + 1
            new_ids.append(record.id)
            inserts.append(event_row(new, record.id, files.pointer(new), record.twinned))
        if old is not None and book.find((old.machine_id, old.session_id)) is not None:
            book.count(old, -1)
            if record.merged_into is not None or not same_place(old, new):
                displaced.add((old.machine_id, old.session_id))
        if record.merged_into is None:
            book.count(new)
            _drop_placeholder(book, new, is_new=old is None)
    index_changes(connection, changed)
    connection.executemany("DELETE FROM events WHERE id = ?", deletes)
    connection.executemany(_UPDATE, updates)
    if updates:
        note(connection, EVENT, [update[-1] for update in updates])
    connection.executemany(_INSERT, inserts)
    for key in sorted(displaced):
        book.recount_bounds(key)
    return new_ids if former_id is None else sorted(new_ids)


def _drop_placeholder(book: SessionBook, event: Event, *, is_new: bool) -> None:
    """A finished Codex turn names its session; the one made up from its process id goes."""
    if is_new and event.event_type == EventType.TURN_COMPLETE and event.pid is not None:
        placeholder = (event.machine_id, f"codex-{event.pid}")
        if placeholder != (event.machine_id, event.session_id):
            book.remove(placeholder)
