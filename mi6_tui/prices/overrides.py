"""Prices of one's own, `[[prices]]` in the settings file: they come before the packaged ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec

from mi6_tui.errors import Mi6Error
from mi6_tui.prices.table import Price, Rates, Tier
from mi6_tui.toml_lines import Place, UnusableError, dotted, nearest_line, read_toml

_LEAST: Final = 0.0005
_MOST: Final = 5_000.0
"""USD per million tokens; a rate outside was written in another unit."""
_TERMS: Final = ("speed", "inference_geo", "service_tier")
"""What a client tells of a request that multiplies its price."""


class PriceError(Mi6Error):
    """The settings file's prices cannot be used; the message names file, key and reason."""


class RowError(ValueError):
    """A row is not clear beyond doubt: `place` within the settings, and the reason."""

    def __init__(self, place: Place, reason: str) -> None:
        super().__init__(reason)
        self.place = place
        self.reason = reason


class _Tier(Tier, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As in the table, but strict."""


class _Override(
    Rates, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"start": "from", "end": "until"}
):
    """A row as people write it."""

    model: str
    start: date | None = None
    end: date | None = None
    tiers: tuple[_Tier, ...] = ()
    multipliers: dict[str, float] = msgspec.field(default_factory=dict)
    web_search: float | None = None
    context_window: int | None = None


def read_overrides(path: Path) -> tuple[Price, ...]:
    """The rows in the settings file at `path`; none if there is no such file.

    Raises PriceError for a row that is not clear beyond doubt: no row is used then.
    """
    try:
        text, settings = read_toml(path)
    except FileNotFoundError:
        return ()
    except UnusableError as error:
        raise PriceError(error.told(path), _DO) from error
    try:
        return prices_of(settings.get("prices", []))
    except RowError as error:
        where = f"{path}:{nearest_line(text, error.place)}: {dotted(error.place)}"
        raise PriceError(f"{where}: {error.reason}", _DO) from error


def prices_of(rows: object) -> tuple[Price, ...]:
    """The prices in the settings' `prices` as TOML gives it. RowError for what is not clear beyond doubt."""
    for error in wrong_rows(rows):
        raise error
    prices = [_price(("prices", index), row) for index, row in enumerate(_listed(rows))]
    return tuple(sorted(prices, key=lambda price: price.id))


def wrong_rows(rows: object) -> Iterator[RowError]:
    """What is not clear beyond doubt in the settings' `prices`: the first of each row."""
    prices = []
    try:
        listed = _listed(rows)
    except RowError as error:
        yield error
        return
    for index, row in enumerate(listed):
        try:
            prices.append(_price(("prices", index), row))
        except RowError as error:
            yield error
    if len(prices) == len(listed):
        yield from _overlaps(prices)


def _listed(rows: object) -> list[object]:
    if not isinstance(rows, list):
        raise RowError(("prices",), "expected tables, each headed [[prices]]")
    return rows


_DO: Final = "the packaged prices are used until it is mended"
_PART: Final = re.compile(r"\.([^.\[]+)|\[(\d+)\]")
_NAMED: Final = re.compile(r"unknown field `(.+)`$")


def _price(place: Place, row: object) -> Price:
    try:
        told = msgspec.convert(row, _Override)
    except msgspec.ValidationError as error:
        reason, _, inside = str(error).partition(" - at `$")
        parts = [int(index) if index else name for name, index in _PART.findall(inside.rstrip("`"))]
        named = _NAMED.search(reason)
        raise RowError((*place, *parts, *([named[1]] if named else [])), reason) from error
    for inner, reason in _faults(told):
        raise RowError((*place, *inner), reason)
    return Price(
        id=f"settings/{told.model}" + (f"@{told.start}" if told.start else ""),
        models=(told.model,),
        tiers=tuple(sorted(told.tiers, key=lambda tier: tier.above)),
        **{name: getattr(told, name) for name in _COPIED},
    )


_COPIED: Final = (*Rates.__struct_fields__, "start", "end", "multipliers", "web_search", "context_window")


def _faults(told: _Override) -> Iterator[tuple[Place, str]]:
    """What is not possible in a row, or not clear: where in it, and why."""
    if not told.model.strip():
        yield ("model",), "it names no model"
    for place, rate in _rates_of(told):
        if rate != 0 and not _LEAST <= rate <= _MOST:
            yield place, f"{rate} is no price in USD per million tokens"
    if told.start is not None and told.end is not None and told.start >= told.end:
        yield ("until",), f"{told.end} is not after {told.start}"
    if told.context_window is not None and told.context_window <= 0:
        yield ("context_window",), f"{told.context_window} is no number of tokens"
    if told.web_search is not None and not 0 <= told.web_search < _MOST:
        yield ("web_search",), f"{told.web_search} is not possible"
    for term, factor in told.multipliers.items():
        if not 0 < factor < _MOST:
            yield ("multipliers", term), f"{factor} is not possible"
        if term.partition("=")[0] not in _TERMS or not term.partition("=")[2]:
            yield ("multipliers", term), f"give one of {', '.join(_TERMS)}, and of what: speed=fast"
    yield from _faults_of_tiers(told)


def _faults_of_tiers(told: _Override) -> Iterator[tuple[Place, str]]:
    limits = [tier.above for tier in told.tiers]
    for index, tier in enumerate(told.tiers):
        place = ("tiers", index)
        if tier.above <= 0:
            yield (*place, "above"), f"{tier.above} is no number of tokens"
        if tier.above in limits[:index]:
            yield (*place, "above"), f"{tier.above} has two tiers"
        for name in Rates.__struct_fields__:
            if getattr(told, name) is not None and getattr(tier, name) is None:
                yield (*place, name), "the row has one, so the tier needs its own"


def _rates_of(told: _Override) -> Iterable[tuple[Place, float]]:
    tiers = ((("tiers", index), tier) for index, tier in enumerate(told.tiers))
    for place, rates in (((), told), *tiers):
        for name in Rates.__struct_fields__:
            if (rate := getattr(rates, name)) is not None:
                yield (*place, name), rate


def _overlaps(prices: Sequence[Price]) -> Iterator[RowError]:
    ordered = sorted(enumerate(prices), key=lambda one: (one[1].models, one[1].start or date.min))
    for (_, one), (index, following) in pairwise(ordered):
        if one.models == following.models and (one.end is None or one.end > (following.start or date.min)):
            day = following.start or "every day"
            yield RowError(("prices", index), f"{one.models[0]} has two prices on {day}")
