"""Alerts on queries of the user's: which sessions begin to match one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from mi6_tui.model import Session
from mi6_tui.query import Query
from mi6_tui.tui.notify import TOGETHER, Note
from mi6_tui.tui.rows import Key
from mi6_tui.tui.text import clean

_NAMED: Final = 60


class Alerts:
    """Watches `queries`, by the names of their alerts. What matches at the first look is old news."""

    def __init__(self, queries: Mapping[str, Query]) -> None:
        self._queries = queries
        self._matching: dict[str, set[Key]] | None = None

    def look(self, sessions: Collection[Session], now: int) -> list[Note]:
        """What is to be told at `now` (ms): once for each session and alert, until it no longer matches."""
        matching = {
            name: {session.key for session in sessions if query.matches(session, now)}
            for name, query in self._queries.items()
        }
        before, self._matching = self._matching, matching
        if before is None:
            return []
        notes: list[Note] = []
        for name, keys in matching.items():
            new = [session for session in sessions if session.key in keys - before[name]]
            notes += _notes(name, new)
        return notes


def _notes(alert: str, sessions: Collection[Session]) -> list[Note]:
    title = clean(alert, _NAMED)
    if len(sessions) > TOGETHER:
        names = ", ".join(clean(session.name, _NAMED // 2) for session in list(sessions)[:TOGETHER])
        return [Note(title=title, body=f"{len(sessions)} sessions: {names}, …", shown="alert")]
    return [
        Note(title=title, body=clean(session.name, _NAMED), shown="alert", session=session)
        for session in sessions
    ]
