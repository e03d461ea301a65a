"""Prices of one's own, `[[prices]]` in the settings file: they come before the packaged ones."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
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
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise PriceError(f"{path}: {error}", _DO) from error
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
    for name, rate in _rates_of(told):
        if rate != 0 and not _LEAST <= rate <= _MOST:
            reason = f"{rate} is no price in USD per million tokens"
            raise PriceError(f"{path}: {place}.{name}: {reason}", _DO)
    if told.start is not None and told.end is not None and told.start >= told.end:
        raise PriceError(f"{path}: {place}.until: {told.end} is not after {told.start}", _DO)
    for name, number in (*told.multipliers.items(), ("web_search", told.web_search or 0.0)):
        if not 0 <= number < _MOST:
            raise PriceError(f"{path}: {place}.{name}: {number} is not possible", _DO)
    return Price(
        id=f"settings/{told.model}" + (f"@{told.start}" if told.start else ""),
        models=(told.model,),
        tiers=tuple(sorted(told.tiers, key=lambda tier: tier.above)),
        **{name: getattr(told, name) for name in _COPIED},
    )


_COPIED: Final = (*Rates.__struct_fields__, "start", "end", "multipliers", "web_search", "context_window")


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
