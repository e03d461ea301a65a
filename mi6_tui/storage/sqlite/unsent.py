"""What the stores must hear of that this one is forwarded to, though no id and no revision is larger for it.

Noted only where there are such stores, in the transaction that changes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import apsw
import msgspec

from mi6_tui.clock import now_ms
from mi6_tui.storage.sequences import first_at
from mi6_tui.storage.sqlite.connection import fetch

EVENT: Final = "event"
"""By its id: it was corrected."""
TELEMETRY: Final = "telemetry"
"""By its identity."""
DELETED: Final = "deleted"
"""By its hash, which may be of a session."""
EXPIRED: Final = "expired"
"""By its hash, which is of an event."""
RECALLED: Final = "recalled"
"""By the hash of the session."""
THINNED: Final = "thinned"
"""By machine and session: events of it were deleted."""

DELETIONS: Final = f"('{DELETED}', '{EXPIRED}', '{RECALLED}')"
CHANGES: Final = f"('{EVENT}', '{TELEMETRY}')"
"""The kinds that go together, as SQL has them; each such list has a mark of its own in `targets`."""

KEPT: Final = 90 * 86_400_000
"""ms that it is kept for a store that is not reached; that is sent everything then, if it is again."""

_LONGEST_AGO: Final = "SELECT min(abs(sequence)) FROM targets"
_DROP: Final = "DELETE FROM targets WHERE abs(sequence) < ?"
_IS_FORWARDED: Final = "SELECT 1 FROM targets LIMIT 1"
NOTE: Final = "INSERT OR REPLACE INTO unsent(kind, name) VALUES (?, ?)"
_NOT_RECALLED: Final = f"DELETE FROM unsent WHERE kind = '{RECALLED}' AND name = ?"
_FORGET: Final = f"""
DELETE FROM unsent WHERE kind = '{TELEMETRY}' AND name IN (
    SELECT CAST(identity AS BLOB) FROM telemetry WHERE session_id IN (SELECT value FROM json_each(?)))
"""


def note(connection: apsw.Connection, kind: str, names: Iterable[int | str | bytes]) -> None:
    """Note them, inside the caller's transaction."""
    if _is_forwarded(connection):
        connection.executemany(NOTE, [(kind, _as_stored(name)) for name in names])


def note_forgotten(connection: apsw.Connection, hashes: Sequence[bytes]) -> None:
    """Note sessions that are forgotten, by their hashes, though one was recalled a moment ago."""
    connection.executemany(_NOT_RECALLED, [(item,) for item in hashes])
    note(connection, DELETED, hashes)


def note_thinned(connection: apsw.Connection, keys: Iterable[tuple[str, str]]) -> None:
    """Note sessions, by machine and id, of which events are deleted."""
    note(connection, THINNED, map(msgspec.json.encode, keys))


def forget_unsent(connection: apsw.Connection, session_ids: Iterable[str]) -> None:
    """Drop what names these sessions, while their telemetry is still there."""
    names = set(session_ids)
    connection.execute(_FORGET, (msgspec.json.encode(sorted(names)).decode(),))
    thinned = fetch(connection, f"SELECT change, name FROM unsent WHERE kind = '{THINNED}'")
    gone = [(change,) for change, name in thinned if msgspec.json.decode(name)[1] in names]
    connection.executemany("DELETE FROM unsent WHERE change = ?", gone)


def _is_forwarded(connection: apsw.Connection) -> bool:
    """Whether something need be noted; drops the stores that were not reached for long."""
    reached = connection.execute(_LONGEST_AGO).get
    if reached is None:
        return False
    limit = first_at(now_ms() - KEPT)
    if reached >= limit:
        return True
    connection.execute(_DROP, (limit,))
    if connection.execute(_IS_FORWARDED).get is not None:
        return True
    connection.execute("DELETE FROM unsent")
    return False


def _as_stored(name: int | str | bytes) -> int | bytes:
    return name.encode() if isinstance(name, str) else name
