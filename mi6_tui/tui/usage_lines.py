"""The page of usage as lines of pieces: totals, bars, a break-down, the week's hours. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, tzinfo
from typing import Final, Literal, Protocol

import msgspec

from mi6_tui.judge.cost import amount, dollars
from mi6_tui.model import UsageRow
from mi6_tui.model.limits import NEARLY, is_over, sentence
from mi6_tui.tui import periods, text
from mi6_tui.tui.periods import Unit
from mi6_tui.tui.pieces import Line, Piece, beside, within
from mi6_tui.tui.usage_facts import Bar, Slice, Total, Totals
from mi6_tui.tui.widgets import plots

Measure = Literal["dollars", "tokens"]

_LABEL: Final = 12
_AMOUNT: Final = 8
_COUNT: Final = 7
_NAME: Final = 26
_HEAT: Final = 5 + 24 * 2
_SIDE_BY_SIDE: Final = 60 + _HEAT
_RUNS: Final = {
    "day": ("today", "yesterday"),
    "week": ("this week", "last week"),
    "month": ("this month", "last month"),
}
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOURS: Final = ("0", "3", "6", "9", "12", "15", "18", "21")
_TALL: Final = 32
"""Lines of a view that has room for all bars; in another one there are a few."""
_FEW: Final = 7
_NEARLY: Final = 0.8
"""Share of a budget from which on it is marked."""


class Budgets(Protocol):
    """As in the settings."""

    @property
    def day(self) -> float | None:
        """Dollars of a day."""

    @property
    def week(self) -> float | None:
        """Dollars of a week."""

    @property
    def month(self) -> float | None:
        """Dollars of a month."""

    @property
    def project(self) -> dict[str, float]:
        """Dollars of a month, by project."""


class Drawn(msgspec.Struct, frozen=True):
    """The lines, and which unit is chosen by a click into one."""

    lines: tuple[Line, ...]
    firsts: Mapping[int, date]


def drawn(
    totals: Totals,
    slice_: Slice | None,
    chosen: date,
    measure: Measure,
    budgets: Budgets,
    size: tuple[int, int],
    zone: tzinfo | None = None,
) -> Drawn:
    """The whole page, for a view of `size` (cells, lines); times in `zone` (None: the machine's)."""
    width, height = size
    lines: list[Line] = [
        *_totals(totals.totals, width),
        *_budgets(totals, budgets, width),
        *_limits(totals, zone, width),
        (),
    ]
    bars = totals.bars if height >= _TALL else _some(totals.bars, chosen)
    firsts = {len(lines) + number: bar.first for number, bar in enumerate(bars)}
    lines += [*_bars(totals.unit, bars, chosen, measure, width), ()]
    if slice_ is None:
        return Drawn(tuple(lines), firsts)
    if width >= _SIDE_BY_SIDE:
        left = width - _HEAT - 2
        lines += beside(_parts(slice_, measure, left), left + 2, _heat(slice_, measure, _HEAT))
    else:
        lines += [*_parts(slice_, measure, width), (), *_heat(slice_, measure, width)]
    return Drawn(tuple(lines), firsts)


def _some(bars: Sequence[Bar], chosen: date) -> Sequence[Bar]:
    """The latest, or from the chosen one on."""
    place = next((number for number, bar in enumerate(bars) if bar.first == chosen), len(bars))
    start = min(place, max(0, len(bars) - _FEW))
    return bars[start : start + _FEW]


def _value(row: UsageRow, measure: Measure) -> float:
    return float(row.total_tokens if measure == "tokens" else row.cost_usd or 0.0)


def _shown(row: UsageRow, measure: Measure) -> str:
    if not row.api_request_count:
        return text.UNKNOWN
    return text.tokens(row.total_tokens, row.incomplete_requests) if measure == "tokens" else dollars(row)


def _scale(measure: Measure) -> Callable[[float], str]:
    return (lambda value: text.count(round(value))) if measure == "tokens" else amount


# What runs, and what was before.


def _totals(totals: Sequence[Total], width: int) -> Iterable[Line]:
    for total in totals:
        now, then = _RUNS[total.unit]
        row = total.now
        pieces: list[Piece] = [(f" {text.fit(now, 11)}", "plain")]
        pieces.append(
            (text.fit(dollars(row) if row.api_request_count else text.UNKNOWN, 9, right=True), "name")
        )
        used = f"{text.tokens(row.total_tokens, row.incomplete_requests)} tokens"
        pieces.append((f"  {text.fit(used, 13, right=True)}", "plain"))
        pieces.append(
            (f"  {text.fit(text.plural(row.api_request_count, 'request'), 15, right=True)}", "quiet")
        )
        if any(one.now.unpriced_requests for one in totals):
            unpriced = f"  {row.unpriced_requests} unpriced" if row.unpriced_requests else ""
            pieces.append((text.fit(unpriced, 14), "turn"))
        before = f"  {then} by this time {dollars(total.then)}"
        if change := _change(total):
            before += f" ({change})"
        pieces.append((before, "quiet"))
        pieces.append((f", in all {dollars(total.before)}", "quiet"))
        yield within(pieces, width)


def _change(total: Total) -> str:
    """By how much it is more or less than before; empty where a number is missing."""
    now, then = total.now, total.then
    if now.cost_incomplete or then.cost_incomplete or not then.cost_usd or now.cost_usd is None:
        return ""
    change = round((now.cost_usd / then.cost_usd - 1) * 100)
    return f"{change:+,} %" if change else "the same"


def _budgets(totals: Totals, budgets: Budgets, width: int) -> Iterable[Line]:
    limits = {"day": budgets.day, "week": budgets.week, "month": budgets.month}
    told = [
        (_RUNS[total.unit][0], total.now, limit)
        for total in totals.totals
        if (limit := limits[total.unit]) is not None
    ]
    told += [
        (text.clean(name, 40), totals.projects.get(name, UsageRow()), limit)
        for name, limit in sorted(budgets.project.items())
    ]
    if told:
        yield ()
        yield ((" budgets", "name"),)
    for name, row, limit in told:
        yield within(_budget(name, row, limit, max(0, min(20, width - 46))), width)


def _budget(name: str, row: UsageRow, limit: float, room: int) -> Iterable[Piece]:
    share = (row.cost_usd or 0.0) / limit
    ink = "trouble" if share >= 1 else "needs-you" if share >= _NEARLY else "bar"
    filled, empty = text.bar(share, room)
    mark = "≥" if row.cost_incomplete else ""
    told = mark + (text.percent(share) if share <= 1 else f"{share * 100:,.0f}%")
    yield f" {text.fit(name, _LABEL)} ", "plain"
    yield filled, ink
    yield empty, "rule"
    yield f" {text.fit(told, 6, right=True)}", ink
    yield f"  {dollars(row) if row.api_request_count else amount(0)} of {amount(limit)}", "plain"
    if share >= 1:
        yield "  ▲ spent", "trouble"
    elif share >= _NEARLY:
        yield "  ◆ nearly spent", "needs-you"


def _limits(totals: Totals, zone: tzinfo | None, width: int) -> Iterable[Line]:
    if not totals.limits:
        return
    now = totals.asked_at
    yield ()
    yield ((" limits", "name"),)
    for limit in totals.limits:
        used = 0.0 if is_over(limit, now) else limit.used_percent
        ink = "trouble" if used >= 100 else "needs-you" if used >= NEARLY else "plain"
        first, *others = text.clean(sentence(limit, now, lambda at: periods.clock(at, now, zone)), 400).split(
            " · "
        )
        yield within([(f" {first}", ink), *((f" · {part}", "plain") for part in others)], width)


# Bars.


def _bars(unit: Unit, bars: Sequence[Bar], chosen: date, measure: Measure, width: int) -> Iterable[Line]:
    top = plots.scale_top([_value(bar.row, measure) for bar in bars])
    beside = _LABEL + 2 + _AMOUNT + 1
    wide = width >= beside + 2 * _COUNT + 24
    room = max(0, width - beside - (2 * _COUNT + 2 if wide else 0))
    for bar in bars:
        here = bar.first == chosen
        row = bar.row
        pieces: list[Piece] = [("▌" if here else " ", "mark")]
        pieces.append((text.fit(periods.label(unit, bar.first), _LABEL), "name" if here else "plain"))
        pieces.append((" " + plots.bar(_value(row, measure), top, room), "turn" if here else "bar"))
        pieces.append((text.fit(_shown(row, measure), _AMOUNT, right=True), "name" if here else "plain"))
        if wide and row.api_request_count:
            other: Measure = "dollars" if measure == "tokens" else "tokens"
            pieces.append((" " + text.fit(_shown(row, other), _AMOUNT, right=True), "quiet"))
            pieces.append((text.fit(text.count(row.api_request_count), _COUNT - 1, right=True), "quiet"))
        yield within(pieces, width)
    scale = _scale(measure)
    labels = [scale(0), scale(top / 2), scale(top)] if top else [scale(0), text.UNKNOWN]
    heads = [("  " + " " * _LABEL, "faint"), (plots.axis(labels, room), "faint")]
    heads.append((text.fit(measure, _AMOUNT, right=True), "faint"))
    if wide:
        heads.append(
            (" " + text.fit("tokens" if measure == "dollars" else "dollars", _AMOUNT, right=True), "faint")
        )
        heads.append((text.fit("reqs", _COUNT - 1, right=True), "faint"))
    yield within(heads, width)


# The break-down.


def _parts(slice_: Slice, measure: Measure, width: int) -> Iterable[Line]:
    yield within(
        ((f" by {slice_.part}", "name"), (f" · {periods.label(slice_.unit, slice_.first)}", "faint")), width
    )
    if not slice_.rows:
        yield within(((" no request in that time", "quiet"),), width)
        return
    ordered = sorted(
        slice_.rows[: len(slice_.rows) - bool(slice_.others)], key=lambda row: -_value(row, measure)
    )
    rows = [*ordered, *slice_.rows[len(ordered) :]]
    values = [_value(row, measure) for row in rows]
    whole, top = sum(values), max(values)
    name_width = min(_NAME, max(6, width // 3))
    rest = width - name_width - 2 - _AMOUNT - 6 - _COUNT
    room = max(0, min(30, rest))
    for number, (row, value) in enumerate(zip(rows, values, strict=True)):
        others = slice_.others and number == len(rows) - 1
        name = text.plural(slice_.others, "other") if others else _part_name(slice_, row)
        known = whole and not (measure == "dollars" and row.cost_usd is None)
        share = text.percent(value / whole) if known else text.UNKNOWN
        yield within(
            (
                (f" {text.fit(name, name_width)} ", "quiet" if others else "name"),
                (plots.bar(value, top, room), "bar"),
                (text.fit(_shown(row, measure), _AMOUNT, right=True), "plain"),
                (text.fit(share, 6, right=True), "quiet"),
                (text.fit(text.count(row.api_request_count), _COUNT, right=True), "faint"),
            ),
            width,
        )


def _part_name(slice_: Slice, row: UsageRow) -> str:
    if row.key is None:
        return f"{slice_.part} unknown"
    if slice_.part == "model":
        return text.short_model(row.key)
    return text.clean(slice_.names.get(row.key, row.key), 80)


# The hours.


def _heat(slice_: Slice, measure: Measure, width: int) -> Iterable[Line]:
    """Seven rows of hours: two cells an hour, or one where there is no room for two."""
    cell = 2 if width >= _HEAT else 1
    if slice_.unit == "month":
        title = f"hours of {periods.label('month', slice_.first)}"
    else:
        title = f"hours of the week of {periods.begin('week', slice_.first):%d %b}"
    yield within(((f" {title}", "name"),), width)
    yield within(((" " * 5, "faint"), (plots.ticks(_HOURS, 3 * cell, 24 * cell), "faint")), width)
    hours = {place: _value(row, measure) for place, row in slice_.hours.items()}
    top = max(hours.values(), default=0.0)
    for weekday, name in enumerate(_WEEKDAYS):
        pieces: list[Piece] = [(f" {name} ", "plain")]
        for hour in range(24):
            value = hours.get((weekday, hour), 0.0)
            pieces.append((plots.shade(value, top) * cell, "bar" if value else "rule"))
        yield within(pieces, width)
    if top:
        yield within(
            (
                (f"     {plots.shades().strip()}", "bar"),
                (f" up to {_scale(measure)(top)} an hour of the clock", "faint"),
            ),
            width,
        )
