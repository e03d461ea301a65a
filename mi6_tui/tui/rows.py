"""The sessions on show and their order. Plain data: no widget, no clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec

from mi6_tui.judge.attention import BLOCKED, NEEDS_YOU, attention_key
from mi6_tui.model import Session
from mi6_tui.tui.view import NO_PROJECT, View, group_of

Key = tuple[str, str]


class Head(msgspec.Struct, frozen=True):
    """The line above a group of sessions, by what these have in common."""

    name: str


Spot = Key | Head
"""What a line shows."""


class Summary(msgspec.Struct, frozen=True):
    """What there is to say of several sessions at once."""

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

    @property
    def needs_you(self) -> int:
        """How many of them cannot go on without the user."""
        return sum(self.shown.get(word, 0) for word in BLOCKED)


class Project(msgspec.Struct, frozen=True):
    """How much is going on in one project."""

    name: str
    sessions: int
    needs_you: int


class SessionRows:
    """All known sessions by key, and the lines of those on show: pinned ones first, then by the view's order.

    What `update` and `arrange` change is seen in the lines only after `reorder`.
    """

    def __init__(self) -> None:
        self.view = View()
        self.keys: Sequence[Key] = ()
        """The sessions that have a line, in order."""
        self.lines: Sequence[Spot] = ()
        self._sessions: dict[Key, Session] = {}
        self._order: dict[Key, tuple[Any, ...]] = {}
        self._sorted: list[Key] = []
        self._matching: set[Key] = set()
        self._blocked: set[Key] = set()
        self._hidden: set[Key] = set()
        self._named: dict[Key, str] = {}
        """The group of each session, as long as they are grouped."""
        self._unjudged: set[Key] = set()
        """Of whom it is to be found out whether they are on show."""
        self._unplaced: set[Key] = set()
        """Whose sort key is to be made anew."""
        self._places: dict[Spot, int] = {}
        self._groups: dict[str, list[Key]] = {}
        self._collapsed: set[tuple[str, str]] = set()
        self._origin: int | None = None
        self._regroup = True
        """Whether other lines are wanted, or there are others, whatever the order."""
        self.signed = False
        """Whether any session on show is pinned, or shown though it is hidden."""

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def known(self) -> int:
        """Sessions known, on show or not."""
        return len(self._sessions)

    @property
    def matching(self) -> int:
        """Sessions on show, those of collapsed groups too, as of the last `reorder`."""
        return len(self._matching)

    def sessions(self) -> Iterable[Session]:
        """All known ones, in no order."""
        return self._sessions.values()

    @property
    def held(self) -> Collection[Session]:
        """The sessions that would be on show without query and project, in no order."""
        return list(filter(self.view.holds, self._sessions.values()))

    def at(self, place: int) -> Session | None:
        """The session in line `place`; None for the head of a group."""
        spot = self.lines[place]
        return None if isinstance(spot, Head) else self._sessions[spot]

    def get(self, spot: Spot | None) -> Session | None:
        """The session of that key, on show or not."""
        return None if spot is None or isinstance(spot, Head) else self._sessions.get(spot)

    def place_of(self, spot: Spot | None) -> int | None:
        """Line of a session or head; None if it is not on show."""
        return self._places.get(spot) if spot is not None else None

    def next_needing(self, spot: Spot | None, step: int) -> Key | None:
        """The next session on show from `spot` on, up or down, that needs its user; it may be the same."""
        place = self._places.get(spot, -1 if step > 0 else 0) if spot is not None else -1
        for far in range(1, len(self.lines) + 1):
            session = self.at((place + step * far) % len(self.lines))
            if session is not None and session.status_shown in NEEDS_YOU:
                return session.key
        return None

    # Changes.

    def update(self, sessions: Iterable[Session]) -> set[Key]:
        """Take in new rows; the keys of those that differ."""
        changed: set[Key] = set()
        for session in sessions:
            key = session.key
            known = self._sessions.get(key)
            if known is None:
                self._sorted.append(key)
            if known != session:
                self._sessions[key] = session
                changed.add(key)
        self._unjudged |= changed
        self._unplaced |= changed
        return changed

    def remove(self, keys: Iterable[Key]) -> None:
        """Know sessions no longer. `reorder` must follow before a line is asked for."""
        for key in keys:
            if self._sessions.pop(key, None) is None:
                continue
            self._sorted.remove(key)
            self._order.pop(key, None)
            self._named.pop(key, None)
            for some in (self._matching, self._blocked, self._hidden, self._unjudged, self._unplaced):
                some.discard(key)
            self._regroup = True

    def arrange(self, view: View) -> None:
        """Want other sessions, or another order of them."""
        if view.sort != self.view.sort:
            self._origin = None
            self._unplaced = set(self._sessions)
        if view.group != self.view.group:
            self._named = {}
        self._regroup = True
        self.view = view
        self._unjudged = set(self._sessions)

    def measured(self) -> None:
        """There is news beside the rows, which they may be sorted by."""
        if self.view.measured:
            self._unplaced = set(self._sessions)

    def look_again(self) -> None:
        """Time went by: sessions may have come to match the query, or ceased to."""
        if self.view.asked.by_clock:
            self._unjudged = set(self._sessions)

    def collapse(self, name: str, *, collapsed: bool) -> bool:
        """Show a group's head alone, or its sessions again; whether that is a change."""
        group = self.view.group, name
        if collapsed == (group in self._collapsed):
            return False
        self._collapsed ^= {group}
        self._regroup = True
        return True

    def is_collapsed(self, name: str) -> bool:
        """Whether only the head of a group is on show."""
        return (self.view.group, name) in self._collapsed

    def reorder(self, now: int) -> bool:
        """Sort what is on show as it is at `now` (ms); whether any line moved, came or went."""
        self._judge(now)
        if not self._place(now) and not self._regroup:
            return False
        self._regroup = False
        keys = [key for key in self._sorted if key in self._matching]
        # Pinned ones come first, and hidden ones are on show only where they are asked for.
        hidden = self.view.hidden or self.view.asked.hidden
        signed = bool(keys) and (
            self._sessions[keys[0]].pinned or (hidden and not self._hidden.isdisjoint(self._matching))
        )
        lines: Sequence[Spot] = self._grouped(keys) if self.view.group else keys
        if lines == self.lines and signed == self.signed:
            return False
        self.lines, self.signed = lines, signed
        self.keys = [spot for spot in lines if not isinstance(spot, Head)] if self.view.group else keys
        self._places = {spot: place for place, spot in enumerate(lines)}
        return True

    def _judge(self, now: int) -> None:
        """Find out which sessions are on show, and in which group, where that may have changed."""
        view = self.view
        for key in self._unjudged:
            session = self._sessions[key]
            (self._blocked.add if session.status_shown in BLOCKED else self._blocked.discard)(key)
            name = group_of(session, view.group) if view.group else ""
            before = key in self._matching, key in self._hidden, self._named.get(key, "")
            if before != (shown := view.shows(session, now), session.hidden, name):
                self._regroup = True
                (self._matching.add if shown else self._matching.discard)(key)
                (self._hidden.add if session.hidden else self._hidden.discard)(key)
                if view.group:
                    self._named[key] = name
        self._unjudged = set()

    def _place(self, now: int) -> bool:
        """Put the sessions in order, as far as it may have changed; whether it did."""
        news, sort = False, self.view.sort
        if self._origin is None:
            self._origin = now
        by_attention = sort is not None and any(key.field is None for key in sort.keys)
        for key in self._sorted if by_attention else self._unplaced | self._blocked:
            session = self._sessions[key]
            places: tuple[Any, ...] = ()
            if sort is not None:
                # Ages all grow alike: seen from one moment they compare as from any other.
                places = sort.places(session, now if by_attention else self._origin)
            order = (not session.pinned, *places, attention_key(session, now))
            before = self._order.get(key)
            if before != order:
                news = True
                # What is pinned gets a sign, wherever it stands.
                self._regroup = self._regroup or before is None or before[0] != order[0]
                self._order[key] = order
        self._unplaced = set()
        if not news:
            return False
        earlier = self._sorted.copy()
        # What is nearly in order is sorted in no time.
        self._sorted.sort(key=self._order.__getitem__)
        return self._sorted != earlier

    def _grouped(self, keys: Iterable[Key]) -> list[Spot]:
        """The groups in the order of their first sessions, each below its head."""
        groups: dict[str, list[Key]] = {}
        for key in keys:
            groups.setdefault(self._named.get(key, ""), []).append(key)
        self._groups = groups
        lines: list[Spot] = []
        for name, members in groups.items():
            lines.append(Head(name))
            if not self.is_collapsed(name):
                lines += members
        return lines

    # What there is to say of them.

    def summary(self) -> Summary:
        """Counts and sums of the sessions that have not ended."""
        return summed(session for session in self._sessions.values() if session.status_shown != "ended")

    def group_name(self, session: Session) -> str:
        """The group a session belongs to."""
        return group_of(session, self.view.group)

    def members(self, name: str) -> Sequence[Key]:
        """The sessions of a group, on show or collapsed."""
        return self._groups.get(name, ())

    def group(self, name: str) -> Summary:
        """Counts and sums of a group."""
        return summed(self._sessions[key] for key in self.members(name))

    def chosen(self, keys: Collection[Key]) -> list[Session]:
        """Those of some sessions that match the view, in their order."""
        keys = self._matching.intersection(keys)
        return [self._sessions[key] for key in self._sorted if key in keys] if keys else []

    def projects(self) -> list[Project]:
        """The projects of all sessions that would be on show without query and project, largest first."""
        sessions: Counter[str] = Counter()
        needy: Counter[str] = Counter()
        for session in self._sessions.values():
            if self.view.holds(session):
                name = session.project or NO_PROJECT
                sessions[name] += 1
                needy[name] += session.status_shown in BLOCKED
        found = [Project(name, number, needy[name]) for name, number in sessions.items()]
        return sorted(found, key=lambda project: (-project.sessions, project.name.casefold(), project.name))

    def ended_matches(self, now: int) -> int:
        """How many more there would be if ended sessions were on show, too."""
        view = msgspec.structs.replace(self.view, ended=True)
        return sum(
            key not in self._matching and session.status_shown == "ended" and view.shows(session, now)
            for key, session in self._sessions.items()
        )


def summed(sessions: Iterable[Session]) -> Summary:
    """Counts and sums of some sessions."""
    some = list(sessions)
    return Summary(
        shown=Counter([session.status_shown or "unknown" for session in some]),
        sessions=len(some),
        tokens=sum([session.total_tokens for session in some]),
        incomplete=sum([session.incomplete_requests for session in some]),
        cost_usd=_sum([session.cost_usd for session in some]),
        cost_estimated_usd=_sum([session.cost_estimated_usd for session in some]),
        cost_incomplete=any(session.cost_incomplete for session in some),
    )


def _sum(amounts: Iterable[float | None]) -> float | None:
    """Of the known ones; None where none is known."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None
