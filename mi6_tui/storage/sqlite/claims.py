"""What the witnesses of a session said last."""

from __future__ import annotations

from typing import Final

import apsw

from mi6_tui.model import Claim
from mi6_tui.storage.claims import claims_in
from mi6_tui.storage.sqlite.connection import fetch
from mi6_tui.storage.sqlite.sessions import decode_state

_STATES: Final = (
    "SELECT machine_id, session_id, framework, state "
    "FROM sessions JOIN session_state USING (machine_id, session_id) "
)
_OF_ONE: Final = _STATES + "WHERE machine_id = ?1 AND session_id = ?2"
# Few sessions live: they are found first, and not all of the machine's (what `+` forbids).
_OF_ALL: Final = _STATES + "WHERE last_ended_at IS NULL AND +sessions.machine_id = ?1 ORDER BY +session_id"


def claims_of(connection: apsw.Connection, machine_id: str, session_id: str | None) -> list[Claim]:
    """Of one session, or of all of a machine that have not ended; by session, then witness."""
    if session_id is None:
        rows = fetch(connection, _OF_ALL, (machine_id,))
    else:
        rows = fetch(connection, _OF_ONE, (machine_id, session_id))
    return [
        claim
        for machine, session, framework, state in rows
        for claim in claims_in(machine, session, framework, decode_state(state))
    ]
