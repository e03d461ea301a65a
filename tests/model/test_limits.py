"""What is made of a provider's limits; every expected time was reckoned by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mi6_tui.model import Telemetry
from mi6_tui.model.limits import LIMITS, Limit, limits_of, reading, sentence

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NOON = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp() * 1000)


def clock(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC):%d. %H:%M}"


def told(at: int, used: float = 62.0, **values: Any) -> Telemetry:
    usual: dict[str, Any] = {
        "framework": "codex", "machine_id": "devbox", "name": "codex", "slot": "primary",
        "window_minutes": 300, "resets_at": NOON + 2 * HOUR,
    }  # fmt: skip
    return reading(at=at, used_percent=used, **(usual | values))


def lines(*records: Telemetry, now: int = NOON) -> list[str]:
    return [sentence(limit, now, clock) for limit in limits_of(records, now)]


def test_the_latest_reading_of_each_limit_counts() -> None:
    week = {"slot": "secondary", "window_minutes": 10_080, "resets_at": NOON + 6 * DAY}
    records = (told(NOON - 2 * MINUTE, 30), told(NOON - 9 * MINUTE, 99), told(NOON - 5 * MINUTE, 7.4, **week))
    expected = [
        "codex 5 h: 30 % · resets 23. 14:00 · 2 min old",
        "codex 7 d: 7 % · resets 29. 12:00 · 5 min old",
    ]
    assert lines(*records) == lines(*records[::-1]) == expected


def test_a_status_line_that_repeats_what_it_was_told_long_ago_is_not_the_latest() -> None:
    line: dict[str, Any] = {"framework": "claude", "name": None, "source": "status line"}
    fresh = told(NOON - 20 * MINUTE, 55, slot="five_hour:a", **line)
    idle = told(NOON - MINUTE, 30, slot="five_hour:b", **line)
    ended = told(NOON, 99, slot="five_hour:c", **(line | {"resets_at": NOON - HOUR}))
    expected = ["claude 5 h: 55 % · resets 23. 14:00 · 20 min old (status line)"]
    for records in ((fresh, idle, ended), (ended, idle, fresh), (idle, fresh)):
        assert [one.partition(" · used up")[0] for one in lines(*records)] == expected
    assert lines(idle, ended) == ["claude 5 h: 30 % · resets 23. 14:00 · 1 min old (status line)"]


def test_at_this_pace() -> None:
    # Began at 9:00; 62 % by 12:00 are 20.67 % an hour: all of it after 4 h 50 min.
    assert lines(told(NOON)) == [
        "codex 5 h: 62 % · resets 23. 14:00 · 0 min old · used up about 23. 13:50 at this pace (estimate)"
    ]
    (limit,) = limits_of([told(NOON)], NOON)
    assert limit.full_at_estimate == 9 * HOUR + (NOON - 12 * HOUR) + 17_419_355


@pytest.mark.parametrize(
    ("at", "used"),
    [
        (NOON, 60.0),  # exactly at the reset
        (NOON, 0.0),
        (NOON - 2 * HOUR - 31 * MINUTE, 50.0),  # 29 minutes after the begin
        (NOON - 4 * HOUR, 50.0),  # before it
    ],
)
def test_no_pace_no_estimate(at: int, used: float) -> None:
    (limit,) = limits_of([told(at, used)], NOON)
    assert limit.full_at_estimate is None


def test_what_is_nearly_or_wholly_used_is_marked() -> None:
    marked = {used: lines(told(NOON, used, resets_at=None))[0] for used in (79.9, 80.0, 99.9, 100.0, 120.0)}
    assert marked == {
        79.9: "codex 5 h: 80 % · 0 min old",
        80.0: "codex 5 h: 80 % ◆ nearly used up · 0 min old",
        99.9: "codex 5 h: 100 % ◆ nearly used up · 0 min old",
        100.0: "codex 5 h: 100 % ▲ used up · 0 min old",
        120.0: "codex 5 h: 120 % ▲ used up · 0 min old",
    }


def test_after_the_reset_nothing_is_known() -> None:
    assert lines(told(NOON), now=NOON + 3 * HOUR) == [
        "codex 5 h: reset 23. 14:00, nothing known since · 3 h old"
    ]


def test_what_is_too_old_or_from_the_future_is_not_told() -> None:
    assert lines(told(NOON - 8 * DAY - 1)) == lines(told(NOON + HOUR)) == []
    other = Telemetry(
        machine_id="m", session_id=LIMITS, framework="codex", identity="x", kind="request", at=NOON,
        received_at=NOON,
    )  # fmt: skip
    assert lines(other) == []


@pytest.mark.parametrize(
    ("minutes", "window"),
    [(299, " 5 h"), (300, " 5 h"), (10_079, " 7 d"), (1440, " 24 h"), (15, " 15 min"), (None, "")],
)
def test_windows(minutes: int | None, window: str) -> None:
    limit = Limit(
        framework="codex", machine_id="m", name="spark", window_minutes=minutes, used_percent=1.0,
        resets_at=None, at=NOON, full_at_estimate=None,
    )  # fmt: skip
    assert sentence(limit, NOON + 3 * DAY, clock) == f"codex spark{window}: 1 % · 3 d old"
