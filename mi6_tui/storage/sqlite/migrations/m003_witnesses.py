"""What each witness said last of a session, where one word stood before; and what the user notes of it."""

from __future__ import annotations

from typing import Any, Final

import apsw
import msgspec

from mi6_tui.storage.sqlite.connection import fetch

_COLUMNS: Final = """
ALTER TABLE sessions ADD COLUMN status_rule TEXT;
ALTER TABLE sessions ADD COLUMN seen_at INTEGER;
ALTER TABLE sessions ADD COLUMN terminal TEXT;
ALTER TABLE sessions ADD COLUMN nickname TEXT;
ALTER TABLE sessions ADD COLUMN tags TEXT;
ALTER TABLE sessions ADD COLUMN pinned INTEGER;
ALTER TABLE sessions ADD COLUMN hidden INTEGER;
"""
# Every session is judged anew at the next look: the rules are others than those its row came from.
_JUDGE: Final = "UPDATE sessions SET status_until = 0"
_STATES: Final = "SELECT machine_id, session_id, state FROM session_state"
_SET_STATE: Final = "UPDATE session_state SET state = ?3 WHERE machine_id = ?1 AND session_id = ?2"
_TRANSCRIPTS: Final = ("transcript", "codex_session")


def apply(connection: apsw.Connection) -> None:
    """Add the columns, and let the one word be that of the witness who said it."""
    connection.execute(_COLUMNS)
    changed: list[tuple[str, str, bytes]] = []
    for machine_id, session_id, blob in fetch(connection, _STATES):
        state: dict[str, Any] = msgspec.msgpack.decode(blob)
        ends, evidence = state.pop("ends", 0), state.pop("evidence", None)
        if ends:
            for totals in state.get("totals", {}).values():
                totals.append(ends)
        if evidence is not None:
            at, place, rank, kind, detail, source = evidence
            witness = "transcript" if source in _TRANSCRIPTS else "otel" if source == "otel" else "hook"
            state["claims"] = {witness: [at, place, rank, kind, detail]}
        if ends or evidence is not None:
            changed.append((machine_id, session_id, msgspec.msgpack.encode(state)))
    connection.executemany(_SET_STATE, changed)
    connection.execute(_JUDGE)
