"""Bars, shades, scales and axes: exact cells, and nothing that looks like something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mi6_tui.tui.plain import as_ascii
from mi6_tui.tui.widgets import plots

AMOUNTS = st.floats(0, 1e12)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "          "),
        (1e-9, "▏         "),
        (1, "█         "),
        (1.25, "█▎        "),
        (5, "█████     "),
        (10, "██████████"),
        (99, "██████████"),
    ],
)
def test_a_bar(value: float, shown: str) -> None:
    assert plots.bar(value, 10, 10) == shown


@given(AMOUNTS, AMOUNTS, st.integers(-2, 60))
def test_bars_are_exactly_as_wide_as_asked(value: float, top: float, width: int) -> None:
    bar = plots.bar(value, top, width)
    assert cell_len(bar) == max(0, width)
    assert (bar.strip() == "") == (value == 0 or top == 0 or width <= 0)


def test_shades() -> None:
    assert "".join(plots.shade(value, 4) for value in (0, 0.001, 1, 1.001, 2, 3, 3.001, 4, 5)) == " ░░▒▒▓███"
    assert plots.shade(1, 0) == " "
    assert len(set(map(as_ascii, plots.shades()))) == len(plots.shades()) == 5


@pytest.mark.parametrize(
    ("values", "top"),
    [([], 0), ([0, 0], 0), ([3], 5), ([5], 5), ([5.01], 10), ([0.003], 0.005), ([61, 7], 100), ([130], 200)],
)
def test_scales_end_at_round_numbers(values: list[float], top: float) -> None:
    assert plots.scale_top(values) == pytest.approx(top)


@given(st.lists(st.floats(1e-6, 1e12), min_size=1))
def test_no_value_is_above_its_scale(values: list[float]) -> None:
    top = plots.scale_top(values)
    assert max(values) <= top * (1 + 1e-9) and top <= max(values) * 5 * (1 + 1e-9)


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (21, "0       $5.00  $10.00"),
        (30, "0           $5.00       $10.00"),
        (16, "0         $10.00"),
        (10, "0   $10.00"),
        (6, "$10.00"),
        (5, "     "),
        (0, ""),
    ],
)
def test_an_axis_leaves_out_what_would_touch(width: int, line: str) -> None:
    assert plots.axis(["0", "$5.00", "$10.00"], width) == line


def test_ticks() -> None:
    assert plots.ticks(["0", "12", "long"], 4, 12) == "0   12  lon "
    assert plots.ticks(["0", "12"], 4, 0) == ""
