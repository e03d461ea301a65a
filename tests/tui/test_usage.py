"""The page of usage over stores that were counted by hand, in UTC and where the clock is changed."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from textual.pilot import Pilot

from mi6_tui.config import Budgets, Settings
from mi6_tui.model import Batch, Event, EventType
from mi6_tui.model.limits import reading
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.paced import Paced
from mi6_tui.tui.screens.usage import UsageScreen
from tests.tui.conftest import NOW, Start, app_of, look, press, screen_text
from tests.tui.makers import event, titled

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 3600
HOSTILE = "[/x] [b]y[/] \x1b[31mz\x07 \u202eRTL \U0001f468\u200d\U0001f469 漢"


def ms(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc, arg-type]


def request(at: int, number: int = 0, session: str = "s", **values: Any) -> Event:
    """A request of 1,000 tokens; `at` in ms."""
    facts: dict[str, Any] = {"model": "m", "tokens_input": 900, "tokens_output": 100}
    kind = EventType.API_REQUEST
    return event(kind, session, key=f"{session}:{at}:{number}", timestamp=at, **(facts | values))


@asynccontextmanager
async def shown(
    storage: SqliteStorage,
    now: int = NOW,
    zone: tzinfo | None = UTC,
    size: tuple[int, int] = (112, 70),
    budgets: Budgets | None = None,
) -> AsyncIterator[tuple[Pilot[None], UsageScreen]]:
    """The page of usage over `storage`, at `now` in `zone`."""

    class App(Mi6App):
        @property
        def settings(self) -> Settings:
            return Settings(budgets=budgets or Budgets())

    app = App(storage, clock=lambda: now, zone=zone, live=False)
    async with app.run_test(size=size) as pilot:
        await look(pilot)
        await press(pilot, "3")
        assert isinstance(pilot.app.screen, UsageScreen)
        yield pilot, pilot.app.screen


def line(pilot: Pilot[None], *words: str) -> str:
    """The one line that begins with these words."""
    (found,) = (text for text in screen_text(pilot) if text.lstrip(" ▌").startswith(" ".join(words)))
    return " ".join(found.lstrip(" ▌").split())


async def test_an_empty_store(start: Start) -> None:
    async with start(112, 70) as pilot:
        await press(pilot, "3")
        assert line(pilot, "today") == "today - 0 tokens 0 requests yesterday by this time -, in all -"
        assert line(pilot, "Mon 23 Nov") == "Mon 23 Nov -"
        assert line(pilot, "no request") == "no request in that time"
        await press(pilot, "m", "u", "tab", "left", "right", "G", "g", "w", "d", "shift+tab")
        assert "by day · by model · in tokens" in screen_text(pilot)[0]


async def test_totals_are_those_of_the_calendar(storage: SqliteStorage, writer: SqliteStorage) -> None:
    # NOW is Monday 23 November 2026, 14:02 UTC.
    writer.record(
        Batch(
            events=(
                request(ms(2026, 11, 23, 0, 0), cost_usd=1.0),
                request(ms(2026, 11, 23, 13, 0), cost_usd=2.0),
                request(ms(2026, 11, 22, 23, 59), cost_usd=4.0),  # yesterday, last week, later than now
                request(ms(2026, 11, 22, 1, 0), cost_usd=1.5),
                request(ms(2026, 11, 16, 9, 0), cost_usd=8.0),  # Monday of last week, before this time
                request(ms(2026, 11, 1, 0, 0), cost_usd=16.0),
                request(ms(2026, 10, 31, 23, 59), cost_usd=32.0),
                request(ms(2026, 10, 23, 13, 59), cost_usd=64.0),  # a month ago, before this time
                request(ms(2026, 9, 30, 23, 59), cost_usd=128.0),
            )
        )
    )
    async with shown(storage) as (pilot, _):
        # Yesterday until 14:02: 1.5; all of it: 5.5.
        assert line(pilot, "today") == (
            "today $3.00 2.0k tokens 2 requests yesterday by this time $1.50 (+100 %), in all $5.50"
        )
        # Last week began on the 16th: until Monday 14:02 it was 8, in all 13.5.
        assert line(pilot, "this week") == (
            "this week $3.00 2.0k tokens 2 requests last week by this time $8.00 (-62 %), in all $13.50"
        )
        # November: 3 + 5.5 + 8 + 16. October: 96, of which 64 until the 23rd, 14:02.
        assert line(pilot, "this month") == (
            "this month $32.50 6.0k tokens 6 requests last month by this time $64.00 (-49 %), in all $96.00"
        )
        assert line(pilot, "Mon 23 Nov").endswith("$3.00 2.0k 2")
        assert line(pilot, "Sun 22 Nov").endswith("$5.50 2.0k 2")
        assert line(pilot, "Mon 16 Nov").endswith("$8.00 1.0k 1")
        assert line(pilot, "Tue 17 Nov") == "Tue 17 Nov -"


async def test_a_day_of_25_hours(storage: SqliteStorage, writer: SqliteStorage) -> None:
    # On 25 October 2026 clocks in Berlin show 02:00 to 03:00 twice.
    writer.record(
        Batch(
            events=(
                request(ms(2026, 10, 24, 21, 45), cost_usd=1.0),  # 23:45 of the day before
                request(ms(2026, 10, 24, 22, 0), cost_usd=2.0),  # 00:00
                request(ms(2026, 10, 25, 0, 15), cost_usd=2.0),  # 02:15
                request(ms(2026, 10, 25, 1, 15), cost_usd=4.0),  # 02:15 again
                request(ms(2026, 10, 25, 22, 45), cost_usd=8.0),  # 23:45
                request(ms(2026, 10, 25, 23, 0), cost_usd=16.0),  # the next day
            )
        )
    )
    now = ms(2026, 10, 26, 8, 0)
    async with shown(storage, now, BERLIN) as (pilot, screen):
        assert line(pilot, "Sat 24 Oct").endswith("$1.00 1.0k 1")
        assert line(pilot, "Sun 25 Oct").endswith("$16.00 4.0k 4")
        assert line(pilot, "Mon 26 Oct").endswith("$16.00 1.0k 1")
        await press(pilot, "left")
        assert screen._slice is not None
        hours = {place: row.cost_usd for place, row in screen._slice.hours.items()}
        # Saturday 23; Sunday 0, both 2 o'clocks, 23; the Monday is in another week.
        assert hours == {(5, 23): 1.0, (6, 0): 2.0, (6, 2): 6.0, (6, 23): 8.0}
        assert "week of 19 Oct" in "\n".join(screen_text(pilot))
    async with shown(storage, now, UTC) as (pilot, _):
        assert line(pilot, "Sat 24 Oct").endswith("$3.00 2.0k 2")
        assert line(pilot, "Sun 25 Oct").endswith("$30.00 4.0k 4")


async def test_marks_tell_what_is_estimated_or_missing(storage: SqliteStorage, writer: SqliteStorage) -> None:
    recorded = request(NOW - 1000, 1, model="claude-opus-4-5-20251101", cost_usd=0.5)
    estimated = request(NOW - 1000, 2, model="claude-opus-4-5-20251101")
    unpriced = request(NOW - 1000, 3, model="nobody-knows")
    incomplete = request(NOW - 1000, 4, model="nobody-knows", tokens_incomplete=True)
    writer.record(Batch(events=(recorded, estimated, unpriced, incomplete)))
    async with shown(storage) as (pilot, _):
        assert line(pilot, "today").startswith("today ≥$0.5")
        assert "≥4.0k tokens 4 requests 2 unpriced" in line(pilot, "today")
        assert line(pilot, "opus-4.5").split()[-3].startswith("~$0.5")
        assert line(pilot, "nobody-knows").split()[1:4] == ["-", "-", "2"]
        await press(pilot, "u")
        assert line(pilot, "nobody-knows").split()[-3:] == ["≥2.0k", "50%", "2"]


async def test_it_is_taken_apart_by_each_part(storage: SqliteStorage, writer: SqliteStorage) -> None:
    at = NOW - 60_000
    events = (
        request(at, 1, "a", model="x", cost_usd=3.0, cwd="/src/web", framework="claude"),
        request(at, 2, "a", model="y", cost_usd=1.0, cwd="/src/web", framework="claude"),
        request(at, 1, "b", model="y", cost_usd=4.0, cwd="/src/api", framework="codex"),
    )
    writer.record(Batch(events=events, facts=(titled("a", "The first"),)))
    async with shown(storage) as (pilot, _):
        apart = []
        for _ in range(4):
            lines = screen_text(pilot)
            start = next(number for number, text in enumerate(lines) if text.startswith(" by "))
            apart.append([" ".join(text.split()) for text in lines[start + 1 : start + 3]])
            await press(pilot, "tab")
        full, part = "█" * 30, {"$3.00": "█" * 18, "$5.00": "█" * 30}
        assert apart[0] == [f"y {full} $5.00 62% 2", f"x {part['$3.00']} $3.00 38% 1"]
        assert apart[1] == [f"web {full} $4.00 50% 2", f"api {full} $4.00 50% 1"]
        assert apart[2] == [f"claude {full} $4.00 50% 2", f"codex {full} $4.00 50% 1"]
        assert apart[3] == [f"The first {full} $4.00 50% 2", f"b {full} $4.00 50% 1"]


async def test_another_bar_is_chosen_by_key_and_click(storage: SqliteStorage, writer: SqliteStorage) -> None:
    writer.record(Batch(events=(request(NOW - 24 * HOUR * 1000, model="old", cost_usd=1.0),)))
    async with shown(storage) as (pilot, screen):
        assert line(pilot, "no request")
        await press(pilot, "h")
        assert line(pilot, "old").endswith("$1.00 100% 1")
        await press(pilot, *["h"] * 20)
        assert screen._first == date(2026, 11, 10)
        await press(pilot, *["l"] * 30)
        assert screen._chosen is None
        y = next(n for n, text in enumerate(screen_text(pilot)) if text.lstrip().startswith("Sun 22 Nov"))
        await pilot.click(offset=(20, y))
        await look(pilot)
        assert screen._first == date(2026, 11, 22)
        assert line(pilot, "old")
        await press(pilot, "escape")
        assert screen._chosen is None


async def test_budgets_are_compared(storage: SqliteStorage, writer: SqliteStorage) -> None:
    writer.record(Batch(events=(request(NOW - 1000, cost_usd=5.0, cwd="/src/web"),)))
    budgets = Budgets(day=10, week=6, month=4, project={"web": 50, "[/x]\x1b[1m": 1})
    async with shown(storage, budgets=budgets) as (pilot, _):
        lines = [" ".join(text.split()) for text in screen_text(pilot)[5:11]]
        half, none = "━" * 10 + "─" * 10, "─" * 20
        assert lines == [
            "budgets",
            f"today {half} 50% $5.00 of $10.00",
            f"this week {'━' * 16}╸{'─' * 3} 83% $5.00 of $6.00 ◆ nearly spent",
            f"this month {'━' * 20} 125% $5.00 of $4.00 ▲ spent",
            f"[/x] {none} 0% $0.00 of $1.00",
            f"web ━━{'─' * 18} 10% $5.00 of $50.00",
        ]


async def test_hidden_it_asks_nothing_and_a_new_day_is_noticed(
    start: Start, writer: SqliteStorage, clock: Any
) -> None:
    writer.record(Batch(events=(request(NOW - 1000, cost_usd=5.0),)))
    async with start(120, 40) as pilot:
        await press(pilot, "3")
        screen = pilot.app.screen
        assert isinstance(screen, UsageScreen)
        clock.now += 10 * HOUR * 1000
        screen.tick(clock.now)
        await look(pilot)
        assert line(pilot, "today").startswith("today - 0 tokens")
        assert line(pilot, "Tue 24 Nov") == "Tue 24 Nov -"
        await press(pilot, "1")
        assert "usage" not in app_of(pilot).feed._questions


def test_a_costly_question_is_not_asked_all_the_time(storage: SqliteStorage) -> None:
    class Costly(Paced):
        asked = 0

        def look(self, storage: Any) -> object:
            self.asked += 1
            times.now += 2.0
            return self.asked

    class Times:
        now = 0.0

        def __call__(self) -> float:
            return self.now

    times = Times()
    costly = Costly(times)
    assert costly.ask(storage, None) == 1
    told = [costly.due]
    assert costly.ask(storage, frozenset()) is None
    for seconds in (39.0, 1.0):  # it took 2 seconds, so it rests for 40
        times.now += seconds
        told.append(costly.due)
    assert costly.ask(storage, frozenset()) == 2
    assert [*told, costly.due] == [False, False, True, False]


async def test_ten_thousand_sessions(storage: SqliteStorage, writer: SqliteStorage) -> None:
    dice = random.Random(5)
    events = tuple(
        request(NOW - dice.randrange(13 * 24 * HOUR) * 1000, 0, f"s{number}", cost_usd=0.01)
        for number in range(10_000)
    )
    writer.record(Batch(events=events))
    async with shown(storage) as (pilot, screen):
        assert line(pilot, "this month").split()[2] == "$100.00"
        await press(pilot, "m", "shift+tab")
        assert line(pilot, "9960 others").split()[-3] == "$99.60"
        assert len(screen.lines.lines) < 100


@pytest.mark.parametrize("size", [(10, 3), (20, 5), (40, 10), (80, 24), (200, 50)])
async def test_hostile_names_at_every_size(
    storage: SqliteStorage, writer: SqliteStorage, size: tuple[int, int]
) -> None:
    hostile = request(NOW - 1000, 0, "a\x1b[1m", model=HOSTILE * 50, cwd=f"/src/{HOSTILE}", framework=HOSTILE)
    writer.record(Batch(events=(hostile,), facts=(titled("a\x1b[1m", HOSTILE),)))
    async with shown(storage, size=size, budgets=Budgets(day=1)) as (pilot, _):
        for _ in range(4):
            await press(pilot, "G", "tab")
            text = "\n".join(screen_text(pilot))
            assert "\x1b" not in text and "\u202e" not in text
            for strip in pilot.app.screen._compositor.render_strips():
                assert strip.cell_length == size[0]


async def test_limits_are_told_with_their_age(storage: SqliteStorage, writer: SqliteStorage) -> None:
    hour = HOUR * 1000
    usual: dict[str, Any] = {"framework": "codex", "machine_id": "devbox", "name": HOSTILE}
    short = reading(**usual, slot="primary", window_minutes=300, used_percent=85.0, resets_at=NOW + hour,
                    at=NOW - 120_000)  # fmt: skip
    week = reading(**usual, slot="secondary", window_minutes=10_080, used_percent=1.0,
                   resets_at=NOW + 100 * hour, at=NOW - 120_000)  # fmt: skip
    writer.record(Batch(telemetry=(short, week)))
    async with shown(storage, size=(140, 70)) as (pilot, _):
        # NOW is 14:02; the window began at 10:02, and 85 % after 3 h 58 min are 100 % after 4 h 40 min.
        assert any(
            "5 h: 85 % ◆ nearly used up · resets 15:02 · 2 min old · used up about 14:42 at this pace" in text
            for text in screen_text(pilot)
        )
        assert any("7 d: 1 % · resets 18:02 on Fri 27 Nov · 2 min old" in text for text in screen_text(pilot))
