"""The latest events of all sessions: the question to the store, and what of it is kept. No widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final

import msgspec

from mi6_tui.model import Event, EventQuery, EventType, Session, Source
from mi6_tui.model.session_reads import REPEATED
from mi6_tui.query import Query
from mi6_tui.storage import Storage
from mi6_tui.tui import text
from mi6_tui.tui.echoes import without_echoes
from mi6_tui.tui.rows import Key

HELD: Final = 2000
"""Events that are kept."""
_PAGE: Final = 1000
_LOOKED_AT: Final = 20_000
"""Events that are looked at, newest first, for those that a filter wants."""
_AGAIN: Final = 64
"""Ids before the newest one that are read again: a reply that is still written is corrected in place."""

KINDS: Final[dict[str, tuple[str, ...]]] = {
    "needs you": (EventType.PERMISSION_REQUEST, EventType.ELICITATION, EventType.NOTIFICATION),
    "prompts": (EventType.USER_PROMPT_SUBMIT,),
    "replies": (EventType.ASSISTANT_MESSAGE,),
    "tools": (EventType.PRE_TOOL_USE, EventType.POST_TOOL_USE),
    "errors": (EventType.API_ERROR,),
    "agents": (EventType.SUBAGENT_START, EventType.SUBAGENT_STOP),
    "requests": (EventType.API_REQUEST,),
}
"""What can be asked for alone; without a choice it is everything but requests."""
_FAILURES: Final = ("error", "denied")


class Wanted(msgspec.Struct, frozen=True):
    """Which events: of one of KINDS (None: activity), of one framework, of the sessions that match."""

    kind: str | None = None
    framework: str | None = None
    sessions: Query | None = None

    def holds(self, event: Event, session: Session | None, now: int) -> bool:
        """Whether `event` of `session` is wanted at `now` (ms)."""
        if self.framework is not None and event.framework != self.framework:
            return False
        transcribed = session is not None and session.transcript_available
        if transcribed and event.source == Source.HOOK and event.event_type in REPEATED:
            return False
        if not self._of_kind(event):
            return False
        return self.sessions is None or (session is not None and self.sessions.matches(session, now))

    def _of_kind(self, event: Event) -> bool:
        if self.kind is None:
            return not event.is_api_request
        if self.kind == "errors" and event.outcome in _FAILURES:
            return True
        return event.event_type in KINDS[self.kind]


class Place(msgspec.Struct, frozen=True):
    """Whose event it is, as a person would say."""

    project: str
    name: str


class Caught(msgspec.Struct, frozen=True):
    """Wanted events; `anew`: those take the place of all before. `places`: of sessions new or changed."""

    events: tuple[Event, ...]
    places: dict[Key, Place]
    anew: bool
    frameworks: frozenset[str] = frozenset()
    """Those seen among them."""


class LatestEvents:
    """The question of the events page (see `tui.feed.Question`); `clock` gives ms, in the feed's thread."""

    def __init__(self, wanted: Wanted, clock: Callable[[], int]) -> None:
        self._wanted = wanted
        self._clock = clock
        self._cursor = 0
        self._sessions: dict[Key, Session] = {}
        self._told: set[Key] = set()

    def ask(self, storage: Storage, changed: frozenset[Key] | None) -> Caught | None:
        """What came since the last call; the latest there are at the first one."""
        if changed is not None:
            for key in changed & self._sessions.keys():
                del self._sessions[key]
                self._told.discard(key)
            after = max(0, self._cursor - _AGAIN)
            query = EventQuery().with_after_id(after).order_by_id().with_limit(_PAGE)
            events = storage.query(query)
            if len(events) < _PAGE:
                return self._caught(storage, events, anew=False)
        self._cursor = storage.last_event_id()
        return self._caught(storage, self._latest(storage), anew=True)

    def _latest(self, storage: Storage) -> list[Event]:
        """As many wanted ones as are kept, if so many are among those that are looked at."""
        found: list[Event] = []
        query = EventQuery().with_limit(_PAGE)
        for _ in range(_LOOKED_AT // _PAGE):
            page = storage.query(query)
            found += [event for event in page if self._holds(storage, event)]
            if len(page) < _PAGE or len(found) >= HELD:
                break
            # Those of the very same ms as the last one may be skipped; nobody misses them this far back.
            query = query.with_before_ts(page[-1].timestamp)
        return found[:HELD]

    def _caught(self, storage: Storage, events: Sequence[Event], *, anew: bool) -> Caught | None:
        if events:
            self._cursor = max(self._cursor, *(event.id or 0 for event in events))
        wanted = tuple(event for event in events if self._holds(storage, event))
        if not (wanted or anew):
            return None
        keys = {(event.machine_id, event.session_id) for event in wanted}
        if anew:
            self._told.clear()
        places = {key: _place(key, self._session(storage, key)) for key in keys - self._told}
        self._told |= keys
        if anew or len(self._sessions) > HELD:
            self._sessions = {key: session for key, session in self._sessions.items() if key in keys}
        frameworks = frozenset(event.framework for event in wanted if event.framework)
        return Caught(wanted, places, anew, frameworks)

    def _holds(self, storage: Storage, event: Event) -> bool:
        session = self._session(storage, (event.machine_id, event.session_id))
        return self._wanted.holds(event, session, self._clock())

    def _session(self, storage: Storage, key: Key) -> Session | None:
        session = self._sessions.get(key)
        if session is None and (session := storage.get_session_by_key(*key)) is not None:
            self._sessions[key] = session
        return session


def _place(key: Key, session: Session | None) -> Place:
    if session is None:
        return Place(text.UNKNOWN, text.clean(key[1], 80))
    return Place(text.clean(session.project, 80) or text.UNKNOWN, text.clean(session.name, 80))


class EventRow(msgspec.Struct, frozen=True):
    """A line of the stream: an event, and what came of it if it is a call of a tool; or a new day."""

    event: Event | None
    result: Event | None = None
    place: Place | None = None
    day: str = ""

    @property
    def key(self) -> int | None:
        """The event's id; None of a day."""
        return self.event.id if self.event is not None else None


class EventLog:
    """The latest `HELD` events in the order of time."""

    def __init__(self) -> None:
        self._events: dict[int, Event] = {}
        self._rows: dict[int, EventRow] = {}
        self._places: dict[Key, Place] = {}
        self.frameworks: set[str] = set()
        """Those seen so far."""

    def take(self, caught: Caught) -> int:
        """Keep what is new; how many events that are."""
        if caught.anew:
            self._events.clear()
            self._rows.clear()
            self._places.clear()
        self.frameworks |= caught.frameworks
        for key, place in caught.places.items():
            if self._places.get(key) != place:
                self._places[key] = place
                self._rows = {
                    number: row for number, row in self._rows.items() if _session_of(row.event) != key
                }
        new = 0
        for event in caught.events:
            number = event.id or 0
            new += number not in self._events
            if self._events.get(number) != event:
                self._events[number] = event
                self._rows.pop(number, None)
        if len(self._events) > HELD:
            oldest = sorted(self._events.values(), key=_when)[:-HELD]
            for event in oldest:
                del self._events[event.id or 0]
                self._rows.pop(event.id or 0, None)
        return new

    def rows(self, zone: tzinfo | None, now: int) -> list[EventRow]:
        """What is shown, oldest first: a tool and its result in one row, a line before each day but today."""
        ordered = without_echoes(sorted(self._events.values(), key=_when))
        calls = {_call_of(event): event.id for event in ordered if event.event_type == EventType.PRE_TOOL_USE}
        results = {
            _call_of(event): event
            for event in ordered
            if event.event_type == EventType.POST_TOOL_USE and event.tool_use_id is not None
        }
        rows: list[EventRow] = []
        days = _Days(zone, now)
        for event in ordered:
            call = _call_of(event)
            if event.event_type == EventType.POST_TOOL_USE and call in calls:
                continue
            result = results.get(call) if event.event_type == EventType.PRE_TOOL_USE else None
            if day := days.begun(event.timestamp):
                rows.append(EventRow(None, day=day))
            rows.append(self._row(event, result))
        return rows

    def _row(self, event: Event, result: Event | None) -> EventRow:
        number = event.id or 0
        row = self._rows.get(number)
        if row is None or row.result is not result:
            row = EventRow(event, result, self._places.get((event.machine_id, event.session_id)))
            self._rows[number] = row
        return row


def _when(event: Event) -> tuple[int, int]:
    return event.timestamp, event.id or 0


def _call_of(event: Event) -> tuple[str, str, str]:
    return event.machine_id, event.session_id, event.tool_use_id or f"#{event.id}"


def _session_of(event: Event | None) -> Key | None:
    return (event.machine_id, event.session_id) if event is not None else None


class _Days:
    """Tells where a day begins among ascending times."""

    def __init__(self, zone: tzinfo | None, now: int) -> None:
        self._zone = zone
        self._name = self._look(now)[0]
        self._until = 0

    def begun(self, timestamp: int) -> str:
        """The name of the day, if `timestamp` (ms) is the first on it and it is not today; else nothing."""
        if timestamp < self._until:
            return ""
        name, self._until = self._look(timestamp)
        if name == self._name:
            return ""
        self._name = name
        return name

    def _look(self, timestamp: int) -> tuple[str, int]:
        """The day's name, and the ms at which it is over."""
        when = text.moment(timestamp, self._zone)
        if when is None:
            return "at no known time", timestamp + 1
        try:
            after = datetime.combine(when.date() + timedelta(days=1), datetime.min.time(), self._zone)
            return f"{when:%a %d %b %Y}", int(after.timestamp() * 1000)
        except (OverflowError, OSError, ValueError):
            return f"{when:%a %d %b %Y}", timestamp + 1
