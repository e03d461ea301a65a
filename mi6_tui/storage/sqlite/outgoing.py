"""A store whose content is forwarded: what another one lacks, piece by piece."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import apsw
import msgspec

from mi6_tui.errors import StoreReplacedError
from mi6_tui.judge.fold import SessionState, count
from mi6_tui.judge.join import remainder
from mi6_tui.model import Event, Machine, Way
from mi6_tui.storage.parcel import Parcel, Thinned
from mi6_tui.storage.rows import event_of, select_events
from mi6_tui.storage.sequences import next_sequence
from mi6_tui.storage.sqlite import unsent
from mi6_tui.storage.sqlite.connection import fetch
from mi6_tui.storage.sqlite.machines import machines
from mi6_tui.storage.sqlite.sessions import Key, decode_state
from mi6_tui.storage.sqlite.store import SqliteStorage
from mi6_tui.storage.telemetry import COLUMNS, telemetry_of
from mi6_tui.storage.usage import KEY, USAGE_FIELDS, UsageMoves

_MOST_TEXT: Final = 4 << 20
"""Characters of the events and bytes of the sessions of one parcel, but for the first of each."""
_SESSIONS: Final = 200
_THINNED: Final = 20
"""Sessions of one parcel."""
_DELETIONS: Final = 20_000
"""Hashes of one parcel."""

_TARGET: Final = (
    "SELECT store, sequence, event_id, revision, deletion, change, thinned FROM targets WHERE target = ?"
)
_BEGIN: Final = "INSERT OR REPLACE INTO targets VALUES (?1, ?2, ?4, 0, 0, ?3, ?3, ?3)"
_LAST_CHANGE: Final = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'unsent'"
_ALL: Final = (
    f"SELECT '{unsent.TELEMETRY}', CAST(identity AS BLOB) FROM telemetry",
    f"SELECT '{unsent.DELETED}', hash FROM tombstones",
)
_MARK: Final = """
UPDATE targets SET sequence = max(sequence, ?3), event_id = max(event_id, ?4), revision = max(revision, ?5),
    deletion = max(deletion, ?6), change = max(change, ?7), thinned = max(thinned, ?8)
WHERE target = ?1 AND store IS ?2
"""
_PRUNE: Final = tuple(
    f"DELETE FROM unsent WHERE kind IN {kinds} AND change <= (SELECT min({mark}) FROM targets)"
    for kinds, mark in (
        (unsent.DELETIONS, "deletion"),
        (unsent.CHANGES, "change"),
        (f"('{unsent.THINNED}')", "thinned"),
    )
)
_EVENTS: Final = f"{select_events('events.twinned')} WHERE events."
_UNSENT: Final = (
    "SELECT change, kind, name FROM unsent WHERE kind IN {} AND change > ? ORDER BY change LIMIT ?"
)
_SOME_DELETIONS: Final = _UNSENT.format(unsent.DELETIONS)
_SOME_CHANGES: Final = _UNSENT.format(unsent.CHANGES)
_SOME_THINNED: Final = _UNSENT.format(f"('{unsent.THINNED}')")
_STATES: Final = (
    "SELECT revision, machine_id, session_id, state FROM sessions "
    "JOIN session_state USING (machine_id, session_id) WHERE "
)
_CHANGED: Final = f"{_STATES} revision > ? ORDER BY revision LIMIT {_SESSIONS}"
_OF_ONE: Final = f"{_STATES} machine_id = ? AND session_id = ?"
_TELEMETRY: Final = (
    f"SELECT {', '.join(COLUMNS)} FROM telemetry WHERE identity IN (SELECT value FROM json_each(?))"
)
_USAGE: Final = f"SELECT {', '.join(USAGE_FIELDS)} FROM usage WHERE session_id = ? AND machine_id = ?"
_ALL_STATES: Final = "SELECT machine_id, session_id, state FROM session_state"


class _Sender(NamedTuple):
    """What a parcel says of where it comes from."""

    origin: str
    machine_id: str
    sequence: int
    at: int


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """How far a target has what is here."""

    store: str | None
    """The name of the store there."""
    sequence: int
    """Of the last parcel; negative: none yet, and the number that one had got when it began."""
    event_id: int
    revision: int
    deletion: int
    change: int
    thinned: int


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel, and how far its target has got with it."""

    parcel: Parcel
    mark: Mark
    corrections: int
    """Events in it that the target may have in another form."""
    moved: bool
    """Whether the mark is another one than before; it may be though the parcel is empty."""
    more: bool
    """Whether something is left."""


class OutgoingStorage(SqliteStorage):
    """A store that is also forwarded. How far each target has got is kept in it."""

    def origin(self) -> str:
        """Its own name; a store that was made anew has another."""
        with self._reading() as connection:
            name: str = connection.execute("SELECT id FROM store_identity").get
            return name

    def mark(self, target: str) -> Mark | None:
        """How far `target` has got; None: it is not known."""
        with self._reading() as connection:
            return _mark_of(connection, target)

    def begin(self, target: str, store: str | None) -> None:
        """Let everything be sent to `target`, where `store` has nothing of it yet."""
        with self._writing() as connection:
            last = connection.execute(_LAST_CHANGE).get
            connection.execute(_BEGIN, (target, store, last, -next_sequence(0)))
            for some in _ALL:
                connection.execute(f"INSERT OR REPLACE INTO unsent(kind, name) {some}")
            unsent.note_thinned(connection, _thinned_in(connection))

    def next(self, target: str, machine_id: str, *, most: int, after: int) -> Outgoing:
        """What `target` lacks, `most` events of it, as all of it is at one moment.

        What was deleted before it was sent is told when all that is left was. The parcel's number is larger
        than `after`.
        """
        with self._reading() as connection, _snapshot(connection):
            mark = _mark_of(connection, target)
            if mark is None:
                raise StoreReplacedError(f"{self.path} was made anew meanwhile", "try again")
            sender = _Sender(
                self.origin(), machine_id, next_sequence(max(after, mark.sequence)), self._clock()
            )
            return _Reading(connection, mark).outgoing(sender, most)

    def sent(self, target: str, mark: Mark) -> None:
        """Note that `target` has got this far."""
        with self._writing() as connection:
            connection.execute(_MARK, (target, *msgspec.structs.astuple(mark)))
            for prune in _PRUNE:
                connection.execute(prune)


def _mark_of(connection: apsw.Connection, target: str) -> Mark | None:
    found = fetch(connection, _TARGET, (target,))
    return Mark(**dict(zip(Mark.__struct_fields__, found[0], strict=True))) if found else None


@contextmanager
def _snapshot(connection: apsw.Connection) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def _thinned_in(connection: apsw.Connection) -> list[Key]:
    return [
        (machine_id, session_id)
        for machine_id, session_id, state in connection.execute(_ALL_STATES)
        if decode_state(state).deleted_bounds is not None
    ]


class _Reading:
    """One look at all that is behind a mark."""

    def __init__(self, connection: apsw.Connection, mark: Mark) -> None:
        self._connection = connection
        self._mark = mark
        self._events: list[tuple[Event, bool]] = []
        self._names: dict[str, list[Any]] = {}
        self._sessions: dict[Key, tuple[int, bytes]] = {}
        self._text = 0
        self._more = self._more_sessions = False

    def outgoing(self, sender: _Sender, most: int) -> Outgoing:
        mark = self._mark
        # First of all: what was recorded after it was forgotten and recalled must not be forgotten.
        deletion, revision = self._take(_SOME_DELETIONS, mark.deletion, _DELETIONS), mark.revision
        event_id, change, thinned, corrections = mark.event_id, mark.change, mark.thinned, 0
        tells: list[Thinned] = []
        if not self._more:
            revision = self._take_sessions()
            event_id = self._take_events(sender.origin, most)
        if not self._more:
            change, corrections = self._take_changes(sender.origin, most - len(self._events))
        if not self._more:
            thinned = self._take(_SOME_THINNED, mark.thinned, _THINNED)
            tells = self._thinned()
        self._more = self._more or self._more_sessions
        forgotten = self._names.get(unsent.DELETED, [])
        parcel = Parcel(
            **sender._asdict(),
            events=self._events,
            sessions=[(*key, state) for key, (_, state) in self._sessions.items()],
            telemetry=self._telemetry(),
            deleted=[*forgotten, *self._names.get(unsent.EXPIRED, [])],
            forgotten=forgotten,
            recalled=self._names.get(unsent.RECALLED, []),
            thinned=tells,
            machines=self._machines(sender.machine_id),
        )
        reached = Mark(
            store=mark.store,
            sequence=mark.sequence if parcel.empty else sender.sequence,
            event_id=event_id,
            revision=revision,
            deletion=deletion,
            change=change,
            thinned=thinned,
        )
        return Outgoing(
            parcel=parcel, mark=reached, corrections=corrections, moved=reached != mark, more=self._more
        )

    def _machines(self, own: str) -> list[Machine]:
        """Those that this one reads over ssh; how to reach them stays here."""
        found = [one for one in machines(self._connection) if one.way is Way.REMOTE and one.machine_id != own]
        return [msgspec.structs.replace(one, address=None) for one in found]

    def _take_events(self, origin: str, most: int) -> int:
        """New events; the id to go on after."""
        sql = f"{_EVENTS}id > ? ORDER BY events.id LIMIT ?"
        last = self._mark.event_id
        for row in self._connection.execute(sql, (last, most)):
            event = event_of(row[:-1])
            if not self._add(event, row[-1], origin):
                break
            last = event.id or last
        self._more = self._more or len(self._events) == most
        return last

    def _add(self, event: Event, twinned: object, origin: str) -> bool:
        """Add an event, and its session; False if that would be too much text for one parcel."""
        key = event.machine_id, event.session_id
        states = [] if key in self._sessions else fetch(self._connection, _OF_ONE, key)
        self._text += len(event.payload or "") + len(event.preview or "") + len(event.metadata or "")
        self._text += sum(len(state) for *_, state in states)
        if self._text > _MOST_TEXT and self._events:
            self._more = True
            return False
        if event.key is None:
            event = event.with_(key=f"{origin}:{event.id}")
        self._events.append((event, bool(twinned)))
        for revision, *_, state in states:
            self._sessions[key] = revision, state
        return True

    def _take(self, sql: str, after: int, most: int) -> int:
        """What was noted, by kind; the change to go on after."""
        rows = fetch(self._connection, sql, (after, most))
        for _, kind, name in rows:
            self._names.setdefault(kind, []).append(name)
        self._more = self._more or len(rows) == most
        return rows[-1][0] if rows else after

    def _take_changes(self, origin: str, most: int) -> tuple[int, int]:
        """What was noted as changed; the change to go on after, and how many events were corrected."""
        sql = f"{_EVENTS}id = ? AND events.id <= ?"
        last, before = self._mark.change, len(self._events)
        changes = fetch(self._connection, _SOME_CHANGES, (last, most))
        for change, kind, name in changes:
            if kind == unsent.TELEMETRY:
                self._names.setdefault(kind, []).append(name)
            else:
                for row in fetch(self._connection, sql, (name, self._mark.event_id)):
                    if not self._add(event_of(row[:-1]), row[-1], origin):
                        return last, len(self._events) - before
            last = change
        self._more = self._more or len(changes) == most
        return last, len(self._events) - before

    def _telemetry(self) -> list[Any]:
        identities = [bytes(name).decode() for name in self._names.get(unsent.TELEMETRY, [])]
        rows = fetch(self._connection, _TELEMETRY, (msgspec.json.encode(identities).decode(),))
        return [telemetry_of(row) for row in rows]

    def _take_sessions(self) -> int:
        """Sessions that changed; the revision to go on after."""
        last = self._mark.revision
        found = fetch(self._connection, _CHANGED, (last,))
        self._more_sessions = len(found) == _SESSIONS
        for revision, machine_id, session_id, state in found:
            self._text += len(state)
            if self._text > _MOST_TEXT and self._sessions:
                self._more_sessions = True
                break
            self._sessions[machine_id, session_id] = revision, state
            last = revision
        return last

    def _add_states(self, keys: Iterable[Key]) -> None:
        for key in sorted(set(keys) - self._sessions.keys()):
            for revision, _, _, state in fetch(self._connection, _OF_ONE, key):
                self._sessions[key] = revision, state

    def _thinned(self) -> list[Thinned]:
        keys: list[Key] = [tuple(msgspec.json.decode(name)) for name in self._names.get(unsent.THINNED, [])]
        self._add_states(keys)
        return [self._deleted_of(key, self._sessions[key][1]) for key in keys if key in self._sessions]

    def _deleted_of(self, key: Key, state: bytes) -> Thinned:
        """What of the sums of a session no stored event backs."""
        counted, left = SessionState(), UsageMoves()
        machine_id, session_id = key
        whole = fetch(self._connection, _USAGE, (session_id, machine_id))
        for row in whole:
            left.add_row(row)
        sql = f"{_EVENTS}session_id = ? AND events.machine_id = ?"
        for event_row in self._connection.execute(sql, (session_id, machine_id)):
            event = event_of(event_row[:-1])
            count(counted, event)
            if event.is_api_request:
                left.add(event, -1)
        left.keep_positive(lambda *_: True)
        gone = left.take()
        return Thinned(
            machine_id,
            session_id,
            remainder(decode_state(state), counted),
            [(row, gone[row[: len(KEY)]]) for row in whole if row[: len(KEY)] in gone],
        )
