"""Days, weeks and months as the calendar of a time zone has them. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final, Literal

from mi6_tui.tui.text import time_of_day

Unit = Literal["day", "week", "month"]
UNITS: Final[tuple[Unit, ...]] = ("day", "week", "month")
_KEYS: Final = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}


def day_of(timestamp: int, zone: tzinfo | None) -> date:
    """The day of a time (ms) in `zone` (None: the machine's)."""
    return datetime.fromtimestamp(timestamp / 1000, zone).date()


def begin(unit: Unit, day: date) -> date:
    """The first day of the unit that `day` lies in; weeks begin on Monday."""
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "month" else day


def shifted(unit: Unit, first: date, number: int) -> date:
    """The first day of the unit that is `number` later than the one that begins at `first`."""
    if unit != "month":
        return first + timedelta(days=number * (7 if unit == "week" else 1))
    months = first.year * 12 + first.month - 1 + number
    return date(months // 12, months % 12 + 1, 1)


def midnight(day: date, zone: tzinfo | None) -> int:
    """The first ms of a day; where a clock leaps over midnight, the moment at which it leaps."""
    return int(datetime.combine(day, time.min, zone).timestamp() * 1000)


def bounds(unit: Unit, first: date, zone: tzinfo | None) -> tuple[int, int]:
    """The first ms of the unit that begins at `first`, and the first of the next one."""
    return midnight(first, zone), midnight(shifted(unit, first, 1), zone)


def same_point_before(unit: Unit, timestamp: int, zone: tzinfo | None) -> int:
    """The time (ms) in the unit before that is as far on as `timestamp`, by calendar and wall clock.

    At most the end of that unit: the 31st has none in a month of 30 days.
    """
    when = datetime.fromtimestamp(timestamp / 1000, zone)
    first = begin(unit, when.date())
    before = shifted(unit, first, -1)
    day = before + (when.date() - first)
    if day >= first:
        return midnight(first, zone)
    at = datetime.combine(day, when.time(), zone)
    return min(int(at.timestamp() * 1000), midnight(first, zone))


def key(unit: Unit, first: date) -> str:
    """Its name in `UsageRow.key`."""
    return first.strftime(_KEYS[unit])


def label(unit: Unit, first: date) -> str:
    """Its name for a person, at most 12 cells: `Thu 26 Nov`, `wk 48 23 Nov`, `Nov 2026`."""
    if unit == "week":
        return f"{first:wk %V %d %b}"
    return f"{first:%a %d %b}" if unit == "day" else f"{first:%b %Y}"


def clock(at: int, now: int, zone: tzinfo | None) -> str:
    """When `at` (ms) is, as one says at `now`: `15:40`, on another day with that."""
    day = day_of(at, zone)
    return time_of_day(at, zone)[:5] + ("" if day == day_of(now, zone) else f" on {day:%a %d %b}")
