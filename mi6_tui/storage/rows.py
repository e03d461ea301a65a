"""Between rows and values, whichever engine holds them."""

from __future__ import annotations

from operator import attrgetter
from sys import intern
from typing import Any, Final

import msgspec

from mi6_tui.model import Event, FilePosition, FileSeen, Session

Row = tuple[Any, ...]

_NOT_STORED: Final = ("process_start_time", "order")
EVENT_FIELDS: Final = tuple(name for name in Event.__struct_fields__ if name not in _NOT_STORED)
SESSION_FIELDS: Final = Session.__struct_fields__
POSITION_FIELDS: Final = FilePosition.__struct_fields__
SEEN_FIELDS: Final = FileSeen.__struct_fields__

_FLAGS: Final = ("transcript_available", "pinned", "hidden")
_SHARED: Final = (
    "machine_id",
    "framework",
    "status",
    "cwd",
    "local_git_dir",
    "git_branch",
    "github_repo",
    "model",
    "permission_mode",
    "client_version",
    "entrypoint",
    "status_detail",
    "status_shown",
    "status_reason",
    "status_source",
    "status_confidence",
    "status_rule",
)
"""Texts that many sessions have alike: kept once, as they are a third of what thousands of rows take."""
_INT64_MAX: Final = 2**63 - 1


def select_events(*further: str) -> str:
    """The statement that EVENT_FIELDS (and `further` columns) are read by, up to its conditions."""
    path = "coalesce(files.path, events.transcript_path)"
    columns = [path if name == "transcript_path" else f"events.{name}" for name in EVENT_FIELDS]
    return (
        f"SELECT {', '.join((*columns, *further))} FROM events LEFT JOIN files ON files.id = events.file_id"
    )


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
    """The values of EVENT_COLUMNS, to be stored.

    A path with an offset is a pointer and goes by `file_id`; any other path is kept as text.
    """
    path = event.transcript_path if file_id is None else None
    return (*_stored_of(event), event_id, path, file_id, twinned or None)


_SET_APART: Final = ("id", "transcript_path")
_AS_THEY_ARE: Final = tuple(name for name in EVENT_FIELDS if name not in _SET_APART)
EVENT_COLUMNS: Final = (*_AS_THEY_ARE, *_SET_APART, "file_id", "twinned")
_stored_of: Final = attrgetter(*_AS_THEY_ARE)


def session_of(row: Row) -> Session:
    """The session in a row selected by SESSION_FIELDS."""
    values = {name: value for name, value in zip(SESSION_FIELDS, row, strict=True) if value is not None}
    for name in _FLAGS:
        values[name] = bool(values.get(name))
    for name in _SHARED:
        if (value := values.get(name)) is not None:
            values[name] = intern(value)
    first = values.get("first_user_message")
    if first is not None and values.get("last_user_message") == first:
        values["last_user_message"] = first
    return Session(**values)


def session_row(session: Session) -> Row:
    """The values of SESSION_FIELDS; a time beyond 64 bits stays at their end."""
    return tuple(
        [
            _INT64_MAX if isinstance(value, int) and value > _INT64_MAX else value
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


def seen_of(row: Row) -> FileSeen:
    """What is in a row selected by SEEN_FIELDS."""
    path, offset, framework, device, inode, *times = row
    if device is not None and inode is not None and (device < 0 or inode < 0):
        device, inode = device % 2**64, inode % 2**64
    return FileSeen(path, offset, framework, device, inode, *times)


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
