"""Which sessions began to need the user, each told once. Pure: sessions and a clock in, notes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Final

import msgspec

from mi6_tui.judge.attention import NEEDS_YOU, attention_key
from mi6_tui.model import Session
from mi6_tui.tui import status
from mi6_tui.tui.rows import Key
from mi6_tui.tui.text import clean

GRACE: Final = 1000
"""ms that it must last before it is told: what a rule of the client's answers is over by then."""
PAUSE: Final = 1000
"""ms between two times that something is told."""
TOGETHER: Final = 3
"""More at once than these are told as one."""
_OWN_DOING: Final = ("interrupted", "declined")
"""Ends of a turn that the user brought about, so that nobody need tell."""
_NAMED: Final = 60
_SAID: Final = 120


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to tell, its text cleaned. `session` is None where it is about several."""

    title: str
    body: str
    shown: str
    session: Session | None = None


class Attention:
    """Notices the moments at which sessions begin to need the user; `started` (ms): earlier ones are old."""

    def __init__(self, started: int) -> None:
        self._started = started
        self._standing: dict[Key, Session] = {}
        self._told: dict[Key, int] = {}
        self._noticed: dict[Key, int] = {}
        self._last_told: int | None = None

    def take(self, sessions: Iterable[Session], now: int) -> None:
        """Look at rows that changed; `now` in ms."""
        for session in sessions:
            key = session.key
            if session.status_shown not in NEEDS_YOU:
                self._standing.pop(key, None)
                self._noticed.pop(key, None)
                continue
            before = self._standing.get(key)
            self._standing[key] = session
            since = session.status_since or 0
            if since > self._told.get(key, self._started) and (before is None or _is_news(before, session)):
                self._noticed.setdefault(key, now)

    @property
    def pending(self) -> bool:
        """Whether something may have to be told soon."""
        return bool(self._noticed)

    def due(self, now: int, on: Collection[str], looked_at: Key | None) -> list[Note]:
        """What is to be told at `now` (ms): of statuses in `on`, not of the session that is looked at.

        What is not told for such a reason is not told later either.
        """
        if self._last_told is not None and 0 <= now - self._last_told < PAUSE:
            return []
        # A clock that was set back is no reason to wait longer.
        ready = [key for key, noticed in self._noticed.items() if not 0 <= now - noticed < GRACE]
        sessions = []
        for key in ready:
            del self._noticed[key]
            session = self._standing[key]
            self._told[key] = session.status_since or 0
            if session.status_shown in on and key != looked_at and _is_for_the_user(session):
                sessions.append(session)
        if sessions:
            self._last_told = now
        return _notes(sorted(sessions, key=lambda session: attention_key(session, now)))


def _is_news(before: Session, after: Session) -> bool:
    """Whether a session that needed the user needs him for something else now."""
    if before.status_shown != after.status_shown:
        return True
    asked, asks = _subject(before), _subject(after)
    # A witness that comes later may know less or more of the same question.
    return bool(asked and asks) and asked != asks and (before.status_since or 0) < (after.status_since or 0)


def _subject(session: Session) -> str:
    return status.detail(session).partition(": ")[2]


def _is_for_the_user(session: Session) -> bool:
    return session.status_shown != "your turn" or (
        not session.is_headless and session.status_detail not in _OWN_DOING
    )


def _notes(sessions: Sequence[Session]) -> list[Note]:
    if len(sessions) > TOGETHER:
        counts = Counter(session.status_shown for session in sessions)
        parts = ", ".join(f"{counts[shown]} {shown}" for shown in NEEDS_YOU if counts[shown])
        names = ", ".join(clean(session.name, _NAMED // 2) for session in sessions[:TOGETHER])
        return [
            Note(
                title=f"{len(sessions)} sessions need you",
                body=f"{parts}: {names}, …",
                shown=sessions[0].status_shown or "unknown",
            )
        ]
    return [_note(session) for session in sessions]


def _note(session: Session) -> Note:
    shown = session.status_shown or "unknown"
    project = clean(session.project, _NAMED)
    return Note(
        title=f"{shown} · {project}" if project else shown,
        body=f"{clean(session.name, _NAMED)}: {reason(session)}",
        shown=shown,
        session=session,
    )


def reason(session: Session) -> str:
    """Why it needs the user, in a few words: what it asks for, else what happened."""
    asks = status.detail(session) if session.status_shown in ("waiting", "error") else ""
    return clean(asks or session.status_reason, _SAID)
