"""Looks for words in a whole conversation, a piece at a time, wherever the full text stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from mi6_tui.ingest.reading_back import Passage
from mi6_tui.model import PREVIEW_LIMIT, Event, EventType, TimelineQuery
from mi6_tui.model.session_reads import Moment, moment_of
from mi6_tui.storage import Storage
from mi6_tui.tui.session.questions import Once

PIECE: Final = 100
"""Events that are looked through at once; between two pieces everything else has its turn."""
BEGINNING: Final[Moment] = (-(2**63), 0)
END: Final[Moment] = (2**63 - 1, 2**63 - 1)

Reading = Callable[[Sequence[Event]], list[Passage]]


class Sought(msgspec.Struct, frozen=True):
    """What came of one piece."""

    needle: str
    step: int
    event: Event | None
    """The first that holds it."""
    place: Moment
    """Where to go on."""
    exhausted: bool
    """There is nothing more in that direction."""
    searched: int
    """Events that were looked through."""


class Find(Once):
    """The next piece from `place` on, forward or (step -1) backward, for a case-folded needle."""

    def __init__(self, query: TimelineQuery, needle: str, place: Moment, step: int, read: Reading) -> None:
        self._query = query
        self._needle = needle
        self._place = place
        self._step = step
        self._read = read

    def answer(self, storage: Storage) -> Sought:
        """What the piece holds."""
        query = self._query.with_(limit=PIECE)
        if self._step > 0:
            events = storage.timeline(query.with_(after=self._place))
        else:
            events = storage.timeline(query.with_(before=self._place))[::-1]
        found = self._first(events)
        place = moment_of(events[-1]) if events else self._place
        return Sought(self._needle, self._step, found, place, len(events) < PIECE, len(events))

    def _first(self, events: Sequence[Event]) -> Event | None:
        doubtful = [event for event in events if not self._in_store(event) and _has_more(event)]
        passages = {
            event.id: passage.text for event, passage in zip(doubtful, self._read(doubtful), strict=True)
        }
        for event in events:
            if self._in_store(event) or self._needle in passages.get(event.id, "").casefold():
                return event
        return None

    def _in_store(self, event: Event) -> bool:
        return self._needle in event.text.casefold() or self._needle in (event.tool_name or "").casefold()


def _has_more(event: Event) -> bool:
    """Whether the transcript may say more than the store."""
    if event.event_type in (EventType.PRE_TOOL_USE, EventType.POST_TOOL_USE):
        return True
    return len(event.text) >= PREVIEW_LIMIT
