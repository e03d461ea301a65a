"""The loaded stretch of a session's events: its end follows the session, either end can be loaded further."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from mi6_tui.model import Event, EventQuery, TimelineQuery
from mi6_tui.model.session_reads import Moment, moment_of
from mi6_tui.storage import Storage
from mi6_tui.tui.feed import Question
from mi6_tui.tui.rows import Key
from mi6_tui.tui.session.questions import Once

PAGE: Final = 500
"""Events that are read at once."""
MOST: Final = 4_000
"""Events that are held; of more those at the end nobody looks at are let go."""
_RECENT: Final = 50
"""The latest events are read again with the new ones: what they say may have been corrected."""

_BEGINNING: Final[Moment] = (-(2**63), 0)

Kind = Literal["latest", "first", "news", "older", "newer", "around"]


class Stretch(msgspec.Struct, frozen=True):
    """Some events of a session, oldest first."""

    query: TimelineQuery
    kind: Kind
    events: tuple[Event, ...]
    at_start: bool = False
    """Nothing is older."""
    at_end: bool = False
    """Nothing is newer."""
    known: int | None = None
    """All events up to this id were looked at; None where that was not asked."""
    goal: int | None = None
    """Id of the event that was looked for, if it is there."""


class Latest:
    """The end of the timeline, and what comes to it; all up to the id `known` is there already."""

    def __init__(self, query: TimelineQuery, known: int | None = None) -> None:
        self._query = query
        self._known = known

    def ask(self, storage: Storage, changed: frozenset[Key] | None) -> Stretch | None:
        """The last page the first time, then what is new in it; None if nothing is."""
        query = self._query
        if changed is not None and (query.machine_id, query.session_id) not in changed:
            return None
        # Before the events: what comes in between is then seen at the next look.
        last, known = storage.last_event_id(), self._known
        self._known = last
        if known is not None:
            fresh = storage.timeline(query.with_(stored_after=known, limit=PAGE))
            if len(fresh) < PAGE:
                recent = {event.id: event for event in storage.timeline(query.with_(limit=_RECENT))}
                recent |= {event.id: event for event in fresh}
                return Stretch(query, "news", tuple(recent.values()), at_end=True, known=last)
        events = storage.timeline(query.with_(limit=PAGE))
        return Stretch(query, "latest", tuple(events), len(events) < PAGE, at_end=True, known=last)


class Further(Once):
    """A page before or behind a moment."""

    def __init__(self, query: TimelineQuery, moment: Moment, *, older: bool) -> None:
        self._query = query
        self._moment = moment
        self._older = older

    def answer(self, storage: Storage) -> Stretch | None:
        """The page."""
        query, last = self._query, storage.last_event_id()
        if self._older:
            events = storage.timeline(query.with_(before=self._moment, limit=PAGE))
            return Stretch(query, "older", tuple(events), at_start=len(events) < PAGE)
        events = storage.timeline(query.with_(after=self._moment, limit=PAGE))
        ends = len(events) < PAGE
        return Stretch(query, "newer", tuple(events), at_end=ends, known=last if ends else None)


class First(Once):
    """The first page."""

    def __init__(self, query: TimelineQuery) -> None:
        self._query = query

    def answer(self, storage: Storage) -> Stretch | None:
        """The page."""
        query, last = self._query, storage.last_event_id()
        events = storage.timeline(query.with_(after=_BEGINNING, limit=PAGE))
        ends = len(events) < PAGE
        return Stretch(query, "first", tuple(events), True, at_end=ends, known=last if ends else None)


class Around(Once):
    """The events on both sides of one, by its id; the latest if it is gone."""

    def __init__(self, query: TimelineQuery, event_id: int) -> None:
        self._query = query
        self._event_id = event_id

    def answer(self, storage: Storage) -> Stretch | None:
        """The stretch."""
        query, last = self._query, storage.last_event_id()
        asked = EventQuery().order_by_id().with_after_id(self._event_id - 1).with_limit(1)
        found = [event for event in storage.query(asked) if event.id == self._event_id]
        if not found or (found[0].machine_id, found[0].session_id) != (query.machine_id, query.session_id):
            return Latest(query).ask(storage, None)
        at, half = moment_of(found[0]), PAGE // 2
        before = storage.timeline(query.with_(before=at, limit=half))
        after = storage.timeline(query.with_(after=(at[0], at[1] - 1), limit=half))
        return Stretch(
            query,
            "around",
            (*before, *after),
            at_start=len(before) < half,
            at_end=len(after) < half,
            known=last if len(after) < half else None,
            goal=self._event_id,
        )


class Timeline:
    """What is loaded, and what is to be asked for. Plain data: the screen asks and hands over answers."""

    def __init__(self, query: TimelineQuery, at: int | None = None) -> None:
        self.query = query
        self.events: list[Event] = []
        self.loaded = False
        """Whether anything was answered yet."""
        self.at_start = False
        self.at_end = True
        self.goal: int | None = at
        """Id of the event to be looked at, until somebody takes it."""
        self._known: int | None = None
        self._latest: Question | None = Latest(query) if at is None else None
        self._page: Question | None = None if at is None else Around(query, at)

    def questions(self) -> Mapping[str, Question]:
        """What is to be asked by now."""
        asked = {"latest": self._latest, "page": self._page}
        return {name: question for name, question in asked.items() if question is not None}

    def resume(self) -> None:
        """Go on after a time in which nothing was heard."""
        if self._latest is not None:
            self._latest = Latest(self.query, self._known)

    def older(self) -> bool:
        """Ask for what comes before, unless that is known or asked for; whether it is new to ask."""
        if self.at_start or self._page is not None or not self.events:
            return False
        self._page = Further(self.query, moment_of(self.events[0]), older=True)
        return True

    def newer(self) -> bool:
        """Ask for what comes behind, in the same way."""
        if self.at_end or self._page is not None or not self.events:
            return False
        self._page = Further(self.query, moment_of(self.events[-1]), older=False)
        return True

    def go_to(self, event_id: int) -> bool:
        """Look at an event; whether it must be asked for."""
        self.goal = event_id
        if any(event.id == event_id for event in self.events):
            return False
        self._latest, self._page = None, Around(self.query, event_id)
        return True

    def go_to_end(self) -> bool:
        """Look at the latest; whether they must be asked for."""
        if self.at_end:
            return False
        self._latest, self._page = Latest(self.query), None
        return True

    def go_to_start(self) -> bool:
        """Look at the first; whether they must be asked for."""
        if self.at_start or not self.loaded:
            return False
        self._latest, self._page = None, First(self.query)
        return True

    def take(self, answers: Mapping[str, object]) -> bool:
        """Take over what was answered; whether anything is different."""
        before = self.loaded, self.events, self.at_start, self.at_end
        for name in ("latest", "page"):
            answer = answers.get(name)
            if isinstance(answer, Stretch) and answer.query == self.query:
                self._take(answer)
        return before != (self.loaded, self.events, self.at_start, self.at_end)

    def _take(self, stretch: Stretch) -> None:
        self.loaded = True
        if stretch.kind != "news":
            self._page = None
        if stretch.kind in ("latest", "first", "around"):
            self.events = list(stretch.events)
            self.at_start, self.at_end = stretch.at_start, stretch.at_end
        elif stretch.kind == "older":
            self.at_start = stretch.at_start
            self._merge(stretch.events, keep_first=True)
        elif stretch.kind == "newer" or self.at_end:
            self.at_end = stretch.at_end
            self._merge(stretch.events, keep_first=False)
        if stretch.known is not None and self.at_end:
            self._known = stretch.known
            self._latest = self._latest or Latest(self.query, stretch.known)

    def _merge(self, events: tuple[Event, ...], *, keep_first: bool) -> None:
        # What lies before the loaded stretch is loaded when it is looked for, all of it at once.
        first = moment_of(self.events[0]) if self.events and not keep_first and not self.at_start else None
        merged = {event.id: event for event in self.events}
        merged |= {event.id: event for event in events if first is None or moment_of(event) >= first}
        ordered = sorted(merged.values(), key=moment_of)
        if len(ordered) > MOST and keep_first:
            ordered = ordered[:MOST]
            self.at_end, self._latest = False, None
        elif len(ordered) > MOST:
            ordered = ordered[-MOST:]
            self.at_start = False
        self.events = ordered
