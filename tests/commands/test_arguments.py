"""Durations and numbers on the command line."""

from __future__ import annotations

import argparse

import pytest

from mi6_tui.commands.arguments import duration, natural


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("90d", 7_776_000_000),
        ("12h", 43_200_000),
        ("30m", 1_800_000),
        ("45s", 45_000),
        ("2w", 1_209_600_000),
        (" 1D ", 86_400_000),
        ("0d", 0),
    ],
)
def test_durations(text: str, ms: int) -> None:
    assert duration(text) == ms


@pytest.mark.parametrize("text", ["", "d", "90", "-1d", "1.5h", "1y", "٣d", "9999999999d", "1 d"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="write it like 90d"):
        duration(text)


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", "٣"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no whole number"):
        natural(text)


def test_numbers() -> None:
    assert natural("007") == 7
