"""What a request costs, against sums made by hand and by another way of counting."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mi6_tui.judge.cost import amount, dollars, estimate, priced
from mi6_tui.model import Event, EventType, UsageRow
from mi6_tui.prices import Price, Tier, packaged

NOW = 1_795_392_000_000
ROW = Price(
    id="x",
    models=("x",),
    input=4,
    output=20,
    cache_read=0.2,
    cache_write_5m=5,
    cache_write_1h=8,
    tiers=(Tier(above=1_000, input=8, output=30),),
    multipliers={"speed=fast": 2, "inference_geo=us": 1.1},
    web_search=10,
)


def request(**fields: Any) -> Event:
    base: dict[str, Any] = {
        "machine_id": "m",
        "session_id": "s",
        "timestamp": NOW,
        "event_type": EventType.API_REQUEST,
    }
    return Event(**(base | fields))


def cost(**fields: Any) -> float | None:
    return estimate(request(**fields), ROW)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"tokens_input": 1_000}, 0.004),
        ({"tokens_output": 1_000}, 0.02),
        ({"tokens_cache_read": 1_000}, 0.0002),
        ({"tokens_cache_write": 1_000}, 0.005),
        ({"tokens_cache_write": 1_000, "tokens_cache_write_1h": 600}, 0.0068),
        # More kept for an hour than was written at all cannot be: no more is charged than was written.
        ({"tokens_cache_write": 100, "tokens_cache_write_1h": 600}, 0.0008),
        # Above the limit every token is charged by the tier, also those of the output.
        ({"tokens_input": 1_001, "tokens_output": 1_000}, 0.038008),
        ({"tokens_input": 500, "tokens_cache_read": 501, "tokens_output": 0}, 0.008008),
        ({"tokens_input": 1_000, "price_terms": '{"speed":"fast"}'}, 0.008),
        ({"tokens_input": 1_000, "price_terms": '{"speed":"fast","inference_geo":"us"}'}, 0.0088),
        ({"tokens_input": 1_000, "price_terms": '{"web_search_requests":3}'}, 0.034),
        ({"tokens_input": 1_000, "price_terms": '{"speed":"fast","web_search_requests":1}'}, 0.018),
        ({"tokens_input": 0, "tokens_output": 0}, 0.0),
    ],
)
def test_costs_counted_by_hand(fields: dict[str, Any], expected: float) -> None:
    assert cost(**fields) == expected


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"tokens_input": 1, "price_terms": '{"speed":"warp"}'},
        {"tokens_input": 1, "price_terms": '{"service_tier":"priority"}'},
        {"tokens_input": 1, "price_terms": '{"web_search_requests":"many"}'},
        {"tokens_input": 10**12},
    ],
)
def test_what_cannot_be_known_is_unknown(fields: dict[str, Any]) -> None:
    assert cost(**fields) is None


def test_a_search_without_a_price_is_unknown() -> None:
    row = Price(id="y", models=("y",), input=1, output=1)
    assert estimate(request(tokens_input=1, price_terms='{"web_search_requests":1}'), row) is None


def test_a_rate_that_is_not_given_is_that_of_the_input() -> None:
    row = Price(id="y", models=("y",), input=2, output=3)
    assert estimate(request(tokens_cache_read=500_000, tokens_cache_write=500_000), row) == 2.0
    row = Price(id="y", models=("y",), input=2, output=3, cache_write_5m=4)
    assert estimate(request(tokens_cache_write=500_000, tokens_cache_write_1h=500_000), row) == 2.0


@pytest.mark.parametrize(
    ("model", "expected"), [("claude-opus-5-5", 0.076745), ("claude-sonnet-5-5", 0.0383725)]
)
def test_the_estimate_is_what_the_client_itself_computes(model: str, expected: float) -> None:
    """Numbers of two real sessions with one request each, and the `totalCostUSD` of their `cost-state`."""
    event = priced(
        request(
            model=model,
            tokens_input=10,
            tokens_output=5,
            tokens_cache_read=0,
            tokens_cache_write=15_321,
            tokens_cache_write_1h=0,
        ),
        packaged(),
    )
    assert event.cost_estimated_usd == expected
    assert event.price_id == f"anthropic/{model}"


def test_a_recorded_cost_needs_no_estimate() -> None:
    told = request(model="claude-opus-5-5", tokens_input=1, cost_usd=0.5)
    assert priced(told, packaged()) is told
    stale = told.with_(cost_estimated_usd=0.1, price_id="x")
    assert priced(stale, packaged()) == told


def test_only_requests_have_a_price() -> None:
    other = request(event_type=EventType.STOP, model="claude-opus-5-5", tokens_input=1)
    assert priced(other, packaged()) is other


def test_an_estimate_that_no_longer_holds_goes() -> None:
    stale = request(model="nobody-knows", tokens_input=1, cost_estimated_usd=0.1, price_id="x")
    assert priced(stale, packaged()) == stale.with_(cost_estimated_usd=None, price_id=None)


_TOKENS = st.none() | st.integers(0, 3_000)


@given(
    tokens=st.tuples(_TOKENS, _TOKENS, _TOKENS, _TOKENS),
    hour=_TOKENS,
    terms=st.dictionaries(st.sampled_from(["speed", "inference_geo"]), st.none(), max_size=2),
)
def test_the_same_in_exact_fractions(
    tokens: tuple[int | None, ...], hour: int | None, terms: dict[str, None]
) -> None:
    fresh, out, read, written = tokens
    chosen = {name: {"speed": "fast", "inference_geo": "us"}[name] for name in terms}
    found = cost(
        tokens_input=fresh,
        tokens_output=out,
        tokens_cache_read=read,
        tokens_cache_write=written,
        tokens_cache_write_1h=hour,
        price_terms=json.dumps(chosen) if chosen else None,
    )
    if all(number is None for number in tokens):
        assert found is None
        return
    high = (fresh or 0) + (read or 0) + (written or 0) > 1_000
    rates = [Fraction(rate) for rate in ((8, 30, 8, 8, 8) if high else (4, 20, Fraction(1, 5), 5, 8))]
    long = min(hour or 0, written or 0)
    counts = (fresh or 0, out or 0, read or 0, (written or 0) - long, long)
    exact = sum((number * rate for number, rate in zip(counts, rates, strict=True)), Fraction(0))
    for name in chosen:
        exact *= {"speed": Fraction(2), "inference_geo": Fraction(11, 10)}[name]
    assert found is not None
    assert abs(Fraction(found) - exact / 10**6) < Fraction(6, 10**10)


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (0.0, "$0.00"),
        (0.0001, "<$0.001"),
        (0.0044, "$0.004"),
        (0.0999, "$0.100"),
        (0.9, "$0.90"),
        (6.4, "$6.40"),
        (123.456, "$123.46"),
        (999.994, "$999.99"),
        (999.996, "$1,000"),
        (123_456.7, "$123,457"),
    ],
)
def test_amounts(usd: float, text: str) -> None:
    assert amount(usd) == text


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (UsageRow(), "-"),
        (UsageRow(unpriced_requests=2), "-"),
        (UsageRow(cost_usd=6.4, cost_recorded_usd=6.4), "$6.40"),
        (UsageRow(cost_usd=6.4, cost_recorded_usd=6.0, cost_estimated_usd=0.4), "~$6.40"),
        (UsageRow(cost_usd=6.4, cost_recorded_usd=6.4, unpriced_requests=1), "≥$6.40"),
        (UsageRow(cost_usd=0.0004, cost_estimated_usd=0.0004), "<$0.001"),
        (UsageRow(cost_usd=0.0004, cost_estimated_usd=0.0004, unpriced_requests=1), "≥$0.00"),
        (UsageRow(cost_usd=0.0, cost_recorded_usd=0.0), "$0.00"),
        (UsageRow(cost_usd=6.4, cost_estimated_usd=6.4, incomplete_requests=1), "≥$6.40"),
    ],
)
def test_a_sum_says_where_it_is_from(row: UsageRow, text: str) -> None:
    assert dollars(row) == text
