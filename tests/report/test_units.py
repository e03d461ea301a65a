"""Numbers and times in words."""

from __future__ import annotations

import pytest

from mi6_tui.report.units import count, moment, size, span


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.0k"),
        (9_999, "9.9k"),
        (12_345, "12k"),
        (999_999, "999k"),
        (1_400_000, "1.4M"),
        (2_000_000_000, "2.0G"),
        (10**15, "1000T"),
    ],
)
def test_count(number: int, text: str) -> None:
    assert count(number) == text


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (-5, "0s"),
        (999, "0s"),
        (45_000, "45s"),
        (60_000, "1m"),
        (3_599_999, "59m"),
        (7_200_000, "2h"),
        (864_000_000, "10d"),
    ],
)
def test_span(ms: int, text: str) -> None:
    assert span(ms) == text


def test_moment_is_local_time_or_unknown() -> None:
    assert moment(1_700_000_000_123) == "2023-11-14 22:13:20"
    assert moment(2**62) == "-"


@pytest.mark.parametrize(("number", "text"), [(12, "12 B"), (1500, "1.5 kB"), (106_000_000, "106 MB")])
def test_size(number: int, text: str) -> None:
    assert size(number) == text
