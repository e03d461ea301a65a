"""What the witnesses of a session said last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import apsw

from mi6_tui.judge.evidence import authority_of
from mi6_tui.judge.fold import SessionState
from mi6_tui.model import Claim
from mi6_tui.storage.sqlite.connection import fetch
from mi6_tui.storage.sqlite.sessions import decode_state

_STATES: Final = (
    "SELECT machine_id, session_id, framework, state "
    "FROM sessions JOIN session_state USING (machine_id, session_id) "
)
_OF_ONE: Final = _STATES + "WHERE machine_id = ?1 AND session_id = ?2"
_OF_ALL: Final = _STATES + "WHERE last_ended_at IS NULL AND machine_id = ?1 ORDER BY session_id"


def claims_of(connection: apsw.Connection, machine_id: str, session_id: str | None) -> list[Claim]:
    """Of one session, or of all of a machine that have not ended; by session, then witness."""
    if session_id is None:
        rows = fetch(connection, _OF_ALL, (machine_id,))
    else:
        rows = fetch(connection, _OF_ONE, (machine_id, session_id))
    return [
        claim
        for machine, session, framework, state in rows
        for claim in _claims(machine, session, framework, decode_state(state))
    ]


def _claims(machine_id: str, session_id: str, framework: str | None, state: SessionState) -> Iterator[Claim]:
    if state.session_start is not None:
        at, _, source = state.session_start
        yield Claim(
            machine_id=machine_id,
            session_id=session_id,
            framework=framework,
            witness=authority_of(source),
            kind="start",
            at=at,
        )
    for witness, told in sorted(state.claims.items()):
        start = state.latest.get(f"process_start_time:{told.pid}")
        seconds = start[2] if start is not None else None
        yield Claim(
            machine_id=machine_id,
            session_id=session_id,
            framework=framework,
            witness=witness,  # type: ignore[arg-type]
            kind=told.kind,  # type: ignore[arg-type]
            detail=told.detail,
            subject=told.subject,
            at=told.at,
            pid=told.pid,
            process=told.process,
            process_start_time=seconds if isinstance(seconds, int) else None,
        )
