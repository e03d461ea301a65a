"""Terminals within terminals, in real ones: tmux in tmux, GNU screen."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mi6_tui.actions.errors import FocusError
from mi6_tui.actions.focus import focus
from mi6_tui.ingest.live.processes import system_processes
from tests.actions.sessions import seen, session
from tests.actions.tmux import Tmux

needs_screen = pytest.mark.skipif(shutil.which("screen") is None, reason="there is no GNU screen")


def test_the_terminal_that_shows_tmux_may_be_a_pane_of_another_tmux(tmux: Tmux, folder: Path) -> None:
    """The inner server is shown by a pane of the outer one, which stands behind another window."""
    (folder / "outer").mkdir()
    outer = Tmux(folder / "outer")
    try:
        first = tmux.pane("new-session", "-d", "-s", "agents")
        wanted = tmux.pane("new-window", "-d", "-t", "agents:")
        outer("new-session", "-d", "-s", "desk", "cat")
        before = outer("display-message", "-p", "-t", "desk:", "#{pane_id}")
        tmux("set-hook", "-g", "client-attached", "wait-for -S attached")
        # tmux refuses to nest while it sees the outer one; the shell that hides it still knows.
        command = f"env -u TMUX tmux -S '{tmux.socket}' attach-session -t agents; exec cat"
        inner = outer("new-window", "-d", "-t", "desk:", "-P", "-F", "#{pane_id}", command)
        tmux("wait-for", "attached")
        client = outer.attach("desk")
        assert (outer.seen()[client], [*tmux.seen().values()]) == (before, [first])
        terminal = f"tmux {tmux.socket} {wanted}"
        assert focus(session(terminal=terminal), env=tmux.env) == ""
        assert (outer.seen()[client], [*tmux.seen().values()]) == (inner, [wanted])
        # From within the inner server its own terminal is in front already.
        outer("select-window", "-t", before)
        focus(session(terminal=terminal), env={**tmux.env, "TMUX": f"{tmux.socket},1,0"})
        assert outer.seen()[client] == before
    finally:
        outer.close()


def test_what_the_store_does_not_know_the_process_tells(tmux: Tmux) -> None:
    tmux.pane("new-session", "-d", "-s", "one")
    wanted = tmux.pane("new-window", "-d", "-t", "one:")
    pid = int(tmux("display-message", "-p", "-t", wanted, "#{pane_pid}"))
    client = tmux.attach("one")
    process = system_processes().find(pid)
    assert process is not None
    focus(session(terminal=None), seen(process), env=tmux.env)
    assert tmux.seen() == {client: wanted}


@pytest.fixture
def screen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A session of GNU screen with two windows; its name."""
    (folder / "screens").mkdir(mode=0o700)
    monkeypatch.setenv("SCREENDIR", str(folder / "screens"))
    monkeypatch.setenv("TERM", "xterm")
    subprocess.run(("screen", "-dmS", "work", "cat"), check=True)
    while not (names := [entry.name for entry in (folder / "screens").iterdir()]):
        os.sched_yield()  # it goes into the background before it has a name
    (name,) = names
    while subprocess.run(("screen", "-S", name, "-X", "screen", "cat"), check=False).returncode:
        os.sched_yield()
    yield name
    subprocess.run(("screen", "-S", name, "-X", "quit"), check=True)


def window(name: str) -> str:
    """The number of the window that is chosen."""
    told = subprocess.run(("screen", "-S", name, "-Q", "number"), capture_output=True, text=True, check=False)
    return told.stdout.split()[0]


@needs_screen
def test_a_screen_session_that_no_terminal_shows(screen: str) -> None:
    with pytest.raises(FocusError, match="no terminal shows this screen session") as raised:
        focus(session(terminal=f"screen {screen}"))
    assert raised.value.hint == f"`screen -r {screen}` does"


@needs_screen
def test_a_screen_session_that_is_gone(screen: str) -> None:
    with pytest.raises(FocusError, match=r"there is no screen session 1\.other any more"):
        focus(session(terminal="screen 1.other"))


@needs_screen
def test_a_window_of_screen_is_chosen(screen: str, folder: Path) -> None:
    master, slave = pty.openpty()
    shown = subprocess.Popen(
        ("screen", "-r", screen), stdin=slave, stdout=slave, stderr=slave, start_new_session=True
    )
    try:
        while not (folder / "screens" / screen).stat().st_mode & 0o100:  # set while a terminal shows it
            os.read(master, 1 << 16)
        for number in ("0", "1"):
            pid = child_in_window(screen, number)
            process = system_processes().find(pid)
            assert process is not None
            focus(session(terminal=f"screen {screen}"), seen(process))
            assert window(screen) == number
    finally:
        shown.kill()
        shown.wait()
        os.close(master)
        os.close(slave)


def child_in_window(name: str, number: str) -> int:
    """Pid of what runs in a window, once it has its environment."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        processes = system_processes()
        for child in processes.children(int(name.partition(".")[0])):
            if processes.environment(child.pid, ("WINDOW",)).get("WINDOW") == number:
                return child.pid
        os.sched_yield()
    raise AssertionError(f"nothing runs in window {number}")
