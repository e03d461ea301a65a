"""However the program ends, the terminal is given back as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.terminal.terminal import RESTORED, Terminal

HOME = "need you"


def test_q_ends_the_demo(terminal: Terminal) -> None:
    terminal.start("demo", "--seed", "1")
    terminal.see_head(HOME)
    assert terminal.state != RESTORED
    terminal.press("q")
    assert terminal.finish() == 0
    terminal.check_restored()
    terminal.check_quiet()


def test_ctrl_c_ends_it_too(terminal: Terminal) -> None:
    terminal.start("demo", "--seed", "1")
    terminal.see_head(HOME)
    terminal.press("C-c")
    assert terminal.finish() == 0
    terminal.check_restored()
    terminal.check_quiet()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
@pytest.mark.parametrize("page", ["1", "2", "3"])
def test_a_signal_on_any_page(terminal: Terminal, number: signal.Signals, page: str) -> None:
    terminal.start("demo", "--seed", "1")
    terminal.see_head(HOME)
    if page != "1":
        terminal.press(page)
        terminal.see_head(r"^ mi6 +(events|usage)")
    os.kill(terminal.pid, number)
    assert terminal.finish() == 128 + number
    terminal.check_restored()
    terminal.check_quiet()


def test_a_real_home_can_be_left_too(terminal: Terminal) -> None:
    terminal.start()
    terminal.see("quit")
    terminal.press("q")
    assert terminal.finish() == 0
    terminal.check_restored()
    terminal.check_quiet()


def test_the_demo_leaves_nothing_behind(terminal: Terminal) -> None:
    folder = terminal.folder / "temporary"
    folder.mkdir()
    terminal.start("demo", env={"TMPDIR": str(folder)})
    terminal.see_head(HOME)
    assert [path.name.startswith("mi6-tui-demo-") for path in folder.iterdir()] == [True]
    terminal.press("q")
    assert terminal.finish() == 0
    assert list(folder.iterdir()) == []
    assert not (terminal.home / "state" / "mi6.db").exists()


def test_what_a_killed_demo_left_is_taken_away_by_the_next(terminal: Terminal) -> None:
    folder = terminal.folder / "temporary"
    folder.mkdir()
    env = {**os.environ, "HOME": str(terminal.home), "TMPDIR": str(folder)}
    terminal.start("demo", env={"TMPDIR": str(folder)})
    terminal.see_head(HOME)
    (left,) = folder.iterdir()
    subprocess.run((sys.executable, "-m", "mi6_tui", "demo", "--json"), env=env, check=True, stdout=-3)
    assert list(folder.iterdir()) == [left], "it is in use"
    os.kill(terminal.pid, signal.SIGKILL)
    assert terminal.finish() == 128 + signal.SIGKILL
    assert list(folder.iterdir()) == [left]
    subprocess.run((sys.executable, "-m", "mi6_tui", "demo", "--json"), env=env, check=True, stdout=-3)
    assert list(folder.iterdir()) == []
