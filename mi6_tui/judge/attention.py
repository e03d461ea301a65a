"""In which order sessions deserve a look."""

from __future__ import annotations

from typing import Final

from mi6_tui.judge.status import Shown
from mi6_tui.model import Session

_RANK: Final[dict[str, int]] = {
    shown: rank
    for rank, shown in enumerate[Shown](
        ("waiting", "error", "your turn", "background", "working", "idle", "unknown", "ended")
    )
}
_BLOCKED: Final = ("waiting", "error")
_RUNNING: Final = ("background", "working")

AttentionKey = tuple[int, int, int, str, str]


def attention_key(session: Session) -> AttentionKey:
    """Sort key, smallest first: by what the session wants, then by what looking late would cost.

    Blocked sessions: the longest blocked first, of two the one with more context to lose from the
    prompt cache. Running ones: the latest started first, so that none moves at every step it takes.
    All others: the latest to come to rest first. The clock is no part of it: rows stay where they
    are until something happens.
    """
    shown = session.status_shown or "unknown"
    rank = _RANK.get(shown, _RANK["unknown"])
    since = session.status_since if session.status_since is not None else session.last_activity
    if shown in _BLOCKED:
        place = (since, -(session.context or 0))
    elif shown in _RUNNING:
        place = (-session.first_started_at, 0)
    else:
        place = (-since, 0)
    return (rank, *place, *session.key)
