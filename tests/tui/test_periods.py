"""Days, weeks and months of a calendar, where its clock is changed too."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from mi6_tui.tui import periods
from mi6_tui.tui.periods import Unit

BERLIN = ZoneInfo("Europe/Berlin")
CAIRO = ZoneInfo("Africa/Cairo")
HOUR = 3_600_000


def utc(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("unit", "first", "key", "label"),
    [
        ("day", date(2026, 11, 26), "2026-11-26", "Thu 26 Nov"),
        ("week", date(2026, 11, 23), "2026-W48", "wk 48 23 Nov"),
        ("month", date(2026, 11, 1), "2026-11", "Nov 2026"),
    ],
)
def test_where_a_day_lies(unit: Unit, first: date, key: str, label: str) -> None:
    assert periods.begin(unit, date(2026, 11, 26)) == first
    assert (periods.key(unit, first), periods.label(unit, first)) == (key, label)


def test_a_week_has_the_year_of_its_thursday() -> None:
    assert periods.key("week", periods.begin("week", date(2027, 1, 1))) == "2026-W53"


@pytest.mark.parametrize(
    ("unit", "first", "number", "then"),
    [
        ("day", date(2026, 3, 1), -1, date(2026, 2, 28)),
        ("week", date(2027, 1, 4), -1, date(2026, 12, 28)),
        ("month", date(2026, 1, 1), -1, date(2025, 12, 1)),
        ("month", date(2026, 11, 1), 14, date(2028, 1, 1)),
    ],
)
def test_steps(unit: Unit, first: date, number: int, then: date) -> None:
    assert periods.shifted(unit, first, number) == then


def test_days_have_the_hours_that_the_clock_gives_them() -> None:
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 10, 26), 24)):
        since, until = periods.bounds("day", day, BERLIN)
        assert until - since == hours * HOUR
    # In Cairo the clock leaps over midnight, from Thursday 24:00 to Friday 01:00.
    assert periods.midnight(date(2026, 4, 24), CAIRO) == utc(2026, 4, 23, 22)


@pytest.mark.parametrize(
    ("unit", "now", "then"),
    [
        ("day", utc(2026, 11, 26, 13, 30), utc(2026, 11, 25, 13, 30)),
        # 12:00 in Berlin on the day after the change, and on the day of it.
        ("day", utc(2026, 10, 26, 11, 0), utc(2026, 10, 25, 11, 0)),
        ("day", utc(2026, 10, 25, 11, 0), utc(2026, 10, 24, 10, 0)),
        ("week", utc(2026, 10, 27, 11, 0), utc(2026, 10, 20, 10, 0)),
        ("month", utc(2026, 11, 26, 13, 30), utc(2026, 10, 26, 13, 30)),
        # February has no 31st: all of it.
        ("month", utc(2026, 3, 31, 10, 0), utc(2026, 2, 28, 23, 0)),
    ],
)
def test_the_same_point_of_the_unit_before(unit: Unit, now: int, then: int) -> None:
    assert periods.same_point_before(unit, now, BERLIN) == then
