"""Prices of one's own, `[[prices]]` in the settings file: they come before the packaged ones."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec

from mi6_tui.errors import Mi6Error
from mi6_tui.prices.table import Price, Rates, Tier

_LEAST: Final = 0.0005
_MOST: Final = 5_000.0
"""USD per million tokens; a rate outside was written in another unit."""
_TERMS: Final = ("speed", "inference_geo", "service_tier")
"""What a client tells of a request that multiplies its price."""


class PriceError(Mi6Error):
    """The settings file's prices cannot be used; the message names file, key and reason."""


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
        if path.is_fifo():
            raise PriceError(f"{path}: it is a pipe", _DO)  # which is waited for
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise PriceError(f"{path}: {error}", _DO) from error
    except RecursionError as error:
        raise PriceError(f"{path}: it is nested too deeply", _DO) from error
    rows = settings.get("prices", [])
    if not isinstance(rows, list):
        raise PriceError(f"{path}: prices: expected tables, each headed [[prices]]", _DO)
    prices = [_price(path, f"prices[{index}]", row) for index, row in enumerate(rows)]
    _refuse_overlaps(path, prices)
    return tuple(sorted(prices, key=lambda price: price.id))


_DO: Final = "the packaged prices are used until it is mended"


def _price(path: Path, place: str, row: object) -> Price:
    try:
        told = msgspec.convert(row, _Override)
    except msgspec.ValidationError as error:
        reason, _, inside = str(error).partition(" - at `$")
        raise PriceError(f"{path}: {place}{inside.rstrip('`')}: {reason}", _DO) from error
    for name, reason in _faults(told):
        raise PriceError(f"{path}: {place}.{name}: {reason}", _DO)
    return Price(
        id=f"settings/{told.model}" + (f"@{told.start}" if told.start else ""),
        models=(told.model,),
        tiers=tuple(sorted(told.tiers, key=lambda tier: tier.above)),
        **{name: getattr(told, name) for name in _COPIED},
    )


_COPIED: Final = (*Rates.__struct_fields__, "start", "end", "multipliers", "web_search", "context_window")


def _faults(told: _Override) -> Iterator[tuple[str, str]]:
    """What is not possible in a row, or not clear: its key, and why."""
    if not told.model.strip():
        yield "model", "it names no model"
    for name, rate in _rates_of(told):
        if rate != 0 and not _LEAST <= rate <= _MOST:
            yield name, f"{rate} is no price in USD per million tokens"
    if told.start is not None and told.end is not None and told.start >= told.end:
        yield "until", f"{told.end} is not after {told.start}"
    if told.context_window is not None and told.context_window <= 0:
        yield "context_window", f"{told.context_window} is no number of tokens"
    if told.web_search is not None and not 0 <= told.web_search < _MOST:
        yield "web_search", f"{told.web_search} is not possible"
    for term, factor in told.multipliers.items():
        if not 0 < factor < _MOST:
            yield term, f"{factor} is not possible"
        if term.partition("=")[0] not in _TERMS or not term.partition("=")[2]:
            yield term, f"give one of {', '.join(_TERMS)}, and of what: speed=fast"
    yield from _faults_of_tiers(told)


def _faults_of_tiers(told: _Override) -> Iterator[tuple[str, str]]:
    limits = [tier.above for tier in told.tiers]
    for index, tier in enumerate(told.tiers):
        if tier.above <= 0:
            yield f"tiers[{index}].above", f"{tier.above} is no number of tokens"
        if tier.above in limits[:index]:
            yield f"tiers[{index}].above", f"{tier.above} has two tiers"
        for name in Rates.__struct_fields__:
            if getattr(told, name) is not None and getattr(tier, name) is None:
                yield f"tiers[{index}].{name}", "the row has one, so the tier needs its own"


def _rates_of(told: _Override) -> Iterable[tuple[str, float]]:
    for place, rates in (("", told), *((f"tiers[{index}].", tier) for index, tier in enumerate(told.tiers))):
        for name in Rates.__struct_fields__:
            if (rate := getattr(rates, name)) is not None:
                yield f"{place}{name}", rate


def _refuse_overlaps(path: Path, prices: list[Price]) -> None:
    ordered = sorted(prices, key=lambda price: (price.models, price.start or date.min))
    for one, following in pairwise(ordered):
        if one.models == following.models and (one.end is None or one.end > (following.start or date.min)):
            raise PriceError(
                f"{path}: prices: {one.models[0]} has two prices on {following.start or 'every day'}", _DO
            )
