"""When a machine's word is too old, and when its clock is wrong."""

from __future__ import annotations

import pytest

from mi6_tui.judge.freshness import silent_for, skew
from mi6_tui.model import Machine, Way

NOW = 1_800_000_000_000


def machine(skew_ms: int | None = None, ago: int = 0) -> Machine:
    return Machine(machine_id="m", seen_at=NOW - ago, skew_ms=skew_ms, way=Way.PUSH)


@pytest.mark.parametrize(
    ("ago", "silence"),
    [(-5_000, None), (0, None), (120_000, None), (120_001, 120_001), (7_200_000, 7_200_000)],
)
def test_two_minutes_are_too_long(ago: int, silence: int | None) -> None:
    assert silent_for(machine(ago=ago), NOW) == silence


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (None, ""),
        (0, ""),
        (2_000, ""),
        (-2_000, ""),
        (2_001, "clock 2 s ahead"),
        (12_900, "clock 12 s ahead"),
        (-3_000, "clock 3 s behind"),
        (119_999, "clock 119 s ahead"),
        (-7_200_000, "clock 120 min behind"),
    ],
)
def test_a_clock_may_be_off_by_two_seconds(ms: int | None, words: str) -> None:
    assert skew(machine(ms)) == words
