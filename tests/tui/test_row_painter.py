"""How often the ages of painted rows are told anew."""

from __future__ import annotations

import pytest

from mi6_tui.tui.row_painter import RowPainter, nothing
from tests.tui.conftest import NOW
from tests.tui.makers import session


@pytest.mark.parametrize(
    ("status", "since", "moments"),
    [
        ("working", 20_000, range(31)),
        ("waiting", 120_000, range(0, 31, 5)),
        ("your turn", 20_000, range(0, 31, 10)),
    ],
)
def test_the_older_and_the_quieter_the_more_seldom(status: str, since: int, moments: range) -> None:
    painter = RowPainter(nothing)
    one = session(status_shown=status, status_since=NOW - since)
    painter.choose(None, (one,))
    slots = painter.slots(120)
    begin = NOW // 10_000 * 10_000
    painter.ages(one, begin, slots)
    told = [0]
    for second in range(1, 31):
        now = begin + second * 1000
        if painter.aged(one, now - 1000, now, slots):
            painter.ages(one, now, slots)
            told.append(second)
    assert told == list(moments)
