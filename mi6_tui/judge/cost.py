"""What a request costs: as recorded by its client, else by the price table, else unknown."""

from __future__ import annotations

import math
from typing import Final, Protocol

from mi6_tui.model import Event
from mi6_tui.model.event import decode_object
from mi6_tui.prices import Price, PriceTable

_TOKENS_PER_RATE: Final = 1e6
_SEARCHES_PER_RATE: Final = 1e3
_SMALLEST_SHOWN: Final = 0.001
_LARGEST: Final = 10_000.0
"""USD; a request above is nonsense, and its cost unknown."""


def priced(event: Event, table: PriceTable) -> Event:
    """`event` with its estimate and price row; with neither where a cost was recorded or none is known."""
    wanted = event.is_api_request and event.cost_usd is None
    row = table.find(event.model, event.timestamp) if wanted else None
    cost = estimate(event, row) if row is not None else None
    price_id = row.id if row is not None and cost is not None else None
    if (event.cost_estimated_usd, event.price_id) == (cost, price_id):
        return event
    return event.with_(cost_estimated_usd=cost, price_id=price_id)


def estimate(event: Event, row: Price) -> float | None:
    """USD in whole billionths by `row`; None where nothing was counted, or a term has no known price.

    A number that is unknown counts nothing: with `tokens_incomplete` the cost is a lower bound. Cache
    writes of unknown lifetime are charged as the shortest.
    """
    if event.prompt_tokens is None and event.tokens_output is None:
        return None
    rates = row.rates(event.prompt_tokens or 0)
    short = rates.input if rates.cache_write_5m is None else rates.cache_write_5m
    hour = short if rates.cache_write_1h is None else rates.cache_write_1h
    written = event.tokens_cache_write or 0
    kept_long = min(event.tokens_cache_write_1h or 0, written)
    dollars = (
        (event.tokens_input or 0) * rates.input
        + (event.tokens_cache_read or 0) * (rates.input if rates.cache_read is None else rates.cache_read)
        + (written - kept_long) * short
        + kept_long * hour
        + (event.tokens_output or 0) * rates.output
    ) / _TOKENS_PER_RATE
    if event.price_terms is not None:
        terms = decode_object(event.price_terms)
        searches = terms.pop("web_search_requests", 0)
        for name, term in terms.items():
            dollars *= row.multipliers.get(f"{name}={term}", math.nan)
        known = row.web_search is not None and isinstance(searches, int)
        dollars += searches * row.web_search / _SEARCHES_PER_RATE if known else math.nan
    return round(dollars, 9) if dollars < _LARGEST else None


class Dollars(Protocol):
    """Anything with sums of dollars: a session, a row of usage."""

    @property
    def cost_usd(self) -> float | None:
        """All that is known."""

    @property
    def cost_estimated_usd(self) -> float | None:
        """The part that is estimated."""

    @property
    def cost_incomplete(self) -> bool:
        """Whether it may be more."""


def dollars(of: Dollars) -> str:
    """A cost as people read it: `$6.40` as recorded, `~$0.90` estimated, `≥$0.90` at least; `-` unknown."""
    if of.cost_usd is None:
        return "-"
    if of.cost_usd and of.cost_usd < _SMALLEST_SHOWN:
        return "≥$0.00" if of.cost_incomplete else amount(of.cost_usd)
    mark = "≥" if of.cost_incomplete else "" if of.cost_estimated_usd is None else "~"
    return mark + amount(of.cost_usd)


def amount(usd: float) -> str:
    """Dollars in at most seven cells below a million: `$0.004`, `$6.40`, `$1,234`."""
    if usd >= 999.995:
        return f"${usd:,.0f}"
    if usd == 0 or usd >= 0.1:
        return f"${usd:.2f}"
    return f"${usd:.3f}" if usd >= _SMALLEST_SHOWN else f"<${_SMALLEST_SHOWN}"
