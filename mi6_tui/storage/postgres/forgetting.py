"""Forgetting a session: nothing of it stays in the store, and nothing comes back when it is read again."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from mi6_tui.model import Batch
from mi6_tui.storage.deleting import sessions_in, without_sessions
from mi6_tui.storage.merge import session_hash
from mi6_tui.storage.postgres.connection import ask, fetch
from mi6_tui.storage.postgres.server import Turn
from mi6_tui.storage.postgres.telemetry import forget_telemetry

# Subagents of some clients have transcripts of their own, which go on under their names.
_CHILDREN: Final = (
    "SELECT DISTINCT child FROM events "
    "CROSS JOIN LATERAL (VALUES (agent_id), (spawned_agent_id)) AS of_it(child) "
    "WHERE session_id = %s AND child IS NOT NULL"
)
_FILES: Final = (
    "SELECT id FROM files WHERE id IN (SELECT file_id FROM events WHERE session_id = %s) "
    "OR path IN (SELECT transcript_path FROM sessions WHERE session_id = %s)"
)
_PATHS: Final = "SELECT transcript_path FROM sessions WHERE session_id = %s AND transcript_path IS NOT NULL"
_COUNT: Final = "SELECT count(*) FROM events WHERE session_id = %s"
# Where another session's records stand in the same file, what its decoder remembers is needed on.
_SHARED: Final = "SELECT DISTINCT file_id FROM events WHERE file_id = ANY(%s::bigint[])"
_NO_MEMORY: Final = (
    "UPDATE transcript_positions SET state = NULL WHERE file_path = ANY(%s::text[]) "
    "OR file_path IN (SELECT path FROM files WHERE id = ANY(%s::bigint[]))"
)
_ADD_HASHES: Final = "INSERT INTO tombstones SELECT unnest(%s::bytea[]) ON CONFLICT DO NOTHING"
_FIND_HASHES: Final = "SELECT hash FROM tombstones WHERE hash = ANY(%s::bytea[])"
_WITHOUT_MEMORY: Final = (
    "SELECT file_path FROM transcript_positions "
    "WHERE file_path = ANY(%s::text[]) AND state IS NULL AND byte_offset > 0"
)


def forget_session(turn: Turn, session_id: str) -> int:
    """Delete all of a session, in the caller's turn; how many events. See the storage protocol."""
    connection = turn.connection
    ((count,),) = fetch(connection, _COUNT, (session_id,))
    names = {session_id, *(name for (name,) in fetch(connection, _CHILDREN, (session_id,)))}
    files = {number for (number,) in fetch(connection, _FILES, (session_id, session_id))}
    paths = [path for (path,) in fetch(connection, _PATHS, (session_id,))]
    for table in ("events", "sessions", "session_state", "usage"):
        ask(connection, f"DELETE FROM {table} WHERE session_id = %s", (session_id,))
    forget_telemetry(turn, names)
    shared = {number for (number,) in fetch(connection, _SHARED, (files,))}
    own = files - shared
    ask(connection, _NO_MEMORY, ([] if shared else paths, own))
    ask(connection, "DELETE FROM files WHERE id = ANY(%s::bigint[])", (own,))
    add_tombstones(turn, {session_hash(name) for name in names})
    turn.changed = True
    return int(count)


def add_tombstones(turn: Turn, hashes: Collection[bytes]) -> None:
    """Remember what was deleted."""
    if hashes:
        ask(turn.connection, _ADD_HASHES, (sorted(hashes),))


def recall_session(turn: Turn, session_id: str) -> bool:
    """Let a forgotten session be recorded again; False if it was not forgotten."""
    sql = "DELETE FROM tombstones WHERE hash = %s RETURNING 1"
    return bool(fetch(turn.connection, sql, (session_hash(session_id),)))


def forgotten_among(turn: Turn, names: Collection[str]) -> set[str]:
    """The sessions of which nothing may be recorded."""
    if not turn.some_deleted:
        return set()
    hashes = {session_hash(name): name for name in names}
    return {hashes[bytes(found)] for (found,) in fetch(turn.connection, _FIND_HASHES, (list(hashes),))}


def allowed(turn: Turn, batch: Batch) -> Batch:
    """The batch without what belongs to forgotten sessions."""
    if not turn.some_deleted:
        return batch

    def silent(paths: Collection[str]) -> list[str]:
        return [path for (path,) in fetch(turn.connection, _WITHOUT_MEMORY, (list(paths),))]

    return without_sessions(batch, forgotten_among(turn, sessions_in(batch)), silent)
