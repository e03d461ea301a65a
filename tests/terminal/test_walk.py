"""Every page and every key, at every supported size, over the demo and over transcripts of real clients."""

from __future__ import annotations

import pytest

from tests.recorded import furnish
from tests.terminal import walking
from tests.terminal.terminal import Terminal
from tests.terminal.walking import PAGES, show_page, try_all

SIZES = ((80, 24), (120, 35), (200, 50))


def walk(terminal: Terminal) -> None:
    """All pages, each with its help."""
    for key, name in PAGES.items():
        show_page(terminal, key)
        check_fits(terminal)
        if name != "search":  # where it is one of the words looked for
            terminal.press("?")
            terminal.see("Keys: ")
            terminal.press("Escape")
            terminal.lose("Keys: ")


def check_fits(terminal: Terminal) -> None:
    """The screen is used from the first line to the last."""
    terminal.until(lambda lines: bool(lines[0].strip() and lines[-1].strip()), "a full screen")
    width, height = terminal.size
    assert len(terminal.lines) == height
    assert all(len(line) <= width for line in terminal.lines)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_demo_at_every_size(terminal: Terminal, width: int, height: int) -> None:
    terminal.start("demo", "--seed", "1", width=width, height=height)
    terminal.see_head(walking.HOME)
    terminal.see("Clean the build")
    check_fits(terminal)
    walk(terminal)
    terminal.press("C-c")
    assert terminal.finish() == 0
    terminal.check_restored()
    terminal.check_quiet()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_recorded_transcripts_at_every_size(terminal: Terminal, width: int, height: int) -> None:
    furnish(terminal.home)
    terminal.start(width=width, height=height)
    terminal.see("have ended|need you")
    terminal.press("a")
    terminal.see("ended|silent")
    walk(terminal)
    terminal.press("C-c")
    assert terminal.finish() == 0
    terminal.check_restored()
    terminal.check_quiet()


@pytest.mark.parametrize("title", ["Sessions", "Everywhere"])
def test_every_key_at_home(terminal: Terminal, title: str) -> None:
    terminal.start("demo", "--seed", "1")
    terminal.see_head(walking.HOME)
    try_all(terminal, title)
    terminal.press("C-c")
    assert terminal.finish() == 0
    terminal.check_restored()
    terminal.check_quiet()


@pytest.mark.parametrize(("key", "title"), [(key, name.capitalize()) for key, name in PAGES.items()])
def test_every_key_on_a_page(terminal: Terminal, key: str, title: str) -> None:
    terminal.start("demo", "--seed", "1")
    terminal.see_head(walking.HOME)
    show_page(terminal, key)
    try_all(terminal, title)
    terminal.press("C-c")
    assert terminal.finish() == 0
    terminal.check_restored()
    terminal.check_quiet()


def test_every_key_in_a_session(terminal: Terminal) -> None:
    terminal.start("demo", "--seed", "1")
    terminal.see_head(walking.HOME)
    terminal.press("Enter")
    terminal.see("Clean the build folder and rebuild")
    try_all(terminal, "A session")
    terminal.press("C-c")
    assert terminal.finish() == 0
    terminal.check_restored()
    terminal.check_quiet()
