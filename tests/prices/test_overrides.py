"""Prices in the settings file: all of them are clear, or none is used."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mi6_tui.prices.overrides import PriceError, read_overrides

GOOD = """
theme = "night"

[[prices]]
model = "house-1"
input = 1.5
output = 6
cache_read = 0.15
cache_write_1h = 3
until = 2026-06-01
tiers = [
  { above = 200000, input = 3, output = 12, cache_read = 0.3, cache_write_1h = 6 },
  { above = 100000, input = 2, output = 8, cache_read = 0.2, cache_write_1h = 4 },
]
multipliers = { "speed=fast" = 2.5 }
web_search = 5
context_window = 300000

[[prices]]
model = "house-1"
from = 2026-06-01
input = 1
output = 4
"""


def settings(folder: Path, text: str) -> Path:
    path = folder / "settings.toml"
    path.write_text(text)
    return path


def test_rows_are_read_as_written(tmp_path: Path) -> None:
    old, new = read_overrides(settings(tmp_path, GOOD))
    assert (old.id, new.id) == ("settings/house-1", "settings/house-1@2026-06-01")
    assert (old.models, old.start, old.end) == (("house-1",), None, date(2026, 6, 1))
    assert (old.input, old.output, old.cache_read, old.cache_write_5m, old.cache_write_1h) == (
        1.5,
        6,
        0.15,
        None,
        3,
    )
    assert [tier.above for tier in old.tiers] == [100_000, 200_000]
    assert (old.rates(150_000).input, old.rates(250_000).output) == (2, 12)
    assert (old.multipliers, old.web_search, old.context_window) == ({"speed=fast": 2.5}, 5, 300_000)
    assert (new.start, new.end, new.input) == (date(2026, 6, 1), None, 1)


def test_without_a_file_or_a_section_there_are_none(tmp_path: Path) -> None:
    assert read_overrides(tmp_path / "settings.toml") == ()
    assert read_overrides(settings(tmp_path, "theme = 'night'\n")) == ()


def row(**changes: str) -> str:
    """A good row, but for these keys; an empty value leaves one out."""
    told = {"model": '"m"', "input": "1", "output": "2"} | changes
    return "[[prices]]\n" + "".join(f"{name} = {value}\n" for name, value in told.items() if value)


@pytest.mark.parametrize(
    ("text", "line", "place", "reason"),
    [
        (row(inptu="1"), 5, "prices[0].inptu", "unknown field `inptu`"),
        (row(input=""), 1, "prices[0]", "missing required field `input`"),
        (row(model=""), 1, "prices[0]", "missing required field `model`"),
        (row(input='"$3"'), 3, "prices[0].input", "Expected `float`"),
        (row(input="0.000003"), 3, "prices[0].input", "no price in USD per million tokens"),
        (row(output="-1"), 4, "prices[0].output", "no price in USD per million tokens"),
        (row(cache_read="nan"), 5, "prices[0].cache_read", "no price in USD per million tokens"),
        (row(cache_read="30000"), 5, "prices[0].cache_read", "no price in USD per million tokens"),
        (row(tiers="[{above = 1, input = 1e-6, output = 1}]"), 5, "prices[0].tiers[0].input", "no price"),
        (
            row(tiers="[\n{above = 1, input = 1, output = 1},\n{above = 2, input = 1, output = 1, x = 1}]"),
            7,
            "prices[0].tiers[1].x",
            "unknown field `x`",
        ),
        (row(multipliers='{"speed=fast" = -1}'), 5, "prices[0].multipliers.speed=fast", "not possible"),
        (row(web_search="inf"), 5, "prices[0].web_search", "not possible"),
        (row(**{"from": '"soon"'}), 5, "prices[0].from", "Invalid RFC3339"),
        (row(**{"from": "2026-02-01", "until": "2026-02-01"}), 6, "prices[0].until", "not after 2026-02-01"),
        (
            row(tiers="[{above = 0, input = 1, output = 1}]"),
            5,
            "prices[0].tiers[0].above",
            "no number of tokens",
        ),
        (
            row(tiers="[{above = 9, input = 1, output = 1}, {above = 9, input = 2, output = 2}]"),
            5,
            "prices[0].tiers[1].above",
            "9 has two tiers",
        ),
        (
            row(cache_read="0.1", tiers="[{above = 9, input = 2, output = 2}]"),
            6,
            "prices[0].tiers[0].cache_read",
            "the row has one",
        ),
        (row(multipliers="{fast = 2}"), 5, "prices[0].multipliers.fast", "speed=fast"),
        (row(multipliers='{"sped=fast" = 2}'), 5, "prices[0].multipliers.sped=fast", "give one of speed"),
        (row(multipliers='{"speed=fast" = 0}'), 5, "prices[0].multipliers.speed=fast", "not possible"),
        (row(context_window="-5"), 5, "prices[0].context_window", "no number of tokens"),
        (row(model='" "'), 2, "prices[0].model", "names no model"),
        (row() + row(), 5, "prices[1]", "m has two prices on every day"),
        (
            row(until="2026-06-02") + row(**{"from": "2026-06-01"}),
            6,
            "prices[1]",
            "m has two prices on 2026-06-01",
        ),
        ("prices = 3", 1, "prices", "expected tables"),
        ("prices = [{model = 'm', input = 1, output = 1},\n1]", 2, "prices[1]", "Expected `object`"),
    ],
)
def test_what_is_wrong_is_named_with_its_file_and_place(
    tmp_path: Path, text: str, line: int, place: str, reason: str
) -> None:
    path = settings(tmp_path, text)
    with pytest.raises(PriceError) as refused:
        read_overrides(path)
    assert refused.value.message.startswith(f"{path}:{line}: {place}: ")
    assert reason in refused.value.message
    assert refused.value.hint == "the packaged prices are used until it is mended"


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(PriceError, match=r"settings\.toml: Expected .* end of an array declaration"):
        read_overrides(settings(tmp_path, "[[prices"))


def test_two_models_may_have_prices_on_the_same_days(tmp_path: Path) -> None:
    assert len(read_overrides(settings(tmp_path, row() + row(model='"n"')))) == 2


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(PriceError, match=r"settings\.toml"):
        read_overrides(path)
