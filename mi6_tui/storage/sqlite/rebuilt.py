"""A new store in the making: the transcripts are read into it, and what only an old store knew is kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import apsw
import msgspec

from mi6_tui.clock import now_ms
from mi6_tui.errors import StorageError
from mi6_tui.judge.evidence import authority_of
from mi6_tui.judge.fold import SessionState, apply_fact, count, note_time
from mi6_tui.judge.join import MARKS, add_remainder, join, remainder
from mi6_tui.model import Batch, Event, EventQuery, FilePosition, Session, SessionFact
from mi6_tui.prices import packaged
from mi6_tui.storage.sqlite.forgetting import is_forgotten
from mi6_tui.storage.sqlite.positions import write_positions
from mi6_tui.storage.sqlite.record import Prices, record_batch
from mi6_tui.storage.sqlite.salvage import Salvage
from mi6_tui.storage.sqlite.sessions import KEPT_REVISION, Key, SessionBook
from mi6_tui.storage.sqlite.store import SqliteStorage
from mi6_tui.storage.sqlite.usage import UsageBook

_STEP: Final = 2_000
"""Events that are kept in one transaction."""
# In memory, and gone with the connection.
_FORMER: Final = "CREATE TEMP TABLE former(key TEXT PRIMARY KEY, id INTEGER NOT NULL) WITHOUT ROWID"
_IS_FREE: Final = "NOT EXISTS (SELECT 1 FROM events WHERE events.id = {0})"
_ID_BY_KEY: Final = f"SELECT id FROM former WHERE key = ? AND {_IS_FREE.format('former.id')}"
_HAS_MARKS: Final = " OR ".join(f"coalesce({name}, 0) NOT IN (0, '')" for name in MARKS)
_ID_ITSELF: Final = f"SELECT ?1 WHERE {_IS_FREE.format('?1')}"


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What a new store took over from the old one."""

    events: int
    """That no transcript tells: of hooks, and of files that are gone."""
    dropped: int
    """Events that a transcript once told and, read again, does not tell any more."""
    sessions: int
    """Sessions of which no transcript tells."""
    marked: int
    """Sessions that the user named, tagged, pinned or hid."""
    tombstones: int
    """Things that were deleted on purpose and stay so."""
    forgets: bool
    """Some more of those cannot be known any more: what a transcript still tells of them is here again."""
    unreadable: int
    """Rows of the old store that could not be read, about."""


class RebuiltStorage(SqliteStorage):
    """A store at `path` that gives events the ids which they had in the `old` one. For one thread.

    Events that the old store did not have get ids above all that were ever given, and so do revisions: who
    asks for what came after something sees what is new and nothing again.
    """

    def __init__(
        self,
        path: Path,
        old: Salvage,
        *,
        clock: Callable[[], int] = now_ms,
        prices: Prices = packaged,
    ) -> None:
        super().__init__(path, clock=clock, prices=prices)
        self._old = old
        self._tombstones = 0
        with self._reading() as connection:
            connection.execute(_FORMER)
        with self._writing() as connection:
            connection.executemany("INSERT OR IGNORE INTO former VALUES (?, ?)", old.keys())
            for name, largest in (("events", old.last_event_id), (KEPT_REVISION, old.last_revision)):
                connection.execute("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
                connection.execute("INSERT INTO sqlite_sequence(name, seq) VALUES (?, ?)", (name, largest))
            # First of all: what was deleted must not be recorded.
            tombstones = ((item,) for item in old.tombstones())
            connection.executemany("INSERT OR IGNORE INTO tombstones VALUES (?)", tombstones)
            self._tombstones = connection.execute("SELECT count(*) FROM tombstones").get

    def record(self, batch: Batch) -> Sequence[int]:
        """Record a batch in one transaction; the ids of the events that were not in it, ascending."""
        with self._writing() as connection:
            return record_batch(
                connection, batch, self._clock(), self._prices, lambda event: _former_id(connection, event)
            ).new_ids

    def keep(self, unread: Collection[str] = ()) -> Kept:
        """Take over what the old store knew and no transcript told; called once, when all were read.

        `unread`: the paths of those that could not be read, or not to their end.
        """
        told = _Told([position for _, position in self.query_transcript_positions()], unread, self._old)
        counted: dict[Key, SessionState] = {}
        usage = UsageBook()
        kept = dropped = 0
        events = self._old_events(counted, usage)
        while some := list(islice(events, _STEP)):
            new = [event for event in some if not (told.tells(event) or self._is_told_again(event))]
            kept += len(self.record(Batch(events=tuple(new))))
            dropped += self._missing(event.id for event in some if told.tells(event))
        states = dict(self._old.states())
        self._count_found_again(states, counted, usage)
        sessions = self._keep_states(states, counted, told)
        self._keep_usage(usage, states, told)
        marked = self._keep_marks(states)
        telemetry = self._old.telemetry()
        while words := tuple(islice(telemetry, _STEP)):
            self.record(Batch(telemetry=words))
        for machine in self._old.machines():
            self.see_machine(machine)
        if not self._old.unreadable:
            # Else some of what those positions say was read is not here.
            with self._writing() as connection:
                write_positions(connection, told.elsewhere, self._clock())
        return Kept(
            events=kept,
            dropped=dropped,
            sessions=sessions,
            marked=marked,
            tombstones=self._tombstones,
            forgets=self._old.forgets,
            unreadable=self._old.unreadable,
        )

    def finish(self) -> None:
        """Let all of it stand in the one file, and prove it whole. StorageError if it is not."""
        self.reprice()
        self.rejudge(self._clock())
        with self._reading() as connection:
            found = connection.execute("PRAGMA quick_check(1)").get
            if found != "ok":
                raise StorageError(f"the new store is damaged: {found}", "check the disk")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self.close()

    def _old_events(self, counted: dict[Key, SessionState], usage: UsageBook) -> Iterator[Event]:
        """The old store's events; what they sum up to is noted, and taken from what its sums were."""
        for row in self._old.usage():
            usage.add_row(row)
        for event in self._old.events():
            _count(event, counted, usage)
            yield event

    def _is_told_again(self, event: Event) -> bool:
        """Of an event whose file is not known any more: whether some transcript told it."""
        if event.byte_offset is None or event.transcript_path is not None or event.key is None:
            return False
        return bool(self._number("SELECT count(*) FROM events WHERE key = ?", event.key))

    def _missing(self, ids: Iterable[int | None]) -> int:
        """How many of these events are not here."""
        sql = "SELECT count(*) FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM events WHERE id = value)"
        return self._number(sql, msgspec.json.encode(list(ids)).decode())

    def _count_found_again(
        self, states: dict[Key, SessionState], counted: dict[Key, SessionState], usage: UsageBook
    ) -> None:
        """Count what the old sums held too, though its row could not be read: a transcript told it again."""
        after = self._old.last_event_id
        while page := self.query(EventQuery().order_by_id().with_after_id(after).with_limit(_STEP)):
            for event in page:
                state = states.get((event.machine_id, event.session_id))
                if state is not None and event.timestamp <= state.last_activity:
                    _count(event, counted, usage)
            after = page[-1].id or after

    def _keep_states(
        self, states: dict[Key, SessionState], counted: dict[Key, SessionState], told: _Told
    ) -> int:
        """Join what was known of each session, and add the sums of lost events; how many it alone knew."""
        alone = 0
        items = iter(states.items())
        while some := list(islice(items, _STEP)):
            with self._writing() as connection:
                book = SessionBook(connection, self._clock())
                for key, state in some:
                    known = book.find(key)
                    if is_forgotten(connection, key[1]) or (
                        known is None and told.tells_of(state) and not _is_marked(state)
                    ):
                        continue
                    alone += not told.tells_of(state)
                    mine = book.get(key)
                    join(mine, state)
                    rest = remainder(state, counted.get(key) or SessionState())
                    add_remainder(
                        mine, state, {of: sums for of, sums in rest.items() if told.lacks(state, of)}
                    )
                book.flush()
        return alone

    def _keep_usage(self, usage: UsageBook, states: dict[Key, SessionState], told: _Told) -> None:
        usage.keep_positive(lambda key, witness: key in states and told.lacks(states[key], witness))
        with self._writing() as connection:
            usage.flush(connection)

    def _keep_marks(self, states: dict[Key, SessionState]) -> int:
        """Take the user's marks from rows of which nothing else could be read; how many sessions have any."""
        now = self._clock()
        with self._writing() as connection:
            book = SessionBook(connection, now)
            for session in self._old.sessions():
                facts = {name: getattr(session, name) for name in (*MARKS, "terminal")}
                facts = {name: value for name, value in facts.items() if value}
                if session.key in states or not facts or is_forgotten(connection, session.session_id):
                    continue
                state = book.get(session.key)
                note_time(state, session.first_started_at)
                note_time(state, session.last_activity)
                for name, value in (facts | {"seen": session.seen_at}).items():
                    apply_fact(state, _fact(session, name, value, now))
            book.flush()
        return self._number(f"SELECT count(*) FROM sessions WHERE {_HAS_MARKS}")


def _former_id(connection: apsw.Connection, event: Event) -> int | None:
    """The id that an event had in the old store, if nothing else has it here."""
    if event.id is not None:
        found: int | None = connection.execute(_ID_ITSELF, (event.id,)).get
    else:
        found = connection.execute(_ID_BY_KEY, (event.key,)).get
    return found


def _count(event: Event, counted: dict[Key, SessionState], usage: UsageBook) -> None:
    count(counted.setdefault((event.machine_id, event.session_id), SessionState()), event)
    if event.is_api_request:
        usage.add(event, -1)


def _is_marked(state: SessionState) -> bool:
    return any(state.latest[name][2] for name in MARKS if name in state.latest)


def _fact(session: Session, name: str, value: str | int | None, now: int) -> SessionFact:
    return SessionFact(
        machine_id=session.machine_id,
        session_id=session.session_id,
        framework=session.framework,
        name=name,
        value=value,
        timestamp=now,
        order=(now, 0),
    )


class _Told:
    """What the transcripts tell by themselves, which were read into the new store up to these `positions`."""

    def __init__(self, positions: Iterable[FilePosition], unread: Collection[str], old: Salvage) -> None:
        self._ends: dict[str, int] = {}
        """Path of each file that was read to its end, and the offset of that."""
        known = set()
        places: dict[tuple[int | None, int | None], int] = {}
        for position in positions:
            known.add(position.file_path)
            if position.file_path not in unread:
                self._ends[position.file_path] = position.byte_offset
                places[position.device, position.inode] = position.byte_offset
        places.pop((None, None), None)
        self.elsewhere: list[FilePosition] = []
        """How far the files were read that are none of these."""
        for position in old.positions():
            if position.file_path in known:
                continue
            end = places.get((position.device, position.inode))
            if end is not None:
                self._ends[position.file_path] = end  # it stands under another path now
            else:
                self.elsewhere.append(position)

    def tells(self, event: Event) -> bool:
        """Whether it is for a transcript to tell this event, and that transcript was read."""
        if authority_of(event.source) != "transcript" or event.transcript_path is None:
            return False
        end = self._ends.get(event.transcript_path)
        return end is not None and (event.byte_offset or 0) <= end

    def tells_of(self, state: SessionState) -> bool:
        """Whether the transcript of a session was read."""
        registers = state.latest.get("transcript_path") or state.earliest.get("transcript_path")
        return registers is not None and registers[2] in self._ends

    def lacks(self, state: SessionState, witness: str) -> bool:
        """Whether a session's sums hold more of this witness than can be read anywhere."""
        return witness != "transcript" or state.deleted_bounds is not None or not self.tells_of(state)
