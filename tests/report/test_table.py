"""Tables line up at any width."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mi6_tui.report.cells import clean, width
from mi6_tui.report.table import Cell, Column, render

COLUMNS = (
    Column(header="STATE"),
    Column(header="NAME", least=8),
    Column(header="TOKENS", right=True),
)


def cells(*texts: str) -> list[Cell]:
    return [Cell(text) for text in texts]


def test_columns_are_as_wide_as_their_widest_value() -> None:
    rows = [cells("working", "修复登录", "12k"), cells("idle", "a", "1.4M")]
    assert render(COLUMNS, rows) == [
        "STATE    NAME      TOKENS",
        "working  修复登录     12k",
        "idle     a           1.4M",
    ]


def test_the_flexible_column_gives_way() -> None:
    rows = [cells("working", "a rather long name of a session", "12k")]
    assert render(COLUMNS, rows, fit=30) == [
        "STATE    NAME           TOKENS",
        "working  a rather lon…     12k",
    ]


def test_columns_that_find_no_room_are_left_out() -> None:
    rows = [cells("working", "a rather long name of a session", "12k")]
    assert render(COLUMNS, rows, fit=20) == ["STATE    NAME", "working  a rather l…"]


def test_no_rows_leave_the_heading() -> None:
    assert render(COLUMNS, []) == ["STATE  NAME  TOKENS"]


def test_colour_surrounds_the_padded_cell_and_only_where_wanted() -> None:
    rows = [[Cell("busy", "32"), Cell("a"), Cell("1")]]
    assert render(COLUMNS, rows, colour=True)[1] == "\x1b[32mbusy \x1b[0m  a          1"
    assert "\x1b" not in "".join(render(COLUMNS, rows))


@given(
    st.lists(st.lists(st.text(max_size=30).map(clean), min_size=3, max_size=3), max_size=4),
    st.integers(1, 60),
)
def test_no_line_is_wider_than_the_terminal(texts: list[list[str]], fit: int) -> None:
    for line in render(COLUMNS, [cells(*row) for row in texts], fit=fit):
        assert width(line) <= fit


def test_without_a_limit_a_long_value_stands_in_full_and_widens_no_other_row() -> None:
    rows = [[Cell("x" * 5000), Cell("end")], [Cell("y"), Cell("end")]]
    heading, long, short = render([Column(header="A"), Column(header="B")], rows)
    assert long == "x" * 5000 + "  end"
    assert (len(heading), len(short)) == (83, 85)
