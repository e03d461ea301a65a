"""Limits of providers and budgets of the user: which are used up too far, and what is told of that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, tzinfo
from typing import TYPE_CHECKING, Final

import msgspec

from mi6_tui.judge.cost import amount
from mi6_tui.model import UsageQuery, UsageRow
from mi6_tui.model.limits import LIMITS, Limit, is_over, limits_of, named
from mi6_tui.storage import Storage
from mi6_tui.storage.sharing import SharedError
from mi6_tui.tui import periods
from mi6_tui.tui.notify import Note
from mi6_tui.tui.rows import Key
from mi6_tui.tui.text import clean

if TYPE_CHECKING:
    from mi6_tui.config import BudgetAlert, Budgets, LimitAlert, Settings

_NAMED: Final = 60
_HOUR: Final = 3_600_000


class Rules(msgspec.Struct, frozen=True):
    """The alerts on limits and budgets, by name."""

    limits: Mapping[str, LimitAlert]
    budgets: Mapping[str, BudgetAlert]
    allowed: Budgets


def rules_of(settings: Settings) -> Rules | None:
    """Those of the settings; None if there are none."""
    alerts = settings.alerts.items()
    limits = {name: alert.limit for name, alert in alerts if alert.limit is not None}
    budgets = {name: alert.budget for name, alert in alerts if alert.budget is not None}
    return Rules(limits, budgets, settings.budgets) if limits or budgets else None


class Above(msgspec.Struct, frozen=True):
    """More is used than an alert allows."""

    alert: str
    what: str
    """As `claude 5 h`."""
    percent: float
    period: str
    """The same for all of one window, one day, week or month; empty where nobody knows its end."""
    told: str
    """In a sentence."""


class AskAllowances(msgspec.Struct, frozen=True):
    """Asks once, for what is above at `now` (ms)."""

    rules: Rules
    now: int
    zone: tzinfo | None

    def ask(self, storage: Storage, changed: frozenset[Key] | None) -> tuple[Above, ...] | None:
        """The answer the first time."""
        if changed is not None:
            return None
        return (*self._limits(storage), *self._budgets(storage))

    def _limits(self, storage: Storage) -> Iterable[Above]:
        if not self.rules.limits:
            return
        try:
            limits = limits_of(storage.telemetry((LIMITS,)), self.now)
        except SharedError:
            return
        for name, rule in self.rules.limits.items():
            for limit in limits:
                if (
                    _concerns(rule, limit)
                    and limit.used_percent > rule.above
                    and not is_over(limit, self.now)
                ):
                    yield _above_limit(name, limit, self.now, self.zone)

    def _budgets(self, storage: Storage) -> Iterable[Above]:
        today = periods.day_of(self.now, self.zone)
        for name, rule in self.rules.budgets.items():
            of, allowed = rule.of, self.rules.allowed
            unit = next((unit for unit in periods.UNITS if unit == of), None)
            most = getattr(allowed, unit) if unit is not None else allowed.project.get(of)
            if most is None:
                continue
            first = periods.begin(unit or "month", today)
            row = self._used(storage, first, None if unit else of)
            percent = (row.cost_usd or 0.0) / most * 100
            if percent > rule.above:
                what = f"budget of the {unit}" if unit else f"budget of {clean(of, _NAMED)}"
                told = f"{what}: {amount(row.cost_usd or 0.0)} of {amount(most)} ({percent:.0f} %)"
                yield Above(name, what, percent, f"{of}:{first}", told)

    def _used(self, storage: Storage, first: date, project: str | None) -> UsageRow:
        since = periods.midnight(first, self.zone)
        usage = storage.usage(UsageQuery(by="framework" if project is None else "project", since=since))
        if project is None:
            return usage.total
        return next((row for row in usage.rows if row.key == project), UsageRow())


def _concerns(rule: LimitAlert, limit: Limit) -> bool:
    if rule.provider not in (None, limit.framework):
        return False
    # Some clients say a minute less than they mean.
    if rule.window is None or limit.window_minutes is None:
        return rule.window is None
    return abs(rule.window - limit.window_minutes) <= 1


def _above_limit(name: str, limit: Limit, now: int, zone: tzinfo | None) -> Above:
    what = clean(named(limit), _NAMED)
    resets = limit.resets_at
    until = f", resets {periods.clock(resets, now, zone)}" if resets is not None else ""
    period = "" if resets is None else f"{limit.machine_id}:{what}:{round(resets / _HOUR)}"
    return Above(name, what, limit.used_percent, period, f"{what}: {limit.used_percent:.0f} % used{until}")


class Allowances:
    """Notices what is above. What is so at the first look is old news, and each is told once a period."""

    def __init__(self) -> None:
        self._told: set[tuple[str, str, str]] | None = None

    def look(self, above: Sequence[Above]) -> list[Note]:
        """What is to be told."""
        before = self._told
        found = {(one.alert, one.what, one.period): one for one in above}
        self._told = set(found) | {key for key in before or () if key[2]}
        if before is None:
            return []
        return [
            Note(title=clean(one.alert, _NAMED), body=one.told, shown="alert")
            for key, one in found.items()
            if key not in before
        ]


def in_short(above: Sequence[Above]) -> tuple[str, ...]:
    """The same for a line with little room: all of it, then how many there are."""
    most: dict[str, float] = {}
    for one in above:
        most[one.what] = max(one.percent, most.get(one.what, 0.0))
    words = [f"{what} {percent:.0f} %" for what, percent in most.items()]
    if not words:
        return ()
    return (", ".join(words), words[0] if len(words) == 1 else f"{len(words)} limits")
