"""What the page of usage asks the store, and the answers. No widget."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, tzinfo
from typing import Final, Literal

import msgspec

from mi6_tui.judge.fold import TOKENS
from mi6_tui.model import UsageQuery, UsageRow
from mi6_tui.model.limits import LIMITS, Limit, limits_of
from mi6_tui.model.usage import QUARTER
from mi6_tui.storage import Storage
from mi6_tui.storage.sharing import SharedError
from mi6_tui.tui import periods
from mi6_tui.tui.paced import Paced
from mi6_tui.tui.periods import UNITS, Unit

Part = Literal["model", "project", "framework", "session"]
PARTS: Final[tuple[Part, ...]] = ("model", "project", "framework", "session")
SHOWN: Final[dict[Unit, int]] = {"day": 14, "week": 12, "month": 12}
"""How many units the bars reach back."""
MOST_PARTS: Final = 40
"""Rows of a break-down; the others are one row."""
_SUMS: Final = ("session_count", "api_request_count", "incomplete_requests", "unpriced_requests", *TOKENS)
_DOLLARS: Final = ("cost_usd", "cost_recorded_usd", "cost_estimated_usd")


def added(rows: Iterable[UsageRow], key: str | None = None) -> UsageRow:
    """All of them in one row; the sessions of several are counted several times."""
    rows = list(rows)
    sums = {name: sum(getattr(row, name) for row in rows) for name in _SUMS}
    for name in _DOLLARS:
        known = [getattr(row, name) for row in rows if getattr(row, name) is not None]
        sums[name] = sum(known) if known else None
    return UsageRow(key=key, **sums)


class Bar(msgspec.Struct, frozen=True):
    """One unit and what was used in it."""

    first: date
    row: UsageRow


class Total(msgspec.Struct, frozen=True):
    """The unit that runs, and the one before: until the same point, and whole."""

    unit: Unit
    now: UsageRow
    then: UsageRow
    before: UsageRow


class Totals(msgspec.Struct, frozen=True):
    """What does not depend on the choice of a bar. `projects`: of this month."""

    unit: Unit
    today: date
    bars: tuple[Bar, ...]
    totals: tuple[Total, ...]
    projects: Mapping[str, UsageRow]
    limits: tuple[Limit, ...] = ()
    """What the providers said of theirs."""
    asked_at: int = 0
    """ms."""


class Slice(msgspec.Struct, frozen=True):
    """One unit taken apart; `hours` of it, or of its week, by weekday (Monday is 0) and hour of the clock."""

    unit: Unit
    first: date
    part: Part
    rows: tuple[UsageRow, ...]
    names: Mapping[str, str]
    """Of sessions, by id."""
    others: int
    """How many stand in the last row together."""
    total: UsageRow
    hours: Mapping[tuple[int, int], UsageRow]


class AskTotals(Paced):
    """Bars, totals and what projects used; `now` gives ms."""

    def __init__(self, unit: Unit, zone: tzinfo | None, now: Callable[[], int]) -> None:
        super().__init__()
        self._unit = unit
        self._zone = zone
        self._now = now

    def look(self, storage: Storage) -> Totals:
        """The answer, now."""
        zone, now = self._zone, self._now()
        today = periods.day_of(now, zone)
        firsts = {unit: periods.begin(unit, today) for unit in UNITS}
        unit = self._unit
        since = periods.shifted(unit, firsts[unit], 1 - SHOWN[unit])
        found = self._rows(storage, unit, since)
        shown = [periods.shifted(unit, since, number) for number in range(SHOWN[unit])]
        bars = [Bar(first, found.get(periods.key(unit, first), UsageRow())) for first in shown]
        earliest = min(periods.shifted(name, firsts[name], -1) for name in UNITS)
        days = {
            date.fromisoformat(key): row for key, row in self._rows(storage, "day", earliest).items() if key
        }
        totals = tuple(self._total(storage, name, firsts[name], days, now) for name in UNITS)
        month = UsageQuery(by="project", since=periods.midnight(firsts["month"], zone), timezone=zone)
        projects = {row.key: row for row in storage.usage(month).rows if row.key is not None}
        return Totals(unit, today, tuple(bars), totals, projects, tuple(_limits(storage, now)), now)

    def _rows(self, storage: Storage, unit: Unit, since: date) -> dict[str, UsageRow]:
        query = UsageQuery(by=unit, since=periods.midnight(since, self._zone), timezone=self._zone)
        return {row.key: row for row in storage.usage(query).rows if row.key is not None}

    def _total(
        self, storage: Storage, unit: Unit, first: date, days: Mapping[date, UsageRow], now: int
    ) -> Total:
        before, after = periods.shifted(unit, first, -1), periods.shifted(unit, first, 1)
        point = periods.same_point_before(unit, now, self._zone) // QUARTER * QUARTER
        query = UsageQuery(by="framework", since=periods.midnight(before, self._zone), until=point)
        return Total(
            unit,
            now=added(row for day, row in days.items() if first <= day < after),
            then=storage.usage(query).total,
            before=added(row for day, row in days.items() if before <= day < first),
        )


def _limits(storage: Storage, now: int) -> Iterable[Limit]:
    try:
        return limits_of(storage.telemetry((LIMITS,)), now)
    except SharedError:
        return ()  # whose account it is, and how far it is used, is nothing for others


class AskSlice(Paced):
    """The unit that begins at `first`, by `part`."""

    def __init__(self, unit: Unit, first: date, part: Part, zone: tzinfo | None) -> None:
        super().__init__()
        self._unit = unit
        self._first = first
        self._part = part
        self._zone = zone

    def look(self, storage: Storage) -> Slice:
        """The answer, now."""
        since, until = periods.bounds(self._unit, self._first, self._zone)
        usage = storage.usage(UsageQuery(by=self._part, since=since, until=until, timezone=self._zone))
        rows, rest = usage.rows[:MOST_PARTS], usage.rows[MOST_PARTS:]
        names = {}
        if self._part == "session":
            for row in rows:
                session = storage.get_session(row.key) if row.key is not None else None
                if row.key is not None and session is not None:
                    names[row.key] = session.name
        return Slice(
            self._unit,
            self._first,
            self._part,
            (*rows, added(rest)) if rest else rows,
            names,
            len(rest),
            usage.total,
            self._hours(storage),
        )

    def _hours(self, storage: Storage) -> dict[tuple[int, int], UsageRow]:
        unit: Unit = "month" if self._unit == "month" else "week"
        since, until = periods.bounds(unit, periods.begin(unit, self._first), self._zone)
        usage = storage.usage(UsageQuery(by="hour", since=since, until=until, timezone=self._zone))
        found: dict[tuple[int, int], list[UsageRow]] = {}
        for row in usage.rows:
            if row.key is not None:
                hour = datetime.fromisoformat(row.key)
                found.setdefault((hour.weekday(), hour.hour), []).append(row)
        return {place: added(rows) for place, rows in found.items()}
