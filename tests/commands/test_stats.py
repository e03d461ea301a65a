"""`stats`, with sums that a reader of the transcripts can check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mi6_tui.paths import machine_id
from tests.commands.conftest import Cli
from tests.commands.transcripts import SECOND, write_session

ONE = 10 * 4e-6 + 5 * 20e-6 + 100 * 0.2e-6
"""Dollars of one request of `write_session`: fresh, output and cached tokens of Opus 5.5."""


@pytest.fixture
def used(cli: Cli) -> Cli:
    """Five requests in two sessions on 2026-11-20, 10:00 UTC."""
    write_session(cli.home, "a1", requests=2)
    write_session(cli.home, "b2", requests=3)
    return cli


def test_rows_and_total(used: Cli) -> None:
    found = used.json("stats")
    assert set(found) == {"by", "since", "until", "timezone", "rows", "total", "limits"}
    (row,) = found["rows"]
    assert row == {
        "key": "2026-11-20",
        "session_count": 2,
        "api_request_count": 5,
        "incomplete_requests": 0,
        "tokens_input": 50,
        "tokens_output": 25,
        "tokens_cache_read": 500,
        "tokens_cache_write": 0,
        "tokens_cache_write_1h": 0,
        "tokens_reasoning": 0,
        "cost_usd": pytest.approx(5 * ONE),
        "cost_recorded_usd": None,
        "cost_estimated_usd": pytest.approx(5 * ONE),
        "unpriced_requests": 0,
    }
    assert found["total"] == row | {"key": None}


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("day", ["2026-11-20"]),
        ("week", ["2026-W47"]),
        ("month", ["2026-11"]),
        ("model", ["claude-opus-5-5"]),
        ("project", ["greet"]),
        ("framework", ["claude"]),
        ("machine", [machine_id()]),
        ("session", ["b2", "a1"]),
    ],
)
def test_every_dimension_adds_up_to_the_same(used: Cli, by: str, keys: list[str]) -> None:
    found = used.json("stats", "--by", by)
    assert [row["key"] for row in found["rows"]] == keys
    assert sum(row["api_request_count"] for row in found["rows"]) == 5
    assert found["total"]["cost_usd"] == pytest.approx(5 * ONE)


@pytest.mark.parametrize(
    ("bounds", "requests"),
    [
        (["--since", "2026-11-20"], 5),
        (["--since", "2026-11-21"], 0),
        (["--until", "2026-11-20"], 5),
        (["--until", "2026-11-19"], 0),
        (["--until", "2026-11-20T10:00"], 0),
        (["--since", "2026-11-20T10:00", "--until", "2026-11-20T10:15"], 5),
        (["--since", "2026-11-20", "--timezone", "Pacific/Kiritimati"], 5),
        (["--since", "2026-11-21", "--timezone", "Pacific/Kiritimati"], 5),
        (["--since", "9000w"], 5),
    ],
)
def test_bounds(used: Cli, bounds: list[str], requests: int) -> None:
    assert used.json("stats", *bounds)["total"]["api_request_count"] == requests


def test_the_bounds_that_held_are_told(used: Cli) -> None:
    found = used.json("stats", "--since", "2026-11-20T10:07", "--until", "2026-11-20", "--timezone", "UTC")
    assert (found["since"], found["until"]) == (SECOND, SECOND + 14 * 3_600_000)
    assert (found["by"], found["timezone"]) == ("day", "UTC")


def test_the_table(used: Cli) -> None:
    assert used.ok("stats", "--by", "model").splitlines() == [
        "MODEL            SESSIONS  REQUESTS  INPUT  OUTPUT  CACHE READ  CACHE WRITE     COST",
        "claude-opus-5-5         2         5     50      25         500            0  <$0.001",
        "total                   2         5     50      25         500            0  <$0.001",
    ]


def test_a_model_without_a_price_is_counted_and_said(cli: Cli) -> None:
    path = write_session(cli.home, "a1", requests=2)
    path.write_text(path.read_text().replace("claude-opus-5-5", "claude-unheard-of"))
    done = cli.run("stats")
    assert done.returncode == 0
    assert done.stderr == "mi6-tui: 2 of 2 requests have no known price\n"
    assert done.stdout.splitlines()[-1].split()[-1] == "-"


def test_an_empty_store_has_a_total_of_nothing(cli: Cli) -> None:
    found = cli.json("stats")
    assert found["rows"] == []
    assert (found["total"]["api_request_count"], found["total"]["cost_usd"]) == (0, None)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--by", "mood"], "invalid choice: 'mood'"),
        (["--since", "soon"], "'soon' is no time"),
        (["--timezone", "Mars"], "no time zone is called 'Mars'"),
        (["--since", "2026-11-21", "--until", "2026-11-19"], "nothing is between"),
    ],
)
def test_bad_usage(used: Cli, args: list[str], words: str) -> None:
    assert words in used.fails(2, "stats", *args)


def override(home: Path, text: str) -> Path:
    path = home / "state" / "settings.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def cost(found: dict[str, Any]) -> float | None:
    value: float | None = found["total"]["cost_usd"]
    return value


def test_prices_of_ones_own_hold_as_soon_as_they_are_written(used: Cli) -> None:
    assert cost(used.json("stats")) == pytest.approx(5 * ONE)
    own = override(used.home, '[[prices]]\nmodel = "claude-opus-5-5"\ninput = 100\noutput = 0\n')
    assert cost(used.json("stats")) == pytest.approx(5 * 110 * 100e-6)
    assert used.json("session", "a1")["cost_usd"] == pytest.approx(2 * 110 * 100e-6)
    own.unlink()
    assert cost(used.json("stats")) == pytest.approx(5 * ONE)


def test_a_wrong_price_is_named_and_the_packaged_ones_are_used(used: Cli) -> None:
    own = override(used.home, '[[prices]]\nmodel = "claude-opus-5-5"\ninput = 0.000004\noutput = 1\n')
    done = used.run("stats", "--json")
    assert done.returncode == 0
    assert done.stderr == (
        f"mi6-tui: {own}:3: prices[0].input: 4e-06 is no price in USD per million tokens; "
        "the packaged prices are used until it is mended\n"
    )
    assert '"cost_usd":0.0008,' in done.stdout
