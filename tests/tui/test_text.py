"""Foreign text and numbers, cell by cell."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mi6_tui.tui import text


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        (None, ""),
        ("", ""),
        ("  two\n\twords  ", "two words"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07rest", "rest"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("bell\x07 back\x08 \x9bc1", "bell back c1"),
        ("\u202egnp.exe", "gnp.exe"),
        ("zero\u200bwidth\u2060", "zerowidth"),
        ("\ud800lone", "lone"),
        ("[/x] [bold]", "[/x] [bold]"),
        ("👩\u200d💻", "👩💻"),
        ("👍🏽", "👍"),
    ],
)
def test_clean(foreign: str | None, shown: str) -> None:
    assert text.clean(foreign) == shown


def test_clean_bounds_what_it_returns_and_what_it_reads() -> None:
    assert text.clean("x" * 1000, 10) == "x" * 9 + "…"
    assert text.clean("x" * 10, 10) == "x" * 10


@given(st.text())
def test_clean_leaves_nothing_that_steers_a_terminal(foreign: str) -> None:
    shown = text.clean(foreign)
    assert all(ord(char) >= 32 and not 0x7F <= ord(char) < 0xA0 for char in shown)
    assert len(shown) <= text.TEXT_LIMIT


@given(st.text(), st.integers(min_value=0, max_value=60), st.booleans())
def test_fit_fills_exactly_its_cells(foreign: str, width: int, right: bool) -> None:
    assert cell_len(text.fit(text.clean(foreign), width, right=right)) == width


@pytest.mark.parametrize(
    ("words", "width", "shown"),
    [
        ("abc", 5, "abc  "),
        ("abcdef", 5, "abcd…"),
        ("登录页面", 8, "登录页面"),
        ("登录页面", 7, "登录页…"),
        ("登录页面", 6, "登录… "),
    ],
)
def test_fit(words: str, width: int, shown: str) -> None:
    assert text.fit(words, width) == shown


@pytest.mark.parametrize(
    ("ms", "shown"),
    [
        (None, "-"), (-5, "0s"), (0, "0s"), (59_999, "59s"), (60_000, "1m00"), (252_000, "4m12"),
        (599_999, "9m59"), (600_000, "10m"), (3_599_999, "59m"), (3_600_000, "1h00"),
        (7_500_000, "2h05"), (86_399_999, "23h59"),
        (86_400_000, "1d"), (400 * 86_400_000, "400d"),
    ],
)  # fmt: skip
def test_age(ms: int | None, shown: str) -> None:
    assert text.age(ms) == shown


@pytest.mark.parametrize(
    ("ms", "shown"),
    [
        (None, ""),
        (0, "0ms"),
        (999, "999ms"),
        (1000, "1.0s"),
        (59_949, "59.9s"),
        (59_950, "59s"),
        (252_000, "4m12"),
    ],
)
def test_duration(ms: int | None, shown: str) -> None:
    assert text.duration(ms) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (None, "-"), (0, "0"), (999, "999"), (1000, "1.0k"), (12_345, "12.3k"), (99_949, "99.9k"),
        (99_950, "100k"), (999_499, "999k"), (999_500, "1.00M"), (4_560_000, "4.56M"), (12_340_000, "12.3M"),
        (123_400_000, "123M"), (999_499_999, "999M"), (1_230_000_000, "1.23G"), (1_234_000_000_000, "1234G"),
    ],
)  # fmt: skip
def test_count(number: int | None, shown: str) -> None:
    assert text.count(number) == shown


@given(st.integers(min_value=0, max_value=999_000_000_000))
def test_count_fits_five_cells_and_is_close(number: int) -> None:
    shown = text.count(number)
    assert len(shown) <= 5
    unit = {"k": 10**3, "M": 10**6, "G": 10**9}.get(shown[-1])
    value = float(shown[:-1]) * unit if unit else int(shown)
    assert abs(value - number) <= max(0.06 * 10**3, 0.006 * number)


def test_tokens_say_when_they_are_a_lower_bound() -> None:
    assert text.tokens(12_345, 0) == "12.3k"
    assert text.tokens(12_345, 2) == "≥12.3k"
    assert text.tokens(None, 2) == "-"


@given(st.floats(min_value=0, max_value=1), st.integers(min_value=1, max_value=20))
def test_bar_is_exactly_as_wide_as_asked(share: float, width: int) -> None:
    filled, empty = text.bar(share, width)
    assert cell_len(filled) + cell_len(empty) == width
    assert bool(filled) == (share > 0)


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.0, "0%"), (0.001, "<1%"), (0.005, "0%"), (0.64, "64%"), (0.999, "99%"), (1.0, "100%")],
)
def test_percent(share: float, shown: str) -> None:
    assert text.percent(share) == shown


@pytest.mark.parametrize(
    ("model", "shown"),
    [
        (None, "-"), ("", "-"), ("claude-opus-5-5-20261015", "opus-5.5"), ("claude-sonnet-5-5", "sonnet-5.5"),
        ("claude-opus-5-5[1m]", "opus-5.5[1m]"), ("gpt-6.1", "gpt-6.1"), ("claude-", "claude-"),
        ("claude-3-opus", "claude-3-opus"), ("\x1b[1mx", "x"),
    ],
)  # fmt: skip
def test_short_model(model: str | None, shown: str) -> None:
    assert text.short_model(model) == shown


def test_times_no_calendar_holds_are_unknown() -> None:
    assert text.time_of_day(1_795_442_531_000, UTC) == "14:02:11"
    assert text.time_of_day(2**62, UTC) == "--:--:--"
    assert text.time_of_day(-(2**62), None) == "--:--:--"


def test_only_wide_characters_make_lines_shorter() -> None:
    words = "waiting · greet: " + "word " * 20
    assert max(len(line) for line in text.wrapped(words, 60)) > 50
    assert all(cell_len(line) <= 60 for line in text.wrapped("登录页面 " * 30 + words, 60))
