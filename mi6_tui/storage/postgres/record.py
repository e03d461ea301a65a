"""Recording a batch: find what is known, merge, count the differences, write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from mi6_tui.judge.cost import priced
from mi6_tui.judge.fold import apply_claim, apply_fact, observe
from mi6_tui.model import Batch, Event, EventType
from mi6_tui.prices import PriceTable
from mi6_tui.storage.known import Record
from mi6_tui.storage.merge import normalised, same_place
from mi6_tui.storage.postgres.connection import ask, ask_each
from mi6_tui.storage.postgres.files import FileIds
from mi6_tui.storage.postgres.forgetting import allowed
from mi6_tui.storage.postgres.known import Known
from mi6_tui.storage.postgres.positions import Positions
from mi6_tui.storage.postgres.server import Turn
from mi6_tui.storage.postgres.sessions import Key, SessionBook
from mi6_tui.storage.postgres.telemetry import write_telemetry
from mi6_tui.storage.postgres.words import words_of
from mi6_tui.storage.rows import EVENT_COLUMNS, event_row

_COLUMNS: Final = (*EVENT_COLUMNS, "words")
_INSERT: Final = f"INSERT INTO events({', '.join(_COLUMNS)}) VALUES ({', '.join(['%s'] * len(_COLUMNS))})"
_COPY: Final = f"COPY events({', '.join(_COLUMNS)}) FROM STDIN"
_MANY: Final = 50
"""Rows from which on they are copied: a further answer of the server is waited for then."""
_UPDATE: Final = f"UPDATE events SET {', '.join(f'{name} = %s' for name in _COLUMNS)} WHERE id = %s"

Prices = Callable[[], PriceTable]
"""Gives the price table; called when the first request is written, and not before."""

DELETED: Final = 0
"""Stands for the id of an event that was recorded before and has been deleted since."""


class Recorded(NamedTuple):
    """The ids of a batch's events, in its order, and which of them are new in the store, ascending."""

    ids: list[int]
    new_ids: list[int]


def record_batch(turn: Turn, batch: Batch, now: int, prices: Prices) -> Recorded:
    """Write a batch, in the caller's turn."""
    given, batch = batch, allowed(turn, batch)
    events = [normalised(event) for event in batch.events]
    book = SessionBook(turn, now)
    # All questions first, then the answers: a server far away is waited for once.
    asked, files, positions = Known(turn, events), FileIds(turn, events), Positions(turn, batch.positions)
    book.load(
        [
            *((event.machine_id, event.session_id) for event in events),
            *((fact.machine_id, fact.session_id) for fact in batch.facts),
            *(claim.key for claim in batch.claims),
        ]
    )
    known = asked.merging()
    book.load((record.event.machine_id, record.event.session_id) for record in known.all)
    for event in events:
        observe(book.get((event.machine_id, event.session_id)), event)
    for fact in batch.facts:
        apply_fact(book.get((fact.machine_id, fact.session_id)), fact)
    for claim in batch.claims:
        apply_claim(book.get(claim.key), claim)
    taken = [known.take(event) for event in events]
    changed = [record for record in known.all if record.changed]
    price(changed, prices)
    new_ids = write_records(turn, changed, book, files)
    book.flush()
    positions.write(now)
    write_telemetry(turn, batch.telemetry)
    ids = [(record.final.id if record else None) or DELETED for record in taken]
    if len(events) < len(given.events):
        known_ids = dict(zip(map(id, batch.events), ids, strict=True))
        ids = [known_ids.get(id(event), DELETED) for event in given.events]
    return Recorded(ids, new_ids)


def price(changed: Sequence[Record], prices: Prices) -> None:
    """Estimate what the requests among them cost."""
    requests = [record for record in changed if record.event.is_api_request]
    if requests:
        table = prices()
        for record in requests:
            record.event = priced(record.event, table)


def write_records(
    turn: Turn,
    changed: Sequence[Record],
    book: SessionBook,
    files: FileIds,
    words: Callable[[Event], str | None] = words_of,
) -> list[int]:
    """Write records that differ from what is stored and move the sums by it; the new ids."""
    if not changed:
        return []
    turn.changed = True
    files.give(record.event for record in changed)
    deletes: list[int] = []
    updates, inserts = [], []
    new_ids: list[int] = []
    displaced: set[Key] = set()
    for record in changed:
        old, new = record.stored, record.event
        if record.merged_into is not None:
            if record.id is not None:
                deletes.append(record.id)
        elif record.id is not None:
            updates.append((*_row(record, files, words), record.id))
        else:
            record.id = turn.new_event_id()
            new_ids.append(record.id)
            inserts.append(_row(record, files, words))
        if old is not None and book.find((old.machine_id, old.session_id)) is not None:
            book.count(old, -1)
            if record.merged_into is not None or not same_place(old, new):
                displaced.add((old.machine_id, old.session_id))
        if record.merged_into is None:
            book.count(new)
            _drop_placeholder(book, new, is_new=old is None)
    if deletes:
        ask(turn.connection, "DELETE FROM events WHERE id = ANY(%s::bigint[])", (deletes,))
    ask_each(turn.connection, _UPDATE, updates)
    if len(inserts) < _MANY or displaced:
        ask_each(turn.connection, _INSERT, inserts)
    else:
        turn.copies.append((_COPY, inserts))
    for key in sorted(displaced):
        book.recount_bounds(key)
    return new_ids


def _row(record: Record, files: FileIds, words: Callable[[Event], str | None]) -> tuple[Any, ...]:
    event = record.event
    row = event_row(event, record.id or 0, files.pointer(event), record.twinned)
    return (*row, words(event))


def _drop_placeholder(book: SessionBook, event: Event, *, is_new: bool) -> None:
    """A finished Codex turn names its session; the one made up from its process id goes."""
    if is_new and event.event_type == EventType.TURN_COMPLETE and event.pid is not None:
        placeholder = (event.machine_id, f"codex-{event.pid}")
        if placeholder != (event.machine_id, event.session_id):
            book.remove(placeholder)
