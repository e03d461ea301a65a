"""Questions that both generations of the client's tables answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Final, TypeVar

import apsw

from mi6_tui.frameworks.opencode.messages import Message, Session
from mi6_tui.frameworks.times import instant

Row = Sequence[Any]
Spot = tuple[Any, str]
"""Where a message stands in its session: when it was made, as the column has it, and its id."""
_T = TypeVar("_T")
Asked = Sequence[tuple[int, _T]]
"""Parts, each with the time at which it was made."""

LARGEST: Final = 64 << 20
"""Bytes of JSON that a row, and a message with its parts, may hold: a larger one counts as malformed."""
DATA: Final = f"iif(octet_length(data) <= {LARGEST}, CAST(data AS BLOB), NULL)"
NAMED: Final = "typeof(id) = 'text' AND octet_length(id) <= 512"
"""Of a row that can be remembered by its id; every row that the client writes is such a one."""
PLACED: Final = f"{NAMED} AND octet_length(time_created) <= 32"
"""Of one that can also be remembered by its time."""
_COLUMNS: Final = (
    "id, substr(parent_id, 1, 512), iif(octet_length(directory) <= 4096, directory, NULL),"
    " substr(title, 1, 512), substr(version, 1, 512), time_created, time_updated"
)


class Tables(ABC):
    """One generation's tables, within one transaction.

    A session that `newer` tables hold as well is not in these, as far as anybody is told.
    """

    generation: ClassVar[str]
    names: ClassVar[tuple[str, ...]]
    """Tables that must exist."""
    sessions: ClassVar[str]
    _within: ClassVar[str]
    _single: ClassVar[str]
    _changed: ClassVar[str]
    _latest: ClassVar[str]

    def __init__(self, connection: apsw.Connection, newer: Tables | None) -> None:
        self._connection = connection
        self._newer = newer
        self._known: dict[str, Session | None] = {}
        self._mine = f" AND id NOT IN (SELECT id FROM {newer.sessions})" if newer else ""  # noqa: S608

    def latest(self) -> int:
        """The last time (ms) at which anything was changed; 0 for nothing."""
        return int(self._connection.execute(self._latest).get or 0)

    def first(self) -> str:
        """The id of the session that was written first of all; empty if there is none that can be told."""
        sql = f"SELECT id FROM {self.sessions} WHERE {NAMED} ORDER BY rowid LIMIT 1"  # noqa: S608
        try:
            return str(self._connection.execute(sql).get or "")
        except apsw.SQLError:
            return ""  # a table without such numbers

    def sessions_from(self, session_id: str, limit: int) -> list[Session]:
        """The sessions from an id on, by id."""
        return self._select("id >= ? ORDER BY id LIMIT ?", session_id, limit)

    def sessions_since(self, at: int) -> list[Session]:
        """The sessions whose own row was changed at `at` (ms) or later."""
        return self._select("time_updated >= ?", at)

    def session(self, session_id: str) -> Session | None:
        """One session, if its row is here."""
        if session_id not in self._known:
            found = self._select("id = ?", session_id)
            self._known[session_id] = found[0] if found else None
        return self._known[session_id]

    def root_of(self, session: Session) -> str:
        """The session at whose start a person stands, as far up as the rows are there."""
        seen = {session.id}
        while (parent := session.parent_id) and parent not in seen:
            seen.add(parent)
            above = self.session(parent) or (self._newer.session(parent) if self._newer else None)
            session = above or Session(parent)
        return session.id

    def messages_of(self, session_id: str, after: Spot) -> Iterator[tuple[Spot, Message]]:
        """A session's messages behind a place (time made, id), each with its own."""
        for row in self._connection.execute(self._within, (session_id, *after)):
            yield (row[2], row[0]), self._message(row)

    def changed(self, floor: int, after: tuple[int, str], limit: int) -> list[tuple[int, str]]:
        """Time and id of the messages changed at `floor` (ms) or later, behind a place in that order."""
        at, message_id = after
        values = {"floor": floor, "at": at, "id": message_id, "limit": limit}
        return [(found_at, found) for found_at, found in self._connection.execute(self._changed, values)]

    def message(self, message_id: str) -> Message | None:
        """One message, None if it is gone."""
        row = self._connection.execute(self._single, (message_id,)).fetchone()
        return None if row is None else self._message(row)

    def _select(self, condition: str, *values: str | int) -> list[Session]:
        where, _, rest = condition.partition(" ORDER BY ")
        sql = f"SELECT {_COLUMNS} FROM {self.sessions} WHERE {where} AND id <> '' AND {NAMED}{self._mine}"  # noqa: S608
        rows = self._connection.execute(f"{sql} ORDER BY {rest}" if rest else sql, values).fetchall()
        return [_session(row) for row in rows]

    @abstractmethod
    def _message(self, row: Row) -> Message:
        """What a row of `_within` or `_single` says."""


def moment(time: object) -> int:
    """A column's time in ms; 0 where it holds something else, such as a time before 1970."""
    return instant(time) or 0


def _session(row: Row) -> Session:
    session_id, *texts, created, updated = row
    parent, directory, title, version = (text if isinstance(text, str) else None for text in texts)
    return Session(str(session_id), parent, directory, title, version, moment(created), moment(updated))
