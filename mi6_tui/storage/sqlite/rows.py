"""Between rows and values. Columns are always named: a file that mi6 wrote has others in another order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple

import msgspec

from mi6_tui.judge.context import window_size
from mi6_tui.model import STATUSES, Event, FilePosition, Session, Status
from mi6_tui.storage.sqlite.opening import Layout

Row = tuple[Any, ...]

_NOT_STORED: Final = ("process_start_time", "order")
EVENT_FIELDS: Final = tuple(name for name in Event.__struct_fields__ if name not in _NOT_STORED)
SESSION_FIELDS: Final = Session.__struct_fields__
POSITION_FIELDS: Final = FilePosition.__struct_fields__

_FLAGS: Final = ("transcript_available", "pinned", "hidden")
_INT64_MAX: Final = 2**63 - 1
_SHOWN: Final = {
    Status.BUSY: "working",
    Status.WAIT: "waiting",
    Status.IDLE: "idle",
    Status.DONE: "ended",
}


class Reader(NamedTuple):
    """How the values of one file are read: the columns to select, and what to make of a row."""

    events: str
    event: Callable[[Row], Event]
    event_columns: frozenset[str]
    sessions: str
    session: Callable[[Row], Session]
    session_columns: frozenset[str]
    positions: str
    position: Callable[[Row], FilePosition]


def reader_for(layout: Layout) -> Reader:
    """A reader of a file with these columns; what a file lacks is unknown."""
    ours = "file_id" in layout.events
    if ours:
        events = select_events()
    else:
        events = f"SELECT {_select('events', EVENT_FIELDS, layout.events)} FROM events"
    return Reader(
        events=events,
        event=event_of if ours else _foreign_event,
        event_columns=layout.events,
        sessions=f"SELECT {_select('sessions', SESSION_FIELDS, layout.sessions)} FROM sessions",
        session=session_of if ours else _foreign_session,
        session_columns=layout.sessions,
        positions="SELECT "
        + _select("transcript_positions", POSITION_FIELDS, layout.positions)
        + " FROM transcript_positions",
        position=position_of,
    )


def select_events(*further: str) -> str:
    """The statement that EVENT_FIELDS (and `further` columns) are read by, up to its conditions."""
    path = "coalesce(files.path, events.transcript_path)"
    columns = [path if name == "transcript_path" else f"events.{name}" for name in EVENT_FIELDS]
    return (
        f"SELECT {', '.join((*columns, *further))} FROM events LEFT JOIN files ON files.id = events.file_id"
    )


def _select(table: str, fields: Sequence[str], columns: frozenset[str]) -> str:
    return ", ".join(f"{table}.{name}" if name in columns else f"NULL AS {name}" for name in fields)


def event_of(row: Row) -> Event:
    """The event in a row selected by EVENT_FIELDS."""
    values = dict(zip(EVENT_FIELDS, row, strict=True))
    side = values["is_sidechain"]
    values["is_sidechain"] = None if side is None else bool(side)
    values["tokens_incomplete"] = bool(values["tokens_incomplete"])
    values["claim"] = values["claim"] or ""
    values["version"] = values["version"] or ""
    return Event(**values)


def event_row(event: Event, event_id: int, file_id: int | None, twinned: bool) -> Row:
    """The values of EVENT_FIELDS, `file_id` and `twinned`, to be stored.

    A path with an offset is a pointer and goes by `file_id`; any other path is kept as text.
    """
    values = _stored_of(event)
    path = values[_PATH] if file_id is None else None
    return (event_id, *values[1:_PATH], path, *values[_PATH + 1 :], file_id, twinned or None)


_stored_of: Final = attrgetter(*EVENT_FIELDS)
_PATH: Final = EVENT_FIELDS.index("transcript_path")


def session_of(row: Row) -> Session:
    """The session in a row selected by SESSION_FIELDS."""
    values = {name: value for name, value in zip(SESSION_FIELDS, row, strict=True) if value is not None}
    for name in _FLAGS:
        values[name] = bool(values.get(name))
    return Session(**values)


def session_row(session: Session) -> Row:
    """The values of SESSION_FIELDS; a time beyond 64 bits stays at their end."""
    return tuple(
        [
            min(value, _INT64_MAX) if isinstance(value, int) else value
            for value in msgspec.structs.astuple(session)
        ]
    )


def position_of(row: Row) -> FilePosition:
    """The position in a row selected by POSITION_FIELDS."""
    values = {name: value for name, value in zip(POSITION_FIELDS, row, strict=True) if value is not None}
    if "unknown" in values:
        values["unknown"] = msgspec.json.decode(values["unknown"], type=dict[str, int])
    if "inode" in values:
        values["inode"] %= 2**64
    if "device" in values:
        values["device"] %= 2**64
    return FilePosition(**values)


def position_row(position: FilePosition) -> Row:
    """The values of POSITION_FIELDS."""
    values = dict(zip(POSITION_FIELDS, msgspec.structs.astuple(position), strict=True))
    unknown = values["unknown"]
    values["unknown"] = msgspec.json.encode(unknown, order="sorted").decode() if unknown else None
    for name in ("inode", "device"):
        values[name] = _signed(values[name])
    return tuple(values.values())


def _signed(number: int | None) -> int | None:
    """An unsigned 64-bit number as the signed one of the same bits, the widest SQLite holds."""
    return number if number is None or number <= _INT64_MAX else number - 2**64


# A file that mi6 wrote may hold any type in any column, and what this model refuses.

_EVENT_KINDS: Final = msgspec.structs.fields(Event)
_SESSION_KINDS: Final = msgspec.structs.fields(Session)


def _foreign_values(
    fields: Sequence[msgspec.structs.FieldInfo], names: Sequence[str], row: Row
) -> dict[str, Any]:
    kinds = {field.name: str(field.type) for field in fields}
    values = {name: _as_kind(kinds[name], value) for name, value in zip(names, row, strict=True)}
    return {name: value for name, value in values.items() if value is not None}


def _as_kind(kind: str, value: Any) -> Any:
    if "str" in kind:
        return (
            value.decode(errors="replace")
            if isinstance(value, bytes)
            else None
            if value is None
            else str(value)
        )
    if "float" in kind:
        return float(value) if isinstance(value, int | float) else None
    if isinstance(value, str | bytes) or value is None:
        return None
    return bool(value) if "bool" in kind else int(value)


def _foreign_event(row: Row) -> Event:
    values = _foreign_values(_EVENT_KINDS, EVENT_FIELDS, row)
    values["session_id"] = values.get("session_id") or "unknown"
    for name, smallest, end in _RANGES:
        if name in values and not smallest <= values[name] < end:
            del values[name]
    return Event(**{"machine_id": "unknown", "timestamp": 0, "event_type": "Unknown", **values})


_RANGES: Final = (
    ("pid", 1, 2**31),
    *(
        (name, 0, 2**63)
        for name in ("tokens_input", "tokens_output", "tokens_cache_read", "tokens_cache_write")
    ),
    ("duration_ms", 0, 2**63),
)


def _foreign_session(row: Row) -> Session:
    values = _foreign_values(_SESSION_KINDS, SESSION_FIELDS, row)
    values["session_id"] = values.get("session_id") or "unknown"
    for name in ("first_started_at", "last_started_at", "last_activity"):
        values.setdefault(name, 0)
    values.setdefault("machine_id", "unknown")
    status = str(values.pop("status", "")).lower()
    if status in STATUSES:
        values |= {"status": status, "status_shown": _SHOWN[status]}
    values["context_window"] = window_size(values.get("model"), values.get("context"))
    return Session(**values)
