"""The sessions on show and their order. Plain data: no widget, no clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from mi6_tui.judge.attention import BLOCKED, AttentionKey, attention_key
from mi6_tui.model import Session

Key = tuple[str, str]


class Summary(msgspec.Struct, frozen=True):
    """What the header says of the sessions that have not ended."""

    shown: dict[str, int]
    """Sessions by shown status."""
    sessions: int
    tokens: int
    incomplete: int
    """Requests whose numbers are not all known."""
    cost_usd: float | None
    cost_estimated_usd: float | None
    cost_incomplete: bool
    """As in a session."""


class SessionRows:
    """All known sessions by key, and the keys of those on show, attention first."""

    def __init__(self) -> None:
        self._sessions: dict[Key, Session] = {}
        self._order: dict[Key, AttentionKey] = {}
        self._places: dict[Key, int] = {}
        self.keys: list[Key] = []
        self.show_ended = False
        self.pinned: Key | None = None
        """Stays on show even if it ends."""

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def known(self) -> int:
        """Sessions known, on show or not."""
        return len(self._sessions)

    def at(self, place: int) -> Session:
        """The session in row `place`."""
        return self._sessions[self.keys[place]]

    def get(self, key: Key | None) -> Session | None:
        """The session of that key, on show or not."""
        return self._sessions.get(key) if key is not None else None

    def place_of(self, key: Key | None) -> int | None:
        """Row of a session; None if it is not on show."""
        return self._places.get(key) if key is not None else None

    def update(self, sessions: Iterable[Session]) -> set[Key]:
        """Take in new rows; the keys of those that differ. The order holds until `reorder`."""
        changed: set[Key] = set()
        for session in sessions:
            if self._sessions.get(session.key) != session:
                self._sessions[session.key] = session
                self._order.pop(session.key, None)
                changed.add(session.key)
        return changed

    def reorder(self, now: int) -> bool:
        """Sort what is on show as it is at `now` (ms); whether anything moved, came or went."""
        for key, session in self._sessions.items():
            if key not in self._order or session.status_shown in BLOCKED:
                self._order[key] = attention_key(session, now)
        shown = (key for key, session in self._sessions.items() if self._is_shown(session))
        keys = sorted(shown, key=self._order.__getitem__)
        if keys == self.keys:
            return False
        self.keys = keys
        self._places = {key: place for place, key in enumerate(keys)}
        return True

    def _is_shown(self, session: Session) -> bool:
        return self.show_ended or session.status_shown != "ended" or session.key == self.pinned

    def summary(self) -> Summary:
        """Counts and sums of the sessions that have not ended."""
        live = [session for session in self._sessions.values() if session.status_shown != "ended"]
        return Summary(
            shown=Counter(session.status_shown or "unknown" for session in live),
            sessions=len(live),
            tokens=sum(session.total_tokens for session in live),
            incomplete=sum(session.incomplete_requests for session in live),
            cost_usd=_sum(session.cost_usd for session in live),
            cost_estimated_usd=_sum(session.cost_estimated_usd for session in live),
            cost_incomplete=any(session.cost_incomplete for session in live),
        )


def _sum(amounts: Iterable[float | None]) -> float | None:
    """Of the known ones; None where none is known."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None
