"""The demo as a whole: who is there, who comes, and all that is told of them up to a time."""

from __future__ import annotations

import heapq
from datetime import datetime
from typing import Final

import msgspec

from mi6_tui.ingest.demo.life import Course, World, arrive, go_on
from mi6_tui.ingest.demo.opening import open_session
from mi6_tui.ingest.demo.past import weeks
from mi6_tui.ingest.demo.pen import News, Pen
from mi6_tui.ingest.demo.stories import FLEET, NEWCOMERS
from mi6_tui.model import Batch, Claim, Event
from mi6_tui.storage import Storage

_RESET: Final = 28 * 60_000
"""ms from the beginning until a usage limit ends."""


class Demo:
    """What the fleet does from `begin` (ms) on; what it did before is told first.

    News comes out in the order of its time, each once, however large the steps: what is told up to a time
    depends on `begin`, `seed` and `machine_id` alone.
    """

    def __init__(self, begin: int, *, seed: int = 1, machine_id: str = "demo") -> None:
        self._begin = begin
        self._seed = seed
        self._machine_id = machine_id
        self._courses: list[tuple[int, int, Course, Pen]] = []
        self._news: list[tuple[int, int, News]] = []
        self._order = 0
        self._newcomers = 0
        self._world = World(seed, begin, self._welcome)
        reset = datetime.fromtimestamp((begin + _RESET) / 1000).astimezone()
        for number, story in enumerate(FLEET):
            detail = story.detail.replace("{reset}", f"{reset:%H:%M}")
            pen = Pen(msgspec.structs.replace(story, detail=detail), number, machine_id)
            open_session(pen, number, begin)
            self._take(pen)
            self._plan(begin, go_on(pen, self._world, begin), pen)

    def until(self, now: int) -> Batch:
        """What is told up to `now` (ms), and was not told yet."""
        while self._courses and self._courses[0][0] <= now:
            _, _, course, pen = heapq.heappop(self._courses)
            at = next(course, None)
            self._take(pen)
            if at is not None:
                self._plan(at, course, pen)
        told = []
        while self._news and self._news[0][0] <= now:
            told.append(heapq.heappop(self._news)[2])
        return _batch(told)

    @property
    def next_at(self) -> int | None:
        """When there may be more to tell (ms)."""
        return min((heap[0][0] for heap in (self._courses, self._news) if heap), default=None)

    def past(self) -> list[Batch]:
        """The weeks before, the latest first."""
        return list(weeks(self._begin, self._seed, self._machine_id))

    def _plan(self, at: int, course: Course, pen: Pen) -> None:
        self._order += 1
        heapq.heappush(self._courses, (at, self._order, course, pen))

    def _take(self, pen: Pen) -> None:
        for at, news in pen.news[pen.taken :]:
            self._order += 1
            heapq.heappush(self._news, (at, self._order, news))
        pen.taken = len(pen.news)

    def _welcome(self, at: int) -> None:
        story = NEWCOMERS[self._newcomers % len(NEWCOMERS)]
        self._newcomers += 1
        pen = Pen(story, len(FLEET) + self._newcomers, self._machine_id)
        self._plan(at, arrive(pen, self._world, at), pen)


def _batch(told: list[News]) -> Batch:
    events = tuple(news for news in told if isinstance(news, Event))
    claims = tuple(news for news in told if isinstance(news, Claim))
    facts = tuple(news for news in told if not isinstance(news, Event | Claim))
    return Batch(events=events, facts=facts, claims=claims)


def fill_demo(
    storage: Storage,
    now: int,
    machine_id: str = "demo",
    *,
    seed: int = 1,
    played: int = 0,
    past: bool = False,
) -> None:
    """Record the demo as it stands at `now` (ms), `played` ms after it began; also its `past`, if asked."""
    demo = Demo(now - played, seed=seed, machine_id=machine_id)
    storage.record(demo.until(now))
    for batch in demo.past() if past else ():
        storage.record(batch)
    storage.rejudge(now)
