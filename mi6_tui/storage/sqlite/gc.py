"""Deleting old events: totals stay, and what was deleted is known again when it is read again."""

from __future__ import annotations

from typing import Final

import apsw

from mi6_tui.errors import StoreLockedError
from mi6_tui.judge.fold import note_deleted
from mi6_tui.model import EventType
from mi6_tui.storage.deleting import hashes_of
from mi6_tui.storage.sqlite.connection import fetch
from mi6_tui.storage.sqlite.sessions import SessionBook
from mi6_tui.storage.sqlite.telemetry import drop_telemetry
from mi6_tui.storage.sqlite.text_index import forget
from mi6_tui.storage.sqlite.unsent import EVENT, EXPIRED, note, note_thinned

_STEP: Final = 5_000
"""Events deleted in one transaction, so that others get their turn within a second."""
_EXPIRED: Final = (
    "SELECT id, machine_id, session_id, timestamp, event_type, key, twin_key, twinned FROM events "
    "WHERE timestamp < ? "
    # A shared store that knows it in an older form, perhaps as another session's, must be told first.
    f"AND NOT EXISTS (SELECT 1 FROM unsent WHERE kind = '{EVENT}' AND name = events.id) "
    "ORDER BY timestamp, id LIMIT ?"
)


def rewrite(connection: apsw.Connection) -> None:
    """Write the file anew without the space that deleted rows left, and empty its log.

    A row that was deleted, or changed into a shorter one, else stays readable in the file until others need
    the space. While another connection reads an old state the log cannot be emptied; StorageError then.
    """
    connection.execute("PRAGMA secure_delete = ON")
    try:
        connection.execute("VACUUM")
    finally:
        connection.execute("PRAGMA secure_delete = OFF")
    ((busy, _, _),) = fetch(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
    if busy:
        raise StoreLockedError(
            "what was deleted may still be read in the store's log: another process is reading there",
            "run `mi6-tui gc` when it has ended",
        )


def delete_some(connection: apsw.Connection, before: int, now: int) -> int:
    """Delete some of the events earlier than `before` (ms), inside the caller's transaction; how many."""
    drop_telemetry(connection, before)
    rows = fetch(connection, _EXPIRED, (before, _STEP))
    book = SessionBook(connection, now)
    hashes: set[bytes] = set()
    for _, machine_id, session_id, timestamp, event_type, key, twin_key, twinned in rows:
        end = timestamp if event_type == EventType.SESSION_END else None
        if (state := book.find((machine_id, session_id))) is not None:
            note_deleted(state, timestamp, end, end)
        hashes.update(hashes_of(key, twin_key, twinned))
    connection.executemany(
        "INSERT OR IGNORE INTO tombstones VALUES (?)", [(item,) for item in sorted(hashes)]
    )
    note(connection, EXPIRED, hashes)
    note_thinned(connection, {(machine_id, session_id) for _, machine_id, session_id, *_ in rows})
    forget(connection, [row[0] for row in rows])
    connection.executemany("DELETE FROM events WHERE id = ?", [(row[0],) for row in rows])
    book.flush()
    return len(rows)
