"""What the clients' telemetry told, in a table of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from mi6_tui.model import Telemetry
from mi6_tui.storage.postgres.connection import Connection, ask, ask_each, fetch
from mi6_tui.storage.postgres.server import Turn
from mi6_tui.storage.telemetry import COLUMNS, telemetry_of, telemetry_row

# Of two that say different things under one identity the same one stays, whichever came first.
_LATER: Final = "(excluded.at, excluded.told) > (telemetry.at, telemetry.told)"
_WRITE: Final = (
    f"INSERT INTO telemetry({', '.join(COLUMNS)}) VALUES (%s, %s, %s, %s, %s, %s) "
    "ON CONFLICT (identity) DO UPDATE SET "
    f"told = CASE WHEN {_LATER} THEN excluded.told ELSE telemetry.told END, "
    "at = greatest(telemetry.at, excluded.at), "
    "received_at = least(telemetry.received_at, excluded.received_at) "
    f"WHERE {_LATER} OR excluded.received_at < telemetry.received_at"
)
_READ: Final = (
    f"SELECT {', '.join(COLUMNS)} FROM telemetry WHERE session_id = ANY(%s::text[]) ORDER BY at, identity"
)


def write_telemetry(turn: Turn, records: Iterable[Telemetry]) -> None:
    """Note them, in the caller's turn; what is known already changes nothing."""
    rows = [telemetry_row(record) for record in records]
    ask_each(turn.connection, _WRITE, rows)
    turn.changed = turn.changed or bool(rows)


def telemetry_about(connection: Connection, session_ids: Collection[str]) -> list[Telemetry]:
    """What was told of these sessions, by time."""
    return [telemetry_of(row) for row in fetch(connection, _READ, (list(session_ids),))]


def forget_telemetry(turn: Turn, session_ids: Collection[str]) -> None:
    """Delete what was told of these sessions, in the caller's turn."""
    ask(turn.connection, "DELETE FROM telemetry WHERE session_id = ANY(%s::text[])", (list(session_ids),))


def drop_telemetry(turn: Turn, before: int) -> None:
    """Delete what came earlier than `before` (ms), in the caller's turn."""
    ask(turn.connection, "DELETE FROM telemetry WHERE received_at < %s", (before,))
