"""Values that a query compares with: numbers, dollars, spans and moments, each as bounds."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

Bounds = tuple[float, float]
"""The smallest and the largest number that a value stands for: a day has many ms."""
Bounded = Callable[[int], Bounds]
"""Those bounds at `now` (ms)."""

_SCALES: Final = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
_UNITS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_DIGITS: Final = r"\d[\d_]*(?:\.\d+)?|\.\d+"
_NUMBER: Final = re.compile(rf"([+-]?)(\$?)({_DIGITS})([kmg]?)(\$?)", re.ASCII | re.IGNORECASE)
_PERCENT: Final = re.compile(rf"({_DIGITS})%", re.ASCII)
_STEP: Final = re.compile(rf"({_DIGITS})(ms|[smhdw])", re.ASCII | re.IGNORECASE)
_DAY: Final = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d)?(?:[Zz]|[+-]\d\d:?\d\d)?", re.ASCII)

NAMES: Final = {
    "number": "number",
    "money": "amount of dollars",
    "span": "span of time",
    "moment": "date or time",
}
"""What a value of each kind is."""
EXAMPLES: Final = {
    "number": "write it like 12, 100k or 1.5M",
    "money": "write it like 3, $0.50 or 1k",
    "span": "write it like 90s, 5m, 2h, 1h30m or 3d",
    "moment": "write it like 2026-11-20, 2026-11, 2026-11-20T14:30, today or yesterday",
}
"""What to do about a value that is none of its kind."""


def percent(text: str) -> float | None:
    """0.6 for `60%`."""
    found = _PERCENT.fullmatch(text)
    return None if found is None else _float(found[1]) / 100


def bounds(kind: str, text: str) -> Bounded | None:
    """What a value of that kind stands for; None if it is none."""
    if kind == "moment":
        return _moment(text)
    number = _span(text) if kind == "span" else _number(text, dollars=kind == "money")
    return None if number is None else _always(number, number)


def _always(low: float, high: float) -> Bounded:
    return lambda now: (low, high)


def _float(digits: str) -> float:
    return float(digits.replace("_", ""))


def _number(text: str, *, dollars: bool) -> float | None:
    found = _NUMBER.fullmatch(text)
    if found is None or ((found[2] or found[5]) and not dollars):
        return None
    number = _float(found[3]) * _SCALES[found[4].lower()]
    return -number if found[1] == "-" else number


def _span(text: str) -> float | None:
    """The ms that one or more numbers with units add up to; 0 needs none."""
    if text == "0":
        return 0
    ms, place = 0.0, 0
    while found := _STEP.match(text, place):
        ms += _float(found[1]) * _UNITS[found[2].lower()]
        place = found.end()
    return ms if place and place == len(text) else None


def _moment(text: str) -> Bounded | None:
    word = text.casefold()
    if word == "now":
        return lambda now: (now, now)
    if word in ("today", "yesterday"):
        return lambda now: _day(now, 0 if word == "today" else 1)
    try:
        fixed = _dated(text)
    except (ValueError, OverflowError, OSError):
        return None
    return None if fixed is None else _always(*fixed)


@lru_cache(maxsize=16)
def _day(now: int, ago: int) -> Bounds:
    """The day `ago` days before that of `now`, in local time."""
    day = datetime.fromtimestamp(now / 1000).date() - timedelta(days=ago)
    return _ms(datetime.combine(day, datetime.min.time()), days=1)


def _dated(text: str) -> Bounds | None:
    """A year, a month, a day, a minute or a second; local time, unless it says which."""
    if found := _DAY.fullmatch(text):
        year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
        start = datetime(year, month, day)
        if found[3]:
            return _ms(start, days=1)
        after = datetime(year + 1, 1, 1) if not found[2] or month == 12 else datetime(year, month + 1, 1)
        return _ms(start, days=(after - start).days)
    if found := _TIME.fullmatch(text):
        # The letters of ISO 8601 may be small, which Python does not read.
        return _ms(datetime.fromisoformat(text.upper()), seconds=1 if found[1] else 60)
    return None


def _ms(start: datetime, *, days: int = 0, seconds: int = 0) -> Bounds:
    # Days are added on the calendar, for one of them may have 23 or 25 hours.
    end = start + timedelta(days=days)
    return int(start.timestamp() * 1000), int(end.timestamp() * 1000) + seconds * 1000 - 1
