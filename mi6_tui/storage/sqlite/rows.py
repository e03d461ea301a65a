"""Between rows and values. Columns are always named: a file that mi6 wrote has others in another order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import msgspec

from mi6_tui.judge.context import window_size
from mi6_tui.model import STATUSES, Event, FilePosition, Session, Status
from mi6_tui.storage.rows import (
    EVENT_FIELDS,
    POSITION_FIELDS,
    SEEN_FIELDS,
    SESSION_FIELDS,
    Row,
    event_of,
    position_of,
    select_events,
    session_of,
)
from mi6_tui.storage.sqlite.opening import Layout

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
    seen: str


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
        seen="SELECT "
        + _select("transcript_positions", SEEN_FIELDS, layout.positions)
        + " FROM transcript_positions",
    )


def _select(table: str, fields: Sequence[str], columns: frozenset[str]) -> str:
    return ", ".join(f"{table}.{name}" if name in columns else f"NULL AS {name}" for name in fields)


# A file that mi6 wrote may hold any type in any column, and what this model refuses.

_kinds: Final = cache(msgspec.structs.fields)


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
    values = _foreign_values(_kinds(Event), EVENT_FIELDS, row)
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
    values = _foreign_values(_kinds(Session), SESSION_FIELDS, row)
    values["session_id"] = values.get("session_id") or "unknown"
    for name in ("first_started_at", "last_started_at", "last_activity"):
        values.setdefault(name, 0)
    values.setdefault("machine_id", "unknown")
    status = str(values.pop("status", "")).lower()
    if status in STATUSES:
        values |= {"status": status, "status_shown": _SHOWN[status]}
    values["context_window"] = window_size(values.get("model"), values.get("context"))
    return Session(**values)
