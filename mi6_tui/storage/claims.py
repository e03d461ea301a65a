"""What the witnesses of a session said last, as its state remembers it."""

from __future__ import annotations

from collections.abc import Iterator

from mi6_tui.judge.evidence import authority_of
from mi6_tui.judge.fold import SessionState
from mi6_tui.model import Claim


def claims_in(
    machine_id: str, session_id: str, framework: str | None, state: SessionState
) -> Iterator[Claim]:
    """The start that still counts, then a claim of each witness by its name."""
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
