"""Deleting old events: totals stay, and what was deleted is known again when it is read again."""

from __future__ import annotations

from typing import Final

from mi6_tui.judge.fold import note_deleted
from mi6_tui.model import EventType
from mi6_tui.storage.deleting import hashes_of
from mi6_tui.storage.postgres.connection import Connection, ask, fetch
from mi6_tui.storage.postgres.forgetting import add_tombstones
from mi6_tui.storage.postgres.server import Turn
from mi6_tui.storage.postgres.sessions import SessionBook
from mi6_tui.storage.postgres.telemetry import drop_telemetry

_STEP: Final = 5_000
"""Events deleted in one transaction, so that others get their turn within a second."""
_SOME: Final = (
    "SELECT id, machine_id, session_id, timestamp, event_type, key, twin_key, twinned FROM events "
    f"WHERE timestamp < %s ORDER BY timestamp, id LIMIT {_STEP}"
)
_VACUUM: Final = (
    "VACUUM (SKIP_LOCKED) events, sessions, session_state, usage, transcript_positions, files, telemetry"
)


def delete_some(turn: Turn, before: int, now: int) -> int:
    """Delete some of the events earlier than `before` (ms), in the caller's turn; how many."""
    drop_telemetry(turn, before)
    rows = fetch(turn.connection, _SOME, (before,))
    if not rows:
        return 0
    turn.changed = True
    book = SessionBook(turn, now)
    book.load((machine_id, session_id) for _, machine_id, session_id, *_ in rows)
    hashes: set[bytes] = set()
    for _, machine_id, session_id, timestamp, event_type, key, twin_key, twinned in rows:
        end = timestamp if event_type == EventType.SESSION_END else None
        if (state := book.find((machine_id, session_id))) is not None:
            note_deleted(state, timestamp, end, end)
        hashes.update(hashes_of(key, twin_key, twinned))
    add_tombstones(turn, hashes)
    ask(turn.connection, "DELETE FROM events WHERE id = ANY(%s::bigint[])", ([row[0] for row in rows],))
    book.flush()
    return len(rows)


def vacuum(connection: Connection) -> None:
    """Let the server use the space of deleted rows again: until then they stand in its files.

    What they leave in its log, its backups and its free pages is the server's affair.
    """
    ask(connection, _VACUUM)
