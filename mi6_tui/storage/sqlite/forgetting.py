"""Forgetting a session: nothing of it stays in the store, and nothing comes back when it is read again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import apsw
import msgspec

from mi6_tui.model import Batch
from mi6_tui.storage.deleting import sessions_in, without_sessions
from mi6_tui.storage.merge import session_hash
from mi6_tui.storage.sqlite.connection import fetch
from mi6_tui.storage.sqlite.sessions import keep_revision
from mi6_tui.storage.sqlite.telemetry import forget_telemetry
from mi6_tui.storage.sqlite.text_index import forget
from mi6_tui.storage.sqlite.unsent import RECALLED, forget_unsent, note, note_forgotten

_SOME: Final = "(SELECT value FROM json_each(?))"
# Subagents of some clients have transcripts of their own, which go on under their names.
_CHILDREN: Final = "SELECT DISTINCT {0} FROM events WHERE session_id = ? AND {0} IS NOT NULL"
_FILES: Final = (
    "SELECT id FROM files WHERE id IN (SELECT file_id FROM events WHERE session_id = ?1) "
    "OR path IN (SELECT transcript_path FROM sessions WHERE session_id = ?1)"
)
# Where another session's records stand in the same file, what its decoder remembers is needed on.
_SHARED: Final = f"SELECT DISTINCT file_id FROM events WHERE file_id IN {_SOME}"
_NO_MEMORY: Final = (
    "UPDATE transcript_positions SET state = NULL WHERE file_path IN "
    f"(SELECT path FROM files WHERE id IN {_SOME}) OR file_path IN {_SOME}"
)
_IS_FORGOTTEN: Final = "SELECT 1 FROM tombstones WHERE hash = ?"
_WITHOUT_MEMORY: Final = (
    "SELECT 1 FROM transcript_positions WHERE file_path = ? AND state IS NULL AND byte_offset > 0"
)


def forget_session(connection: apsw.Connection, session_id: str) -> int:
    """Delete all of a session, inside the caller's transaction; how many events. See the storage protocol."""
    ids = _column(connection, "SELECT id FROM events WHERE session_id = ?", session_id)
    names = {session_id}
    for child in ("agent_id", "spawned_agent_id"):
        names.update(_column(connection, _CHILDREN.format(child), session_id))
    files = _column(connection, _FILES, session_id)
    paths = _column(
        connection,
        "SELECT transcript_path FROM sessions WHERE session_id = ? AND transcript_path IS NOT NULL",
        session_id,
    )
    keep_revision(connection)
    forget(connection, ids)
    keys = fetch(
        connection, "SELECT machine_id, session_id FROM sessions WHERE session_id = ?", (session_id,)
    )
    connection.executemany("DELETE FROM session_state WHERE machine_id = ? AND session_id = ?", keys)
    for table in ("events", "sessions", "usage"):
        connection.execute(f"DELETE FROM {table} WHERE session_id = ?", (session_id,))
    forget_unsent(connection, names)
    forget_telemetry(connection, names)
    shared = _column(connection, _SHARED, _json(files))
    own = [number for number in files if number not in set(shared)]
    connection.execute(_NO_MEMORY, (_json(own), _json([] if shared else paths)))
    connection.execute(f"DELETE FROM files WHERE id IN {_SOME}", (_json(own),))
    hashes = [session_hash(name) for name in sorted(names)]
    connection.executemany("INSERT OR IGNORE INTO tombstones VALUES (?)", [(item,) for item in hashes])
    note_forgotten(connection, hashes)
    return len(ids)


def recall_session(connection: apsw.Connection, session_id: str) -> bool:
    """Let a forgotten session be recorded again; False if it was not forgotten."""
    if not is_forgotten(connection, session_id):
        return False
    connection.execute("DELETE FROM tombstones WHERE hash = ?", (session_hash(session_id),))
    note(connection, RECALLED, [session_hash(session_id)])
    return True


def is_forgotten(connection: apsw.Connection, session_id: str) -> bool:
    """Whether nothing of the session may be recorded."""
    return connection.execute(_IS_FORGOTTEN, (session_hash(session_id),)).get is not None


def allowed(connection: apsw.Connection, batch: Batch) -> Batch:
    """The batch without what belongs to forgotten sessions."""
    if connection.execute("SELECT 1 FROM tombstones LIMIT 1").get is None:
        return batch

    def silent(paths: Iterable[str]) -> list[str]:
        return [path for path in paths if connection.execute(_WITHOUT_MEMORY, (path,)).get is not None]

    gone = {name for name in sessions_in(batch) if is_forgotten(connection, name)}
    return without_sessions(batch, gone, silent)


def _column(connection: apsw.Connection, sql: str, value: str) -> list[Any]:
    return [found for (found,) in fetch(connection, sql, (value,))]


def _json(values: Sequence[object]) -> str:
    return msgspec.json.encode(values).decode()
