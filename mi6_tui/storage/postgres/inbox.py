"""Parcels of users who may do nothing but leave them in the table `inbox`, and their way into the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import psycopg

from mi6_tui.errors import StorageError
from mi6_tui.model import Machine, Way
from mi6_tui.storage.parcel import Parcel, UnfitParcelError, packed, unpacked
from mi6_tui.storage.postgres import gc
from mi6_tui.storage.postgres.connection import Connection, ask, fetch
from mi6_tui.storage.postgres.errors import printable
from mi6_tui.storage.postgres.machines import bounded_skew, machines, see_machine, see_remotes
from mi6_tui.storage.postgres.merging import Prepared, merge
from mi6_tui.storage.postgres.record import Prices
from mi6_tui.storage.postgres.server import Server, Turn

SEE_EVERY: Final = 10_000
"""ms between two notes of one machine's last sign."""
STEP: Final = 100
"""Rows that one look finds."""
_LONGEST_REASON: Final = 300

_WAITING: Final = f"SELECT id, machine_id, sent_at, received_at FROM inbox ORDER BY id LIMIT {STEP}"
_PAYLOAD: Final = "SELECT payload FROM inbox WHERE id = %s"
_TAKE: Final = "DELETE FROM inbox WHERE id = %s RETURNING 1"
_REFUSE: Final = (
    "WITH gone AS (DELETE FROM inbox WHERE id = %s RETURNING id, machine_id, sent_at, received_at, payload) "
    "INSERT INTO inbox_refused(id, machine_id, sent_at, received_at, payload, reason) "
    "SELECT id, machine_id, sent_at, received_at, payload, %s FROM gone"
)
_POST: Final = "INSERT INTO inbox(machine_id, sent_at, payload) VALUES (%s, %s, %s)"
_UNFIT: Final = (
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.errors.DatatypeMismatch,
    psycopg.errors.ProgramLimitExceeded,
    UnicodeError,
    OverflowError,
)
"""Why a store cannot hold what a parcel says; whatever else fails is no fault of the parcel."""


_STORE: Final = "SELECT obj_description(to_regclass('inbox')::oid, 'pg_class')"
_REACHED: Final = "SELECT sequence FROM forwarded WHERE origin = %s"


class Reached(NamedTuple):
    """How far a store has what an origin sent."""

    store: str | None
    """The name of that store: another one has nothing of what this one had. None: it has none."""
    sequence: int | None
    """Of the last parcel; None: that cannot be asked."""


class _Row(NamedTuple):
    id: int
    machine_id: str
    sent_at: int
    received_at: int


class _Taken(NamedTuple):
    """A row that was merged."""

    row: _Row
    at: int
    machines: Sequence[Machine]
    """As its parcel tells them."""
    forgotten: int
    """Sessions."""


def reached(connection: Connection, origin: str) -> Reached:
    """How far the store has what comes from `origin`."""
    found = fetch(connection, _REACHED, (origin,))
    return reached_by_post(connection)._replace(sequence=found[0][0] if found else 0)


def reached_by_post(connection: Connection) -> Reached:
    """The same, for a user who may not look."""
    ((store,),) = fetch(connection, _STORE)
    return Reached(store, None)


def post(connection: Connection, parcel: Parcel) -> None:
    """Leave a parcel; merged again, a repeat changes nothing."""
    ask(connection, _POST, (parcel.machine_id, parcel.at, packed(parcel)))


def collect(server: Server, prices: Prices) -> int:
    """Merge some of what is there, each row and its deletion in one transaction; how many rows are gone.

    What cannot be merged is put aside with the reason. StorageError where the store fails.
    """
    rows = [_Row(*row) for row in server.read(lambda connection: fetch(connection, _WAITING))]
    taken = [one for row in rows if (one := _take(server, row, prices)) is not None]
    if any(one.forgotten for one in taken):
        server.read(gc.vacuum)
    _note_machines(server, taken)
    return len(rows)


def _take(server: Server, row: _Row, prices: Prices) -> _Taken | None:
    """Merge it; None: it was not merged here."""
    found = server.read(lambda connection: fetch(connection, _PAYLOAD, (row.id,)))
    if not found:
        return None  # another collector was quicker
    try:
        parcel = unpacked(bytes(found[0][0]))
        if parcel.machine_id != row.machine_id:
            raise UnfitParcelError("it names another machine than its row")
        prepared = Prepared(parcel)
        forgotten = server.write(lambda turn: _merge(turn, row, prepared, prices))
        return None if forgotten is None else _Taken(row, parcel.at, parcel.machines, forgotten)
    except Exception as error:
        if not _is_unfit(error):
            raise
        reason = str(error) or type(error).__name__
    server.write(lambda turn: _refuse(turn, row, reason))
    return None


def _merge(turn: Turn, row: _Row, prepared: Prepared, prices: Prices) -> int | None:
    return merge(turn, prepared, prices) if fetch(turn.connection, _TAKE, (row.id,)) else None


def _is_unfit(error: Exception) -> bool:
    """Whether the parcel is at fault: nonsense in it may fail anywhere, but only the store fails as such."""
    if isinstance(error, UnfitParcelError):
        return True
    return not isinstance(error, StorageError | OSError) or isinstance(error.__cause__, _UNFIT)


def _refuse(turn: Turn, row: _Row, reason: str) -> None:
    ask(turn.connection, _REFUSE, (row.id, printable(reason, _LONGEST_REASON)))


def _note_machines(server: Server, taken: Sequence[_Taken]) -> None:
    """Each merged row is a sign of life of its machine, and tells how far its clock is ahead."""
    latest = {one.row.machine_id: one for one in taken}
    if not latest:
        return
    seen = {machine.machine_id: machine.seen_at for machine in server.read(machines)}
    for one in latest.values():
        if one.row.received_at >= seen.get(one.row.machine_id, 0) + SEE_EVERY:
            _note(server, one)


def _note(server: Server, taken: _Taken) -> None:
    row = taken.row
    sender = Machine(
        machine_id=row.machine_id,
        seen_at=row.received_at,
        skew_ms=bounded_skew(row.sent_at - row.received_at),
        way=Way.PUSH,
    )
    server.read(lambda connection: see_machine(connection, sender))
    server.read(lambda connection: see_remotes(connection, taken.machines, sender, taken.at))
