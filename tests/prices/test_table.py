"""The packaged prices against a table made by hand, and how a row is found."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from mi6_tui.prices import Price, packaged

NOW = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp() * 1000)


def find(model: str, at: int = NOW) -> Price | None:
    return packaged().find(model, at)


def day(year: int, month: int, number: int) -> int:
    return int(datetime(year, month, number, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("models", "rates"),
    [
        (
            "claude-opus-4-5 claude-opus-4-6 claude-opus-4-7 claude-opus-4-8 claude-opus-5",
            (5, 25, 0.5, 6.25, 10),
        ),
        ("claude-opus-5-5", (4, 20, 0.2, 5, 8)),
        ("claude-fable-5 claude-mythos-5", (10, 50, 1, 12.5, 20)),
        ("claude-fable-5-1 claude-mythos-5-1", (10, 50, 0.25, 12.5, 20)),
        ("claude-fable-5-2 claude-mythos-5-2", (8, 40, 0.2, 10, 16)),
        ("claude-sonnet-4-5 claude-sonnet-4-6", (3, 15, 0.3, 3.75, 6)),
        ("claude-sonnet-5", (2, 10, 0.2, 2.5, 4)),
        ("claude-sonnet-5-5", (2, 10, 0.1, 2.5, 4)),
        ("claude-haiku-4-5", (1, 5, 0.1, 1.25, 2)),
        ("claude-haiku-5-5", (0.1, 0.5, 0.01, 0.125, 0.2)),
    ],
)
def test_claude_prices(models: str, rates: tuple[float, ...]) -> None:
    for model in models.split():
        row = find(model)
        assert row is not None, model
        found = (row.input, row.output, row.cache_read, row.cache_write_5m, row.cache_write_1h)
        assert found == rates, model
        assert row.web_search == 10
        assert row.multipliers["inference_geo=us"] == 1.1


@pytest.mark.parametrize(
    ("model", "factor"),
    [
        ("claude-opus-4-6", 6),
        ("claude-opus-4-7", 6),
        ("claude-opus-4-8", 2),
        ("claude-opus-5-5", 2),
        ("claude-sonnet-5-5", None),
    ],
)
def test_fast_mode(model: str, factor: float | None) -> None:
    row = find(model)
    assert row is not None
    assert row.multipliers.get("speed=fast") == factor


@pytest.mark.parametrize(
    ("model", "limit", "below", "above"),
    [
        ("claude-sonnet-4-5", 200_000, (3, 15), (6, 22.5)),
        ("claude-haiku-5-5", 100_000, (0.1, 0.5), (0.5, 2.5)),
        ("gpt-5.4", 272_000, (2.5, 15), (5, 22.5)),
        ("gemini-2.5-pro", 200_000, (1.25, 10), (2.5, 15)),
    ],
)
def test_a_tier_begins_behind_its_limit(
    model: str, limit: int, below: tuple[float, float], above: tuple[float, float]
) -> None:
    row = find(model)
    assert row is not None
    at_limit, behind = row.rates(limit), row.rates(limit + 1)
    assert (at_limit.input, at_limit.output) == below
    assert (behind.input, behind.output) == above


def test_a_price_holds_from_its_day_on() -> None:
    last, first = (find("claude-sonnet-4-6", day(2026, 3, 13) + offset) for offset in (-1, 0))
    assert last is not None
    assert first is not None
    assert (last.rates(300_000).input, first.rates(300_000).input) == (6, 3)
    assert (last.id, first.id) == ("anthropic/claude-sonnet-4-6", "anthropic/claude-sonnet-4-6@2026-03-13")


@pytest.mark.parametrize(
    ("written", "row"),
    [
        ("claude-opus-5-5", "anthropic/claude-opus-5-5"),
        ("claude-opus-5-5-20261015", "anthropic/claude-opus-5-5"),
        ("claude-opus-5-5[1m]", "anthropic/claude-opus-5-5"),
        ("claude-opus-5-5-20261015[1m]", "anthropic/claude-opus-5-5"),
        ("anthropic/claude-opus-5-5", "anthropic/claude-opus-5-5"),
        ("us.anthropic.claude-opus-5-5-20261015-v1:0", "anthropic/claude-opus-5-5"),
        ("anthropic.claude-opus-5-5-v1:0", "anthropic/claude-opus-5-5"),
        ("claude-opus-5-5@20261015", "anthropic/claude-opus-5-5"),
        ("github_copilot/claude-opus-5-5", "anthropic/claude-opus-5-5"),
        ("claude-sonnet-4-20250514", "anthropic/claude-sonnet-4-0"),
        ("claude-opus-5.5", "anthropic/claude-opus-5-5"),
        ("models/gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("gpt-5-codex", "openai/gpt-5"),
        ("gpt-5.1-codex-max", "openai/gpt-5.1"),
        ("gpt-6.1-sol-2026-10-01", "openai/gpt-6.1-sol"),
        ("openai/gpt-6.1-sol", "openai/gpt-6.1-sol"),
    ],
)
def test_a_name_is_found_in_its_usual_forms(written: str, row: str) -> None:
    found = find(written)
    assert found is not None
    assert found.id == row


@pytest.mark.parametrize(
    "model",
    [
        "codex-auto-review",
        "claude-opus-5-6",
        "claude-opus-5-5-turbo",
        "claude-opus",
        "claude-sonnet-5-9",
        "opus",
        "gpt-6.1",
        "mock-1",
        "<synthetic>",
        "claude",
        "/",
        "[1m]",
        "",
    ],
)
def test_nothing_is_guessed_for_a_model_nobody_knows(model: str) -> None:
    assert find(model) is None


def test_no_name_means_two_rows_at_once() -> None:
    periods = defaultdict(list)
    for row in packaged().rows:
        for name in row.models:
            periods[name].append((row.start or date.min, row.end or date.max))
    for name, found in periods.items():
        ordered = sorted(found)
        assert all(one[1] <= other[0] for one, other in pairwise(ordered)), name


def test_ids_are_unique_and_every_rate_is_a_price() -> None:
    rows = packaged().rows
    assert len({row.id for row in rows}) == len(rows) > 200
    for row in rows:
        for rates in (row, *row.tiers):
            known = (rates.input, rates.output, rates.cache_read, rates.cache_write_5m, rates.cache_write_1h)
            assert all(0 <= rate <= 1000 for rate in known if rate is not None), row.id
        assert [tier.above for tier in row.tiers] == sorted({tier.above for tier in row.tiers}), row.id
        assert all(factor > 0 for factor in row.multipliers.values()), row.id


def test_rows_of_ones_own_come_first_and_change_the_version() -> None:
    own = Price(id="settings/claude-opus-5-5", models=("claude-opus-5-5",), input=1, output=2)
    table = packaged().overruled((own,))
    assert table.find("claude-opus-5-5-20261015", NOW) == own
    assert table.find("claude-sonnet-5-5", NOW) == find("claude-sonnet-5-5")
    assert table.version != packaged().version
    assert table.version == packaged().overruled((own,)).version
    assert packaged().overruled(()) is packaged()


def test_a_row_of_ones_own_holds_for_every_form_of_its_name() -> None:
    own = Price(id="settings/gpt-5", models=("gpt-5",), input=1, output=2)
    table = packaged().overruled((own,))
    assert find("gpt-5-2025-08-07") != own
    assert table.find("gpt-5-2025-08-07", NOW) == own
    assert table.find("openai/gpt-5", NOW) == own
    assert table.find("gpt-5-mini", NOW) == find("gpt-5-mini")
    assert table.window("gpt-5-2025-08-07") == packaged().window("gpt-5")


def test_outside_the_days_of_ones_own_row_the_packaged_one_holds() -> None:
    own = Price(
        id="settings/claude-opus-5-5@2026-11-01",
        models=("claude-opus-5-5",),
        input=1,
        output=2,
        start=date(2026, 11, 1),
        end=date(2026, 12, 1),
    )
    table = packaged().overruled((own,))
    found = [table.find("claude-opus-5-5", at) for at in (day(2026, 10, 31), NOW, day(2026, 12, 1))]
    assert [row and row.id for row in found] == [
        "anthropic/claude-opus-5-5",
        "settings/claude-opus-5-5@2026-11-01",
        "anthropic/claude-opus-5-5",
    ]
