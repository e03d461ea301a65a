"""The top line at every width: who needs you stays longest, and what is unknown is no zero."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from textual.app import ComposeResult

from mi6_tui.model import Batch, EventType, UsageRow
from mi6_tui.model.rates import Rate, Rates
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.feed import Feed
from mi6_tui.tui.looks import Dressed, Looks
from mi6_tui.tui.rates import Flow, RatePulse
from mi6_tui.tui.rows import Summary
from mi6_tui.tui.styles import style_sheets
from mi6_tui.tui.widgets.header import Header
from tests.tui.conftest import NOW
from tests.tui.makers import event


def summary(**shown: int) -> Summary:
    return Summary(
        shown={name.replace("_", " "): count for name, count in shown.items()},
        sessions=sum(shown.values()),
        tokens=0,
        incomplete=0,
        cost_usd=None,
        cost_estimated_usd=None,
        cost_incomplete=False,
    )


def flow(*tokens: int, incomplete: int = 0, **today: Any) -> Flow:
    minutes = (0,) * (14 - len(tokens)) + tokens
    rates = Rates(0, 14 * 60_000, {("m", "s"): Rate(minutes, incomplete)})
    return Flow(rates, UsageRow(**{"api_request_count": 9, "cost_usd": 41.2, **today}))


_BUSY = summary(waiting=1, error=1, working=5, background=1, your_turn=3, idle=4)
_FLOW = flow(7_000, 0, 910_000, unpriced_requests=3, cost_estimated_usd=41.2)
"""In the last five minutes 917,000 tokens, 183,400 a minute."""


class Top(Dressed):
    """The line alone."""

    def __init__(self) -> None:
        super().__init__([str(sheet) for sheet in style_sheets()], Looks(), {})
        self.line = Header(id="header")

    def compose(self) -> ComposeResult:
        yield self.line


async def drawn(width: int, counts: Summary, rates: Flow | None) -> str:
    app = Top()
    async with app.run_test(size=(width, 3)) as pilot:
        app.line.show(counts)
        app.line.show_flow(rates)
        await pilot.pause()
        text = app.line.render().plain
        assert len(text) == width
        return text


_COUNTS = " mi6  2 need you · 5 working · 1 background · 3 your turn · 4 idle"
_MARKS = " mi6  2 need you ●5 ◐1 ○3 ·4"


@pytest.mark.parametrize(
    ("width", "left", "right"),
    [
        (140, _COUNTS, "≥$41.20 today  3 unpriced  183k tok/min ·····▁█"),
        (116, _COUNTS, "≥$41.20 today  3 unpriced  183k tok/min ·····▁█"),
        (115, _COUNTS, "≥$41.20 today  183k tok/min ·····▁█"),
        (100, _COUNTS, "≥$41.20 today  183k/min"),
        (84, _COUNTS, "≥$41.20 today"),
        (76, _COUNTS, "≥$41.20"),
        (74, _MARKS, "≥$41.20 today  183k tok/min ·····▁█"),
        (56, _MARKS, "≥$41.20 today  183k/min"),
        (40, _MARKS, "≥$41.20"),
        (30, _MARKS, ""),
        (17, " mi6  2 need you", ""),
    ],
)
async def test_it_gives_way_from_the_right(width: int, left: str, right: str) -> None:
    line = await drawn(width, _BUSY, _FLOW)
    assert line.startswith(left + " ")
    assert line[len(left) :].strip() == right


@pytest.mark.parametrize(
    ("width", "shown"),
    [(140, "· 4 idle ◆ claude 5 h 84 %, budget of the day 120 %  "), (110, "· 4 idle ◆ 2 limits "),
     (40, " ·4 ◆ 2 limits "), (30, " mi6  2 need you ●5 ◐1 ○3 ·4")],
)  # fmt: skip
async def test_what_is_used_up_gives_way_to_a_number(width: int, shown: str) -> None:
    app = Top()
    async with app.run_test(size=(width, 3)) as pilot:
        app.line.show(_BUSY)
        app.line.show_flow(_FLOW)
        app.line.show_used(("claude 5 h 84 %, budget of the day 120 %", "2 limits"))
        await pilot.pause()
        assert shown in app.line.render().plain


@pytest.mark.parametrize(
    ("rates", "right"),
    [
        (None, ""),
        (flow(cost_usd=None, api_request_count=0), "$0.00 today  0 tok/min"),
        (flow(cost_usd=None, unpriced_requests=9), "- today  9 unpriced  0 tok/min"),
        (flow(cost_recorded_usd=41.2), "$41.20 today  0 tok/min"),
        (flow(cost_estimated_usd=1.0), "~$41.20 today  0 tok/min"),
        (flow(incomplete_requests=1), "≥$41.20 today  0 tok/min"),
        (flow(incomplete=1), "$41.20 today  ≥0 tok/min"),
        (flow(100, incomplete=1), "$41.20 today  ≥20 tok/min ······█"),
    ],
)
async def test_marks_tell_what_is_not_known(rates: Flow | None, right: str) -> None:
    line = await drawn(100, summary(idle=1), rates)
    assert line.startswith(" mi6  nobody needs you · 1 idle ")
    assert line.removeprefix(" mi6  nobody needs you · 1 idle ").strip() == right


async def test_the_day_is_unknown_until_a_store_with_sessions_was_asked(
    storage: SqliteStorage, writer: SqliteStorage
) -> None:
    feed = Feed(storage, lambda tick: None)
    pulse = RatePulse(feed.ask, UTC)

    async def seen() -> str:
        tick = feed.look()
        assert tick is not None
        return await drawn(100, summary(idle=1), pulse.take(tick))

    assert "$" not in await drawn(100, summary(idle=1), None)
    pulse.tick(NOW)
    assert "$0.00 today" in await seen(), "it was asked, and there is none"
    request = event(EventType.API_REQUEST, "s1", 60, key="r", model="m", tokens_output=1, cost_usd=2.5)
    writer.record(Batch(events=(request,)))
    assert " - today" in await seen()
    pulse.tick(NOW + 1_000)
    assert "$2.50 today" in await seen()


async def test_one_that_waits_needs_you() -> None:
    assert (await drawn(40, summary(waiting=1), None)).startswith(" mi6  1 needs you ")
    assert (await drawn(40, summary(), None)).strip() == "mi6"


async def test_another_width_has_room_for_other_words() -> None:
    app = Top()
    async with app.run_test(size=(60, 3)) as pilot:
        app.line.show(_BUSY)
        app.line.show_flow(_FLOW)
        await pilot.pause()
        assert "unpriced" not in app.line.render().plain
        await pilot.resize_terminal(140, 3)
        await pilot.pause()
        assert "unpriced" in app.line.render().plain
