"""Session states and the rows that follow from them, within one transaction."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any, Final, Literal

import msgspec

from mi6_tui.judge.fold import SessionState, count, set_owned_bounds
from mi6_tui.judge.project import project
from mi6_tui.model import Event, EventType, Session
from mi6_tui.storage.postgres.connection import Answer, ask, ask_each, fetch, rows_of
from mi6_tui.storage.postgres.server import Turn
from mi6_tui.storage.postgres.usage import UsageBook
from mi6_tui.storage.rows import SESSION_FIELDS, Row, session_row

Key = tuple[str, str]
"""(machine_id, session_id)."""

_encode: Final = msgspec.msgpack.Encoder().encode
decode_state: Final = msgspec.msgpack.Decoder(SessionState).decode
"""The state in a `session_state` blob."""
_REVISION: Final = SESSION_FIELDS.index("revision")

_ASKED: Final = "unnest(%s::text[], %s::text[]) AS asked(machine_id, session_id)"
_LOAD: Final = (
    f"SELECT {', '.join(f'sessions.{name}' for name in SESSION_FIELDS)}, machine_id, session_id, "
    f"session_state.state FROM {_ASKED} JOIN session_state USING (machine_id, session_id) "
    "LEFT JOIN sessions USING (machine_id, session_id)"
)
_SET_STATE: Final = (
    "INSERT INTO session_state(machine_id, session_id, state) VALUES (%s, %s, %s) "
    "ON CONFLICT (machine_id, session_id) DO UPDATE SET state = excluded.state"
)
_SET_ROW: Final = (
    f"INSERT INTO sessions({', '.join(SESSION_FIELDS)}) VALUES ({', '.join(['%s'] * len(SESSION_FIELDS))}) "
    "ON CONFLICT (machine_id, session_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in SESSION_FIELDS[2:])
)
_BOUNDS: Final = (
    "SELECT min(timestamp), min(timestamp) FILTER (WHERE event_type = 'SessionEnd'), "
    "max(timestamp) FILTER (WHERE event_type = 'SessionEnd') "
    "FROM events WHERE machine_id = %s AND session_id = %s"
)
assert EventType.SESSION_END == "SessionEnd"  # noqa: S101 (as the statement has it)


class SessionBook:
    """The sessions one transaction deals with: asked for together, written once at the end.

    `only_known`: an event counts for no session that nothing else tells of.
    """

    def __init__(self, turn: Turn, now: int, *, only_known: bool = False) -> None:
        self._turn = turn
        self._now = now
        self._only_known = only_known
        self._states: dict[Key, SessionState] = {}
        self._loaded: dict[Key, bytes | None] = {}
        self._rows: dict[Key, Row] = {}
        self._asked: list[Answer] = []
        self._usage = UsageBook()

    def load(self, keys: Iterable[Key]) -> None:
        """Ask for what is stored of these sessions, as far as it was not yet."""
        wanted = sorted({key for key in keys if key not in self._loaded})
        if not wanted:
            return
        self._loaded.update(dict.fromkeys(wanted))
        machines, sessions = zip(*wanted, strict=True)
        self._asked.append(ask(self._turn.connection, _LOAD, (list(machines), list(sessions))))

    def _take_answers(self) -> None:
        while self._asked:
            for *row, machine_id, session_id, state in rows_of(self._asked.pop()):
                key = machine_id, session_id
                self._loaded[key] = state
                self._states[key] = decode_state(state)
                if row[0] is not None:
                    self._rows[key] = tuple(row)

    def find(self, key: Key) -> SessionState | None:
        """The state of a known session, to be changed in place."""
        state = self._states.get(key)
        if state is None:
            self.load((key,))
            self._take_answers()
            state = self._states.get(key)
        return state

    def get(self, key: Key) -> SessionState:
        """The state of a session, known or new, to be changed in place."""
        state = self.find(key)
        if state is None:
            state = self._states[key] = SessionState()
        return state

    def replace(self, key: Key, state: SessionState) -> None:
        """Let this be the state of a session."""
        self._states[key] = state

    def count(self, event: Event, sign: Literal[1, -1] = 1) -> None:
        """Add an event to the sums of the session that owns it, or take it back."""
        if self._only_known and self.find((event.machine_id, event.session_id)) is None:
            return
        count(self.get((event.machine_id, event.session_id)), event, sign)
        if event.is_api_request:
            self._usage.add(event, sign)

    def remove(self, key: Key) -> None:
        """Forget a session altogether."""
        self._states.pop(key, None)
        self._rows.pop(key, None)
        self._loaded[key] = None
        self._usage.remove(key)
        for table in ("sessions", "session_state", "usage"):
            sql = f"DELETE FROM {table} WHERE machine_id = %s AND session_id = %s"
            ask(self._turn.connection, sql, key)
        self._turn.changed = True

    def recount_bounds(self, key: Key) -> None:
        """Take from the stored events when the session's own ones begin, and when it ended."""
        state = self.find(key)
        if state is not None:
            (bounds,) = fetch(self._turn.connection, _BOUNDS, key)
            set_owned_bounds(state, *bounds)

    def add_usage(self, row: Row) -> None:
        """Add sums of requests that no event backs: the values of USAGE_FIELDS."""
        self._usage.add_row(row)

    def flush_usage(self) -> None:
        """Write the sums of requests as they are so far."""
        self._usage.flush(self._turn)

    def flush(self, judged: Container[Key] = ()) -> None:
        """Write the states that changed, and the rows that follow from them where these differ.

        The rows of `judged` sessions are made anew though nothing but the time may have changed.
        """
        self.flush_usage()
        states, rows = [], []
        for key, state in self._states.items():
            encoded = _encode(state)
            changed = encoded != self._loaded.get(key)
            if changed:
                states.append((*key, encoded))
                self._loaded[key] = encoded
            if changed or key in judged:
                rows.append(project(*key, state, self._now))
        ask_each(self._turn.connection, _SET_STATE, states)
        self._write_rows(rows)

    def rejudge(self) -> int:
        """Write the rows of all loaded sessions as they are now; how many differ."""
        self._take_answers()
        return self._write_rows([project(*key, state, self._now) for key, state in self._states.items()])

    def _write_rows(self, sessions: list[Session]) -> int:
        changed: list[Row] = []
        for session in sessions:
            row, stored = session_row(session), self._rows.get(session.key)
            if stored is None or _without_revision(stored) != _without_revision(row):
                changed.append(_with_revision(row, self._turn.new_revision()))
                self._rows[session.key] = changed[-1]
        ask_each(self._turn.connection, _SET_ROW, changed)
        self._turn.changed = self._turn.changed or bool(changed)
        return len(changed)


def _without_revision(row: Row) -> Row:
    return (*row[:_REVISION], *row[_REVISION + 1 :])


def _with_revision(row: Row, revision: Any) -> Row:
    return (*row[:_REVISION], revision, *row[_REVISION + 1 :])
