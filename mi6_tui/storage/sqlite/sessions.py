"""Session states and the rows that follow from them, within one transaction."""

from __future__ import annotations

from collections.abc import Container
from typing import Final, Literal

import apsw
import msgspec

from mi6_tui.judge.fold import SessionState, count, set_owned_bounds
from mi6_tui.judge.project import project
from mi6_tui.model import Event, EventType, Session
from mi6_tui.storage.rows import SESSION_FIELDS, Row, session_row
from mi6_tui.storage.sqlite.usage import UsageBook

Key = tuple[str, str]
"""(machine_id, session_id)."""

_encode: Final = msgspec.msgpack.Encoder().encode
decode_state: Final = msgspec.msgpack.Decoder(SessionState).decode
"""The state in a `session_state` blob."""
_REVISION: Final = SESSION_FIELDS.index("revision")

_STATE: Final = "SELECT state FROM session_state WHERE machine_id = ? AND session_id = ?"
_SET_STATE: Final = (
    "INSERT INTO session_state(machine_id, session_id, state) VALUES (?, ?, ?) "
    "ON CONFLICT(machine_id, session_id) DO UPDATE SET state = excluded.state"
)
_ROW: Final = f"SELECT {', '.join(SESSION_FIELDS)} FROM sessions WHERE machine_id = ? AND session_id = ?"
_SET_ROW: Final = (
    f"INSERT INTO sessions({', '.join(SESSION_FIELDS)}) VALUES ({', '.join('?' * len(SESSION_FIELDS))}) "
    "ON CONFLICT(machine_id, session_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in SESSION_FIELDS[2:])
)
KEPT_REVISION: Final = "sessions.revision"
"""Where the largest revision of deleted rows stands among the sequences."""
_LARGEST: Final = (
    "SELECT max(largest) FROM (SELECT max(revision) AS largest FROM sessions "
    f"UNION ALL SELECT seq FROM sqlite_sequence WHERE name = '{KEPT_REVISION}')"
)
_OWNED: Final = "FROM events WHERE session_id = ?2 AND machine_id = ?1"


class SessionBook:
    """The sessions one transaction deals with: loaded when asked for, written once at the end."""

    def __init__(self, connection: apsw.Connection, now: int) -> None:
        self._connection = connection
        self._now = now
        self._states: dict[Key, SessionState] = {}
        self._loaded: dict[Key, bytes | None] = {}
        self._usage = UsageBook()

    def find(self, key: Key) -> SessionState | None:
        """The state of a known session, to be changed in place."""
        state = self._states.get(key)
        if state is None and key not in self._loaded:
            stored: bytes | None = self._connection.execute(_STATE, key).get
            self._loaded[key] = stored
            if stored is not None:
                state = self._states[key] = decode_state(stored)
        return state

    def get(self, key: Key) -> SessionState:
        """The state of a session, known or new, to be changed in place."""
        state = self.find(key)
        if state is None:
            state = self._states[key] = SessionState()
        return state

    def count(self, event: Event, sign: Literal[1, -1] = 1) -> None:
        """Add an event to the sums of the session that owns it, or take it back."""
        count(self.get((event.machine_id, event.session_id)), event, sign)
        if event.is_api_request:
            self._usage.add(event, sign)

    def remove(self, key: Key) -> None:
        """Forget a session altogether."""
        self._states.pop(key, None)
        self._loaded.pop(key, None)
        self._usage.remove(key)
        keep_revision(self._connection)
        for table in ("sessions", "session_state", "usage"):
            self._connection.execute(f"DELETE FROM {table} WHERE machine_id = ? AND session_id = ?", key)

    def recount_bounds(self, key: Key) -> None:
        """Take from the stored events when the session's own ones begin, and when it ended."""
        state = self.find(key)
        if state is None:
            return
        first = self._connection.execute(f"SELECT timestamp {_OWNED} ORDER BY timestamp LIMIT 1", key).get
        ends = self._connection.execute(
            f"SELECT min(timestamp), max(timestamp) {_OWNED} AND event_type = '{EventType.SESSION_END}'", key
        ).get
        set_owned_bounds(state, first, *ends)

    def flush(self) -> None:
        """Write the states that changed, and the rows that follow from them where these differ."""
        self._usage.flush(self._connection)
        states, rows, new = [], [], set()
        for key, state in self._states.items():
            encoded, before = _encode(state), self._loaded.get(key)
            if encoded != before:
                states.append((*key, encoded))
                self._loaded[key] = encoded
                rows.append(project(*key, state, self._now))
                if before is None:
                    new.add(key)
        if states:
            self._connection.executemany(_SET_STATE, states)
            write_rows(self._connection, rows, new)


def write_rows(connection: apsw.Connection, sessions: list[Session], new: Container[Key] = ()) -> int:
    """Store the rows that differ from what is stored, each with a new revision; how many.

    Of `new` sessions nothing is stored.
    """
    changed = []
    revision: int | None = None
    for session in sessions:
        row = session_row(session)
        stored = None if session.key in new else connection.execute(_ROW, session.key).get
        if stored is not None and _without_revision(stored) == _without_revision(row):
            continue
        if revision is None:
            revision = current_revision(connection)
        revision += 1
        changed.append((*row[:_REVISION], revision, *row[_REVISION + 1 :]))
    if changed:
        connection.executemany(_SET_ROW, changed)
    return len(changed)


def _without_revision(row: Row) -> Row:
    return (*row[:_REVISION], *row[_REVISION + 1 :])


def current_revision(connection: apsw.Connection) -> int:
    """The largest revision ever given; 0 when none was."""
    return connection.execute(_LARGEST).get or 0


def keep_revision(connection: apsw.Connection) -> None:
    """Remember the largest revision before rows are deleted: a reader that saw it asks for those above it."""
    largest = current_revision(connection)
    connection.execute("DELETE FROM sqlite_sequence WHERE name = ?", (KEPT_REVISION,))
    connection.execute("INSERT INTO sqlite_sequence(name, seq) VALUES (?, ?)", (KEPT_REVISION, largest))


def load_state(connection: apsw.Connection, key: Key) -> SessionState | None:
    """The state of a known session."""
    stored = connection.execute(_STATE, key).get
    return decode_state(stored) if stored is not None else None
