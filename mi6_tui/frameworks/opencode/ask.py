"""One question to a database: a bounded piece of what is new in it.

The first time, all sessions are walked over, in the order of their ids, which puts the newest first.
After that the question is what changed since; the times are the writers' own, and two writers may
commit out of their order, so a little of what was read is asked for again.
"""

from __future__ import annotations

from typing import Final

import apsw
import msgspec

from mi6_tui.frameworks.base import Answer, Decoded
from mi6_tui.frameworks.opencode import NAME
from mi6_tui.frameworks.opencode.events import Teller, start_of
from mi6_tui.frameworks.opencode.first import FirstTables
from mi6_tui.frameworks.opencode.messages import Message, Session
from mi6_tui.frameworks.opencode.opened import ChangedError, Opened
from mi6_tui.frameworks.opencode.second import SecondTables
from mi6_tui.frameworks.opencode.tables import Spot, Tables
from mi6_tui.frameworks.text import one_line
from mi6_tui.model import SessionFact

_MESSAGES: Final = 500
_BYTES: Final = 4 << 20
"""A piece ends when it holds as many messages, or as much of their JSON."""
_OVERLAP: Final = 10_000
"""ms that are asked for again: twice as long as the client waits for its turn to write."""
_SESSIONS: Final = 100
_START: Final[Spot] = (-(2**63), "")
_TITLE_LIMIT: Final = 200
_UNTITLED: Final = ("New session - ", "Child session - ")
"""What the client calls a session until it has thought of a title."""


class Place(msgspec.Struct, array_like=True):
    """How far one generation's tables were read."""

    since: int = 0
    """Everything up to this time (ms) was read, once the walk is over. Never after the files' own last
    change: a row from the future must not hide what is written until then."""
    walked: tuple[str, Spot] | None = ("", _START)
    """Session of the last message of the walk, and its place there; None when it is over."""
    page: tuple[int, str] | None = None
    """Time and id of the last message told of those that changed, if there are more of them."""
    first: str = ""
    """The session that was written first of all, so that another database in the same file is noticed."""


_CURSOR: Final = msgspec.msgpack.Decoder(dict[str, Place])


def ask(path: str, machine_id: str, cursor: bytes | None) -> Answer | None:
    """What is new in the database at `path` since `cursor`; None while the client is changing it."""
    try:
        places = _CURSOR.decode(cursor) if cursor else {}
    except (msgspec.DecodeError, UnicodeDecodeError):
        places = {}
    decoded = Decoded()
    more = False
    try:
        with Opened(path) as opened:
            for tables in tables_of(opened.connection):
                place, first = places.get(tables.generation), tables.first()
                if place is None or place.first not in ("", first):
                    place = places[tables.generation] = Place(since=min(tables.latest(), opened.changed_at))
                place.first = first
                question = _Question(tables, place, path, machine_id, decoded, opened.changed_at)
                more = question.ask()
                if more:
                    break
    except ChangedError:
        return None
    return Answer(decoded=decoded, cursor=msgspec.msgpack.encode(places), more=more)


def tables_of(connection: apsw.Connection) -> list[Tables]:
    """The generations that are there, the one that wins first."""
    # Neither views nor virtual tables nor computed columns: no client has them, and they may be bottomless.
    rows = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0"
        " AND NOT EXISTS (SELECT 1 FROM pragma_table_xinfo(name) WHERE hidden)"
    ).fetchall()
    present = {name for (name,) in rows}
    newer = SecondTables(connection, None) if present.issuperset(SecondTables.names) else None
    older = FirstTables(connection, newer) if present.issuperset(FirstTables.names) else None
    return [tables for tables in (newer, older) if tables is not None]


class _Question:
    """What one generation's tables have to tell; moves `place` along."""

    def __init__(
        self, tables: Tables, place: Place, path: str, machine_id: str, decoded: Decoded, changed_at: int
    ) -> None:
        self._tables = tables
        self._place = place
        self._path = path
        self._machine_id = machine_id
        self._decoded = decoded
        self._changed_at = changed_at
        self._messages = self._bytes = 0
        self._active: dict[str, int] = {}

    def ask(self) -> bool:
        """Tell the next piece; whether there is more."""
        more = self._walk() if self._place.walked is not None else self._changes()
        self._decoded.facts += [
            self._fact(session_id, "last_activity", at, at) for session_id, at in self._active.items()
        ]
        return more

    @property
    def _full(self) -> bool:
        return self._messages >= _MESSAGES or self._bytes >= _BYTES

    def _walk(self) -> bool:
        tables, place = self._tables, self._place
        reached = place.walked or ("", _START)
        while True:
            sessions = tables.sessions_from(reached[0], _SESSIONS)
            for session in sessions:
                if session.id != reached[0]:
                    self._session(session)
                    reached = (session.id, _START)
                for behind, message in tables.messages_of(session.id, reached[1]):
                    self._tell(message, session, fresh=True)
                    reached = (session.id, behind)
                    if self._full:
                        break
                if self._full:
                    place.walked = reached
                    return True
            if len(sessions) < _SESSIONS:
                place.walked = None
                return True  # what changed meanwhile is the next question

    def _changes(self) -> bool:
        tables, place = self._tables, self._place
        floor = place.since - _OVERLAP
        if place.page is None:
            for session in tables.sessions_since(floor):
                self._session(session)
        page = place.page or (floor, "")
        for at, message_id in tables.changed(floor, page, _MESSAGES):
            page = (at, message_id)
            message = tables.message(message_id)
            owner = tables.session(message.session_id) if message is not None else None
            if message is not None and owner is not None:
                self._tell(message, owner, fresh=at > place.since)
            else:
                self._messages += 1  # deleted meanwhile, or told from the newer tables
            if self._full:
                place.page = page
                return True
        place.since, place.page = max(place.since, min(page[0], self._changed_at)), None
        return False

    def _tell(self, message: Message, session: Session, *, fresh: bool) -> None:
        self._messages += 1
        self._bytes += message.size
        if fresh:
            self._decoded.malformed += message.malformed
            if message.unknown is not None:
                self._decoded.odd(message.unknown)
        if message.created < session.created:
            return  # a fork copies what was said before it was made
        root = self._tables.root_of(session)
        self._active[root] = max(message.updated, self._active.get(root, 0))
        self._decoded.last_uuid = message.id
        Teller(self._machine_id, self._path, root, message, self._decoded.events).tell()

    def _session(self, session: Session) -> None:
        """What a session's own row says; a subagent's says nothing of the session it works for."""
        self._messages += 1
        if session.parent_id:
            return
        self._decoded.events.append(start_of(session, self._machine_id, self._path))
        title = one_line(session.title or "", _TITLE_LIMIT)
        for name, told in (
            ("title", None if title.startswith(_UNTITLED) else title),
            ("cwd", session.directory),
            ("client_version", session.version),
        ):
            if told:
                self._decoded.facts.append(self._fact(session.id, name, told, session.updated))

    def _fact(self, session_id: str, name: str, told: str | int, at: int) -> SessionFact:
        return SessionFact(
            machine_id=self._machine_id,
            session_id=session_id,
            framework=NAME,
            name=name,
            value=told,
            timestamp=at,
            order=(at, 0),
        )
