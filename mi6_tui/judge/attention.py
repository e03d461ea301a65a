"""In which order sessions deserve a look."""

from __future__ import annotations

from typing import Final

from mi6_tui.judge.rules import Shown
from mi6_tui.model import Session

NEEDS_YOU: Final = ("waiting", "error", "your turn")
"""What is shown of a session that waits for its user."""
BLOCKED: Final = ("waiting", "error")
"""Of those, what it cannot go on from by itself; their order moves with the clock."""
_RUNNING: Final = ("background", "working")
_ORDER: Final[tuple[tuple[Shown, ...], ...]] = (
    ("waiting", "error"),
    ("your turn",),
    ("background",),
    ("working",),
    ("idle",),
    ("unknown",),
    ("ended",),
)
_RANK: Final[dict[str, int]] = {word: rank for rank, words in enumerate(_ORDER) for word in words}
_CACHE: Final = 5 * 60_000
"""ms after which a prompt that was cached without further words is read and paid in full again."""
_LONG_CACHE: Final = 60 * 60_000
"""The same of what was cached for an hour."""

AttentionKey = tuple[int, int, int, str, str]


def attention_key(session: Session, now: int) -> AttentionKey:
    """Sort key at `now` (ms), smallest first: by what the session wants, then by what looking late costs.

    Blocked sessions: by the time blocked times the tokens in the context, as long as the prompt cache
    holds these; whoever has none to lose any more comes behind, the longest blocked first. Running ones:
    the latest started first, so that none moves at every step it takes. All others: the latest to come to
    rest first. Of those the clock is no part: they stay where they are until something happens.
    """
    shown = session.status_shown or "unknown"
    rank = _RANK.get(shown, _RANK["unknown"])
    since = session.status_since if session.status_since is not None else session.last_activity
    if shown in BLOCKED:
        place = (-_at_risk(session, now - since), since)
    elif shown in _RUNNING:
        place = (-session.first_started_at, 0)
    else:
        place = (-since, 0)
    return (rank, *place, *session.key)


def _at_risk(session: Session, blocked: int) -> int:
    """What waiting has cost and costs on, in ms times tokens; 0 once there is nothing to lose."""
    holds = _LONG_CACHE if session.tokens_cache_write_1h else _CACHE
    return blocked * (session.context or 0) if 0 < blocked < holds else 0
