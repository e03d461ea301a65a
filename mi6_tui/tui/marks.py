"""What the user notes on sessions: a name of his own, tags, that they stay on top, that they are hidden."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from mi6_tui.model import Session
from mi6_tui.tui.text import clean

Flag = Literal["pinned", "hidden"]
NAME_LIMIT: Final = 80
"""Characters of a nickname."""
TAG_LIMIT: Final = 40
MOST_TAGS: Final = 20


def flag_after(sessions: Sequence[Session], flag: Flag) -> bool:
    """What a flag of several sessions becomes: set, unless all of them have it."""
    return not all(getattr(session, flag) for session in sessions)


def nickname_of(written: str) -> str | None:
    """A nickname as it is kept; None: the session goes by its own name again."""
    return clean(written, NAME_LIMIT) or None


def tags_written(sessions: Sequence[Session]) -> str:
    """What the user begins with: the tags of one session, of several nothing."""
    return (sessions[0].tags or "") if len(sessions) == 1 else ""


def tags_after(session: Session, written: str, *, alone: bool) -> str | None:
    """A session's tags once `written` was kept: these words and no others.

    Where several are tagged at once (not `alone`) words are added to those of each; `-word` is taken away.
    """
    words = [word.lstrip("#").casefold()[:TAG_LIMIT] for word in clean(written).replace(",", " ").split()]
    if alone:
        tags = set(words)
    else:
        gone = {word[1:] for word in words if word.startswith("-")}
        tags = {*(session.tags or "").split(), *(word for word in words if not word.startswith("-"))} - gone
    return " ".join(sorted(tags - {""})[:MOST_TAGS]) or None


def named_sessions(sessions: Sequence[Session]) -> str:
    """`Port the parser`, or `3 sessions`."""
    return clean(sessions[0].name, NAME_LIMIT) if len(sessions) == 1 else f"{len(sessions)} sessions"
