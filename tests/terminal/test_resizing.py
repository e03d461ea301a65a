"""The terminal changes its size while the program runs."""

from __future__ import annotations

import pytest

from tests.terminal import walking
from tests.terminal.terminal import Terminal
from tests.terminal.walking import PAGES, show_page

STORM = [(40 + 37 * step % 170, 8 + 13 * step % 45) for step in range(30)]


@pytest.mark.parametrize("page", ["1", *PAGES])
def test_a_storm_of_resizes(terminal: Terminal, page: str) -> None:
    terminal.start("demo", "--seed", "1")
    terminal.see_head(walking.HOME)
    if page != "1":
        show_page(terminal, page)
    for width, height in STORM:
        terminal.resize(width, height)
    terminal.resize(100, 28)
    # The search page has its line focused, and names the keys of that.
    foot = "Esc leave" if page == "4" else "quit"
    terminal.until(lambda lines: len(lines) == 28 and foot in lines[-1], "a screen of the last size")
    assert all(len(line) <= 100 for line in terminal.lines)
    terminal.press("C-c")
    assert terminal.finish() == 0
    terminal.check_restored()
    terminal.check_quiet()


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 2), (12, 4), (20, 6)])
def test_a_tiny_terminal_is_no_trouble(terminal: Terminal, width: int, height: int) -> None:
    terminal.start("demo", "--seed", "1")
    terminal.see_head(walking.HOME)
    terminal.resize(width, height)
    terminal.resize(80, 24)
    terminal.until(lambda lines: len(lines) == 24 and "quit" in lines[-1], "a screen of the usual size")
    terminal.press("C-c")
    assert terminal.finish() == 0
    terminal.check_restored()
    terminal.check_quiet()
