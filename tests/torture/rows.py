"""All that stands in a store, read by SQL of its own, so that two can be compared field by field."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any, Final

import apsw
import msgspec

Rows = dict[str, list[dict[str, Any]]]

_OWN: Final = {
    "events": {"id", "file_id"},
    "files": {"id"},
    "sessions": {"revision"},
    "transcript_positions": {"updated_at"},
    "mi6_tui_migrations": {"applied_at"},
    "schema_version": {"applied_at"},
    "store_identity": {"id"},
}
"""Columns that hold numbers which a store gives by itself, or the time at which it did something."""
_NOT_COMPARED: Final = ("sqlite_sequence", "event_text")
JUDGED: Final = frozenset(
    {"status", "status_updated_at", "seen_at", "pid", "waiting_for"}
    | {f"status_{name}" for name in ("detail", "reason", "since", "source", "confidence", "until", "rule")}
)
"""What depends on when a session was looked at, and on the processes that ran then."""


def rows(path: Path) -> Rows:
    """All tables, sorted; the words of the index by the key of the event they stand in."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        found = {name: _table(connection, name) for name in _tables(connection)}
        if "event_text" in _all_tables(connection):
            found["words"] = _words(connection)
        return found
    finally:
        connection.close()


def unsound(path: Path) -> str | None:
    """What SQLite finds wrong with the file; None: nothing."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        told = [str(line) for (line,) in connection.execute("PRAGMA integrity_check")]
        if "event_text" in _all_tables(connection):
            connection.execute("INSERT INTO event_text(event_text) VALUES ('integrity-check')")
    except apsw.Error as error:
        return str(error)
    finally:
        connection.close()
    return None if told == ["ok"] else "; ".join(told)


def differences(found: Rows, expected: Rows, *, judged: bool = True) -> str | None:
    """What differs, the first few rows of each table; None if nothing does. `judged`: statuses count too."""
    lines: list[str] = []
    for name in sorted({*found, *expected}):
        ours, theirs = (_comparable(name, side.get(name, []), judged=judged) for side in (found, expected))
        if ours == theirs:
            continue
        lines.append(f"{name}: {len(ours)} rows, not {len(theirs)}")
        only_ours = [row for row in ours if row not in theirs]
        only_theirs = [row for row in theirs if row not in ours]
        pairs = itertools.zip_longest(only_ours, only_theirs, fillvalue="nothing")
        lines += [f"  {_where(*pair)}" for pair in pairs][:3]
    return "\n".join(lines) or None


def _where(found: str, expected: str) -> str:
    """Two rows, from a little before the place where they differ."""
    pairs = enumerate(zip(found, expected, strict=False))
    differs = next((place for place, (ours, theirs) in pairs if ours != theirs), 0)
    same = max(0, differs - 100)
    return f"{found[:100]}: {found[same : same + 300]}\n    expected {expected[same : same + 300]}"


def _comparable(name: str, table: list[dict[str, Any]], *, judged: bool) -> list[str]:
    if not judged and name == "session_state":
        return []
    hidden = JUDGED if not judged and name == "sessions" else frozenset()
    return sorted(repr({field: row[field] for field in row if field not in hidden}) for row in table)


def _all_tables(connection: apsw.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]


def _tables(connection: apsw.Connection) -> list[str]:
    return [name for name in _all_tables(connection) if not name.startswith(_NOT_COMPARED)]


def _table(connection: apsw.Connection, name: str) -> list[dict[str, Any]]:
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
    rows = connection.execute(f"SELECT {', '.join(columns)} FROM {name}")
    table = [dict(zip(columns, row, strict=True)) for row in rows]
    for row in table:
        if name == "session_state":
            row["state"] = _ordered(msgspec.msgpack.decode(row["state"]))
            if told := row["state"].get("earliest", {}).get("framework"):
                # First told by whichever piece of a file was read first; it is the same in all of them.
                row["state"]["earliest"]["framework"] = told[-1]
    if name == "events":
        paths = dict(connection.execute("SELECT id, path FROM files"))
        for row in table:
            row["file"] = paths.get(row["file_id"])
    return [{field: row[field] for field in row if field not in _OWN.get(name, ())} for row in table]


def _ordered(value: Any) -> Any:
    """The same, its maps by name."""
    if isinstance(value, dict):
        return {name: _ordered(value[name]) for name in sorted(value)}
    return [_ordered(part) for part in value] if isinstance(value, list) else value


def _words(connection: apsw.Connection) -> list[dict[str, Any]]:
    connection.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, event_text, instance)")
    keys = dict(connection.execute("SELECT id, key FROM events"))
    return [
        {"term": term, "event": keys.get(doc, f"no event {doc}"), "at": at}
        for term, doc, at in connection.execute("SELECT term, doc, offset FROM temp.words")
    ]
