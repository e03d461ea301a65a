"""Widths, cutting and cleaning of text that comes from anywhere."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mi6_tui.report.cells import clean, cut, pad, width


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", 0),
        ("abc", 3),
        ("修复", 4),
        ("e\u0301", 1),
        ("a\u200bb", 2),
        ("🚀", 2),
        ("한글", 4),
        ("ｆｕｌｌ", 8),
        ("أصلح", 4),
    ],
)
def test_width_in_cells(text: str, cells: int) -> None:
    assert width(text) == cells


@pytest.mark.parametrize(
    "block",
    [
        (0x4E00, 0x9FFF),
        (0xAC00, 0xD7A3),
        (0x3041, 0x30FF),
        (0x0020, 0x007E),
        (0x00C0, 0x024F),
        (0x0370, 0x03FF),
    ],
)
def test_width_of_every_letter_agrees_with_an_independent_table(block: tuple[int, int]) -> None:
    for code in range(block[0], block[1] + 1):
        char = chr(code)
        if unicodedata.category(char) not in ("Cn", "Lm"):
            assert width(char) == cell_len(char), f"U+{code:04X}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\tand  blanks ", "two lines and blanks"),
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("\x9b2J", "2J"),
        ("\u202eevil\u202c", "evil"),
        ("half \ud83d pair", "half \ufffd pair"),
        ("a\u2028b", "a b"),
        ("nul\0byte", "nul byte"),
    ],
)
def test_clean_leaves_nothing_that_moves_the_cursor(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(st.text())
def test_clean_text_is_one_line_without_control_characters_and_stays_so(text: str) -> None:
    cleaned = clean(text)
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in cleaned)
    assert clean(cleaned) == cleaned


@given(st.text(), st.integers(0, 30))
def test_cut_text_fits_and_says_that_it_was_cut(text: str, cells: int) -> None:
    whole = clean(text)
    short = cut(whole, cells)
    assert width(short) <= cells
    assert short == whole or cells == 0 or short.endswith("…")


def test_cut_never_splits_a_wide_character() -> None:
    assert cut("修复登录", 8) == "修复登录"
    assert cut("修复登录", 7) == "修复登…"
    assert cut("修复登录", 6) == "修复…"


@given(st.text(max_size=10), st.integers(0, 30), st.booleans())
def test_padded_text_fills_its_cells(text: str, cells: int, right: bool) -> None:
    whole = clean(text)
    assert width(pad(whole, cells, right=right)) == max(cells, width(whole))
