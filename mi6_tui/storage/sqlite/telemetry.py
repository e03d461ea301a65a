"""What the clients' telemetry told, in a table of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import apsw
import msgspec

from mi6_tui.model import Telemetry
from mi6_tui.storage.sqlite.connection import fetch
from mi6_tui.storage.telemetry import COLUMNS, telemetry_of, telemetry_row

# Of two that say different things under one identity the same one stays, whichever came first.
_LATER: Final = "(excluded.at, excluded.told) > (telemetry.at, telemetry.told)"
_WRITE: Final = (
    f"INSERT INTO telemetry({', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT(identity) DO UPDATE SET "
    f"told = iif({_LATER}, excluded.told, told), at = max(at, excluded.at), "
    "received_at = min(received_at, excluded.received_at) "
    f"WHERE {_LATER} OR excluded.received_at < telemetry.received_at"
)
_IS_THERE: Final = "SELECT 1 FROM sqlite_schema WHERE name = 'telemetry'"
_READ: Final = (
    f"SELECT {', '.join(COLUMNS)} FROM telemetry WHERE session_id IN (SELECT value FROM json_each(?)) "
    "ORDER BY at, identity"
)
_FORGET: Final = "DELETE FROM telemetry WHERE session_id IN (SELECT value FROM json_each(?))"


def write_telemetry(connection: apsw.Connection, records: Iterable[Telemetry]) -> None:
    """Note them, inside the caller's transaction; what is known already changes nothing."""
    connection.executemany(_WRITE, map(telemetry_row, records))


def telemetry_about(connection: apsw.Connection, session_ids: Sequence[str]) -> list[Telemetry]:
    """What was told of these sessions, by time."""
    if not session_ids or connection.execute(_IS_THERE).get is None:
        return []
    return [telemetry_of(row) for row in fetch(connection, _READ, (_as_list(session_ids),))]


def forget_telemetry(connection: apsw.Connection, session_ids: Iterable[str]) -> None:
    """Delete what was told of these sessions, inside the caller's transaction."""
    connection.execute(_FORGET, (_as_list(session_ids),))


def drop_telemetry(connection: apsw.Connection, before: int) -> None:
    """Delete what came earlier than `before` (ms), inside the caller's transaction."""
    connection.execute("DELETE FROM telemetry WHERE received_at < ?", (before,))


def _as_list(values: Iterable[str]) -> str:
    """The JSON array that `json_each` takes."""
    return msgspec.json.encode(sorted(values)).decode()
