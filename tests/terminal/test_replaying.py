"""A recorded store played again on a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from mi6_tui.ingest.demo import fill_demo
from mi6_tui.storage.sqlite import SqliteStorage
from tests.terminal.terminal import Terminal

NOW = 1_795_442_531_000
"""2026-11-23 14:02:11 UTC."""


@pytest.fixture
def recorded(terminal: Terminal) -> Path:
    """Ten minutes of the demo and what was before."""
    path = terminal.folder / "recorded.db"
    storage = SqliteStorage(path, clock=lambda: NOW)
    fill_demo(storage, NOW, played=600_000)
    storage.close()
    return path


def test_it_tells_its_time_is_stopped_and_moved(terminal: Terminal, recorded: Path) -> None:
    terminal.start("replay", str(recorded), "--from", "10m", "--speed", "0.2")
    terminal.see(r"replay Mon 23 Nov 2026 13:52:\d\d .*0\.2x")
    terminal.see("Clean the build folder")
    terminal.press("P")
    terminal.see("paused")
    terminal.press("]")
    terminal.see("13:53:")
    terminal.press("]", "]")
    terminal.see("13:55:")
    terminal.press("[")
    terminal.see("13:54:")
    terminal.see("Clean the build folder")
    terminal.press("}")
    terminal.see(r"14:02:1\d .*100 %  the end")
    terminal.press("q")
    assert terminal.finish() == 0
    terminal.check_restored()
    terminal.check_quiet()


def test_its_speed_is_changed_and_every_page_has_the_strip(terminal: Terminal, recorded: Path) -> None:
    terminal.start("replay", str(recorded), "--from", "10m", "--speed", "1")
    terminal.see("13:52:.* 1x")
    terminal.press(">", ">")
    terminal.see(" 4x")
    terminal.press("<")
    terminal.see(" 2x")
    for key, name in (("2", "events"), ("3", "usage"), ("5", "system")):
        terminal.press(key)
        terminal.see(rf"^ mi6 +{name}")
        terminal.see_head("replay Mon 23 Nov")
        terminal.until(lambda lines: "quit" in lines[-1], "a whole foot")
    terminal.press("q")
    assert terminal.finish() == 0
    terminal.check_restored()
    terminal.check_quiet()
