"""Which rows stand out for a moment, because their sessions just began to need the user."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from textual.widget import Widget

from mi6_tui.judge.attention import NEEDS_YOU
from mi6_tui.model import Session
from mi6_tui.tui.looks import Dressed
from mi6_tui.tui.rows import Key, SessionRows

SECONDS: Final = 4.0
"""For so long they do."""
_NEWS: Final = 10_000
"""Ms after which it is no news any more: what is read late is shown as it stands."""


class Newly:
    """Their keys. Each comes in with a change of its row, and when its time is over `over` is told of it."""

    def __init__(self, table: Widget, over: Callable[[set[Key]], None]) -> None:
        self._table = table
        self._over = over
        self._keys: set[Key] = set()

    def __contains__(self, spot: object) -> bool:
        return spot in self._keys

    def take(self, sessions: Iterable[Session], rows: SessionRows, now: int) -> None:
        """Look at rows that are about to change; `now` in ms.

        None stands out where motion is reduced, nor at the first look, when none is new.
        """
        app = self._table.app
        if not rows.known or (isinstance(app, Dressed) and app.reduced_motion):
            return
        self._keys -= {session.key for session in sessions if session.status_shown not in NEEDS_YOU}
        keys = {session.key for session in sessions if _begins(rows.get(session.key), session, now)}
        if keys:
            self._keys |= keys
            self._table.set_timer(SECONDS, partial(self._end, keys))

    def _end(self, keys: set[Key]) -> None:
        over = keys & self._keys
        self._keys -= over
        self._over(over)


def _begins(before: Session | None, session: Session, now: int) -> bool:
    """Whether a session needs the user now and did not need him before."""
    since = session.status_since
    return (
        session.status_shown in NEEDS_YOU
        and (before is None or before.status_shown not in NEEDS_YOU)
        and since is not None
        and now - since < _NEWS
    )
