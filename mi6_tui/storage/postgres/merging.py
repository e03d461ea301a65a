"""Merging what another store forwards: the one way in for parcels, however they came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mi6_tui.judge.fold import SessionState, Totals
from mi6_tui.judge.join import add_remainder
from mi6_tui.model import Event
from mi6_tui.storage.merge import normalised, session_hash
from mi6_tui.storage.parcel import Parcel, Thinned, joined, lacking, lacking_usage
from mi6_tui.storage.postgres.connection import ask, fetch
from mi6_tui.storage.postgres.files import FileIds
from mi6_tui.storage.postgres.forgetting import add_tombstones, forget_session, forgotten_among
from mi6_tui.storage.postgres.known import Known
from mi6_tui.storage.postgres.record import Prices, price, write_records
from mi6_tui.storage.postgres.server import Turn
from mi6_tui.storage.postgres.sessions import Key, SessionBook, decode_state
from mi6_tui.storage.postgres.telemetry import write_telemetry
from mi6_tui.storage.postgres.words import words_of
from mi6_tui.storage.usage import KEY, USAGE_FIELDS, UsageKey

_SESSION_IDS: Final = "SELECT DISTINCT session_id FROM sessions"
_RECALL: Final = "DELETE FROM tombstones WHERE hash = ANY(%s::bytea[])"
_USAGE: Final = f"SELECT {', '.join(USAGE_FIELDS)} FROM usage WHERE machine_id = %s AND session_id = %s"
_REACHED: Final = (
    "INSERT INTO forwarded(origin, machine_id, sequence) VALUES (%s, %s, %s) "
    "ON CONFLICT (origin) DO UPDATE SET sequence = excluded.sequence, machine_id = excluded.machine_id "
    "WHERE excluded.sequence > forwarded.sequence"
)


class Prepared:
    """A parcel, and all that can be worked out of it before the turn in which it is merged."""

    def __init__(self, parcel: Parcel) -> None:
        self.parcel = parcel
        self.events = [(normalised(event), twinned) for event, twinned in parcel.events]
        self._words = {id(event): words_of(event) for event, _ in self.events}

    def words(self, event: Event) -> str | None:
        """As `words_of`."""
        return self._words[id(event)] if id(event) in self._words else words_of(event)


def merge(turn: Turn, prepared: Prepared, prices: Prices) -> int:
    """Merge a parcel, in the caller's turn; how many sessions were forgotten by it."""
    parcel = prepared.parcel
    forgotten = _delete(turn, parcel)
    _recall(turn, parcel.recalled)
    gone = forgotten_among(
        turn,
        {
            *(event.session_id for event, _ in parcel.events),
            *(session_id for _, session_id, _ in parcel.sessions),
            *(told.session_id for told in parcel.telemetry),
        },
    )
    book = SessionBook(turn, parcel.at, only_known=True)
    told = {
        (machine_id, session_id): decode_state(state)
        for machine_id, session_id, state in parcel.sessions
        if session_id not in gone
    }
    taken = [(event, twinned) for event, twinned in prepared.events if event.session_id not in gone]
    events = [event for event, _ in taken]
    # All questions first, then the answers: a server far away is waited for once.
    asked, files = Known(turn, events), FileIds(turn, events)
    book.load({*told, *((event.machine_id, event.session_id) for event in events)})
    known = asked.merging()
    book.load((record.event.machine_id, record.event.session_id) for record in known.all)
    for key, state in told.items():
        book.replace(key, joined(book.find(key), state))
    for event, twinned in taken:
        known.take(event, twinned=twinned)
    changed = [record for record in known.all if record.changed]
    price(changed, prices)
    write_records(turn, changed, book, files, prepared.words)
    for thinned in parcel.thinned:
        _add_deleted(turn, book, thinned, told)
    book.flush(judged=told)
    write_telemetry(turn, [record for record in parcel.telemetry if record.session_id not in gone])
    ask(turn.connection, _REACHED, (parcel.origin, parcel.machine_id, parcel.sequence))
    return forgotten


def _recall(turn: Turn, hashes: Sequence[bytes]) -> None:
    if hashes:
        ask(turn.connection, _RECALL, (list(hashes),))


def _delete(turn: Turn, parcel: Parcel) -> int:
    """Remember what was deleted there, and forget the sessions among it; how many are known here."""
    meant = set(parcel.deleted)
    if not meant:
        return 0
    add_tombstones(turn, meant)
    turn.some_deleted = True
    if parcel.forgotten is not None:
        meant.intersection_update(parcel.forgotten)
    if not meant:
        return 0  # the look below reads every session's name, while all others wait
    names = [name for (name,) in fetch(turn.connection, _SESSION_IDS) if session_hash(name) in meant]
    for name in names:
        forget_session(turn, name)
    return len(names)


def _add_deleted(turn: Turn, book: SessionBook, thinned: Thinned, told: dict[Key, SessionState]) -> None:
    """Add sums of events that were deleted before they came here: what is lacking, up to what was told."""
    key = thinned.machine_id, thinned.session_id
    whole, state = told.get(key), book.find(key)
    if whole is None or state is None:
        return
    rest = {
        witness: lacking(sums, whole.totals.get(witness) or Totals(), state.totals.get(witness) or Totals())
        for witness, sums in thinned.totals.items()
    }
    add_remainder(state, whole, {witness: sums for witness, sums in rest.items() if sums != Totals()})
    book.flush_usage()
    here: dict[UsageKey, list[int]] = {
        row[: len(KEY)]: list(row[len(KEY) :]) for row in fetch(turn.connection, _USAGE, key)
    }
    for row in lacking_usage(thinned, here):
        book.add_usage(row)
