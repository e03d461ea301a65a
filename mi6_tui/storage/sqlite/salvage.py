"""What can still be read of a store, row by row around whatever is damaged. Nothing is changed in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import apsw
import msgspec

from mi6_tui.errors import ModelError, NewerStoreError, ReadOnlyError, StorageError
from mi6_tui.judge.fold import SessionState
from mi6_tui.model import Event, FilePosition, Machine, Session, Telemetry
from mi6_tui.plain_file import open_plain
from mi6_tui.storage.machines import COLUMNS as MACHINE_FIELDS
from mi6_tui.storage.machines import machine_of
from mi6_tui.storage.rows import (
    EVENT_FIELDS,
    POSITION_FIELDS,
    SESSION_FIELDS,
    Row,
    event_of,
    position_of,
    session_of,
)
from mi6_tui.storage.sqlite.connection import fetch, refuse_strange_logs
from mi6_tui.storage.sqlite.errors import translated
from mi6_tui.storage.sqlite.first_page import mended_copy
from mi6_tui.storage.sqlite.kept_texts import masked_event, masked_state
from mi6_tui.storage.sqlite.migrations import MIGRATIONS
from mi6_tui.storage.sqlite.opening import LEDGER
from mi6_tui.storage.sqlite.sessions import KEPT_REVISION, Key, decode_state
from mi6_tui.storage.telemetry import COLUMNS, telemetry_of
from mi6_tui.storage.usage import USAGE_FIELDS

_ROOM: Final = 1 << 16
"""Rows behind the last one that was read, where a damaged table does not tell its end."""
_TRIES: Final = 1 << 20
"""Pieces of one table that are tried before the rest of it is given up."""
MENDED: Final = ".mended"
"""What the name of that copy ends in."""
TABLES: Final = frozenset(
    {
        LEDGER,
        "events",
        "files",
        "machines",
        "session_state",
        "sessions",
        "sqlite_sequence",
        "telemetry",
        "tombstones",
        "transcript_positions",
        "usage",
    }
)
"""All that is read; whatever else a store has is made anew."""
_MAGIC: Final = b"SQLite format 3\0"
_BROKEN: Final = (apsw.CorruptError, apsw.IOError, apsw.NotADBError, apsw.SQLError, UnicodeDecodeError)
"""What a damaged page, a lost piece of the schema or a text of nonsense raises."""
_UNFIT: Final = (ModelError, msgspec.MsgspecError, TypeError, ValueError)
_NAMES: Final = ("machine_id", "session_id", "event_type", "key", "uuid", "identity", "file_path", "path")
"""Nothing is called by a NUL; what is missing of a page that was cut reads as such."""
_PATH: Final = EVENT_FIELDS.index("transcript_path")


class Salvage:
    """The store at `path`, open for reading only until `close`. StorageError if it is none of ours.

    What cannot be read at all is a damaged store if it begins as one, or if one is `expected` at `path`: then
    it is as one without rows. Beside `scratch` a copy is made if its schema is lost.
    """

    def __init__(self, path: Path, scratch: Path, *, expected: bool = False) -> None:
        self._lost: dict[str, int] = {}
        """By table, the rows that are lost with their page."""
        self._odd: set[tuple[str, object]] = set()
        """Table and place of each row that makes no sense."""
        self._copy = scratch.with_name(scratch.name + MENDED)
        self.forgets = False
        """Whether some of what was deleted on purpose is not known any more."""
        refuse_strange_logs(path)
        self._torn = _refuse_foreign(path)
        """Whether the schema is damaged, so that a table which is not found may have been there."""
        self._connection = self._opened(path)
        try:
            self._check(path, expected=expected)
        except BaseException:
            self.close()
            raise
        self.last_event_id = max(self._sequence("events"), self._end("events")[1])
        """The largest that was ever given, as far as anybody can tell."""
        revisions = (row[1] for row in self._rows("sessions", ("revision",)) if isinstance(row[1], int))
        self.last_revision = max(self._sequence(KEPT_REVISION), max(revisions, default=0))
        self._files: dict[Any, Any] = {row[1]: row[2] for row in self._rows("files", ("id", "path"))}

    def _check(self, path: Path, *, expected: bool) -> None:
        if not (expected or self._tables_of(self._connection) or _begins_as_store(path)):
            raise _nothing_in(path)
        known = {migration.name for migration in MIGRATIONS}
        names = {row[1] for row in self._rows(LEDGER, ("name",)) if isinstance(row[1], str)}
        if unknown := sorted(names - known):
            raise NewerStoreError(f"{path} was written by a newer mi6-tui ({unknown[-1]})", "update mi6-tui")

    @property
    def unreadable(self) -> int:
        """Rows that could not be read so far; of those that are lost with their neighbours about how many."""
        return sum(self._lost.values()) + len(self._odd)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
        self._copy.unlink(missing_ok=True)

    def keys(self) -> Iterator[tuple[str, int]]:
        """Key and id of each event that has a key."""
        for event_id, key in self._rows("events", ("key",)):
            if isinstance(key, str):
                yield key, event_id

    def events(self) -> Iterator[Event]:
        """All events, by id."""
        for place, *values, file_id in self._rows("events", (*EVENT_FIELDS, "file_id")):
            values[_PATH] = self._files.get(file_id, values[_PATH])
            if (event := self._made(event_of, values, ("events", place))) is not None:
                yield masked_event(event)

    def states(self) -> Iterator[tuple[Key, SessionState]]:
        """What each session's row is made from."""
        for place, machine_id, session_id, blob in self._rows(
            "session_state", ("machine_id", "session_id", "state")
        ):
            try:
                yield (str(machine_id), str(session_id)), masked_state(decode_state(blob))
            except _UNFIT:
                self._odd.add(("session_state", place))

    def sessions(self) -> Iterator[Session]:
        """The rows of sessions."""
        for place, *values in self._rows("sessions", SESSION_FIELDS):
            if (session := self._made(session_of, values, ("sessions", place))) is not None:
                yield session

    def positions(self) -> Iterator[FilePosition]:
        """How far each file was read."""
        for place, *values in self._rows("transcript_positions", POSITION_FIELDS):
            if (position := self._made(position_of, values, ("transcript_positions", place))) is not None:
                yield position

    def telemetry(self) -> Iterator[Telemetry]:
        """What the clients' telemetry told."""
        for place, *values in self._rows("telemetry", COLUMNS):
            if (record := self._made(telemetry_of, values, ("telemetry", place))) is not None:
                yield record

    def machines(self) -> Iterator[Machine]:
        """The latest word of each machine."""
        for place, *values in self._rows("machines", MACHINE_FIELDS):
            if (machine := self._made(machine_of, values, ("machines", place))) is not None:
                yield machine

    def usage(self) -> Iterator[Row]:
        """Sums of requests: the values of USAGE_FIELDS."""
        for row in self._ordered("usage", USAGE_FIELDS, key=5):
            if all(isinstance(value, int) for value in row[5:]):
                yield row
            else:
                self._odd.add(("usage", row[:5]))

    def tombstones(self) -> Iterator[bytes]:
        """Hashes of what was deleted."""
        for (item,) in self._ordered("tombstones", ("hash",), key=1):
            if isinstance(item, bytes):
                yield item
        self.forgets = "tombstones" in self._lost

    def _made(self, make: Any, values: Sequence[Any], place: tuple[str, object]) -> Any:
        """The value of a row, or None: in a damaged file a row may be anything."""
        try:
            value = make(tuple(values))
            return msgspec.convert(msgspec.to_builtins(value), type(value))
        except _UNFIT:
            self._odd.add(place)
            return None

    # Tables.

    def _opened(self, path: Path) -> apsw.Connection:
        """The store as it is or as it can be mended, whichever leads to more tables; an empty one else."""
        connection = _connect_if_possible(path)
        if not self._torn and connection is not None:
            return connection
        if mended_copy(path, self._copy, TABLES) and (mended := _connect_if_possible(self._copy)):
            if connection is None or len(self._tables_of(mended)) > len(self._tables_of(connection)):
                if connection is not None:
                    connection.close()
                return mended
            mended.close()
        return connection or apsw.Connection(":memory:")

    @staticmethod
    def _tables_of(connection: apsw.Connection) -> frozenset[str]:
        return frozenset(name for name in TABLES if _columns_of(connection, name))

    def _columns(self, table: str) -> frozenset[str]:
        """Those of a table; of none if it is not there, which is told as lost where it may have been."""
        columns = _columns_of(self._connection, table)
        if self._torn and not columns:
            self._lost.setdefault(table, 1)
        return columns

    def _selected(self, table: str, fields: Sequence[str]) -> str:
        known = self._columns(table)
        return ", ".join(name if name in known else "NULL" for name in fields)

    def _rows(self, table: str, fields: Sequence[str]) -> Iterator[Row]:
        """Row id and `fields` of each row, by row id; around a damaged page it is tried piece by piece."""
        if not self._columns(table):
            return
        selected = ", ".join(filter(None, ("rowid", self._selected(table, fields))))
        sql = f"SELECT {selected} FROM {table} NOT INDEXED WHERE rowid BETWEEN ? AND ? ORDER BY rowid"
        known, end = self._end(table)
        names = [place for place, field in enumerate(fields, 1) if field in _NAMES]
        pieces, tries, lost = [(1, end)], 0, 0
        while pieces and tries < _TRIES:
            first, last = pieces.pop()
            try:
                for row in self._connection.execute(sql, (first, last)):
                    if isinstance(row[0], int) and first <= row[0] <= last:
                        first = row[0] + 1
                        known = max(known, row[0])
                        if any("\0" in str(row[place]) for place in names):
                            self._odd.add((table, row[0]))
                        else:
                            yield row
            except _BROKEN:
                tries += 1
                if first < last:
                    middle = (first + last) // 2
                    pieces += [(middle + 1, last), (first, middle)]
                else:
                    # Behind the last row that is known to be there may be more of them, or nothing at all.
                    lost = lost + 1 if first <= known else max(lost, 1)
        if lost:
            self._lost[table] = lost

    def _end(self, table: str) -> tuple[int, int]:
        """A row id that the table reaches, and one that it does not go beyond."""
        try:
            end = self._connection.execute(f"SELECT max(rowid) FROM {table}").get or 0
            return end, end
        except _BROKEN:
            pass
        if sequence := self._sequence(table):
            return sequence, sequence
        seen = 0
        try:
            for row in self._connection.execute(f"SELECT rowid FROM {table} NOT INDEXED ORDER BY rowid"):
                seen = row[0]
        except _BROKEN:
            pass
        return seen, seen + _ROOM

    def _sequence(self, name: str) -> int:
        try:
            found = fetch(self._connection, "SELECT seq FROM sqlite_sequence WHERE name = ?", (name,))
        except _BROKEN:
            return 0
        return max((row[0] for row in found if isinstance(row[0], int)), default=0)

    def _ordered(self, table: str, fields: Sequence[str], *, key: int) -> Iterator[Row]:
        """The rows of a table without row ids, by its first `key` columns: from both ends to the damage."""
        if not self._columns(table):
            return
        columns = fields[:key]
        seen = None
        for direction in ("", " DESC"):
            order = ", ".join(name + direction for name in columns)
            sql = f"SELECT {', '.join(fields)} FROM {table} ORDER BY {order}"
            try:
                for row in self._connection.execute(sql):
                    if direction and row[:key] == seen:
                        break
                    if not direction:
                        seen = row[:key]
                    yield row
                return
            except _BROKEN:
                self._lost[table] = 1


def _nothing_in(path: Path) -> StorageError:
    return StorageError(
        f"{path} holds nothing that a store would", "move it away, and `mi6-tui scan` makes a new one"
    )


@contextmanager
def salvaged(path: Path, scratch: Path, *, expected: bool = False) -> Iterator[Salvage]:
    """What can be read of the store at `path`; see Salvage. StorageError if it is none of ours."""
    with translated(path):
        salvage = Salvage(path, scratch, expected=expected)
    try:
        yield salvage
    finally:
        salvage.close()


def _refuse_foreign(path: Path) -> bool:
    """Whether the schema of the file is damaged. ReadOnlyError if it is whole and another program's."""
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            found = fetch(connection, "SELECT name FROM sqlite_schema WHERE type = 'table'")
            columns = _columns_of(connection, "events")
        finally:
            connection.close()
    except _BROKEN:
        return True
    if found and (LEDGER,) not in found and "file_id" not in columns:
        raise ReadOnlyError(f"{path} is no store of mi6-tui: another program wrote it")
    # One without any table was cut or wiped: all of ours are made at once.
    return not found


def _begins_as_store(path: Path) -> bool:
    with open(open_plain(path), "rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def _columns_of(connection: apsw.Connection, table: str) -> frozenset[str]:
    try:
        return frozenset(row[1] for row in fetch(connection, f"PRAGMA table_info({table})"))
    except _BROKEN:
        return frozenset()


def _connect_if_possible(path: Path) -> apsw.Connection | None:
    try:
        return _connect(path)
    except _BROKEN:
        return None


def _connect(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        # So a file shorter than it says is read as far as it goes, and odd lines of its schema are skipped.
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection
