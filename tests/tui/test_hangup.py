"""A dashboard whose terminal goes away without a word does not live on."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from textual.drivers._writer_thread import WriterThread

from mi6_tui.tui.driver import Outlet
from mi6_tui.tui.terminal import hung_up

PATIENCE = 60


@pytest.mark.parametrize("demo", [False, True])
def test_a_terminal_that_goes_away_takes_the_dashboard_with_it(tmp_path: Path, demo: bool) -> None:
    """It has the terminal as its streams, not as the one that sends it signals."""
    master, slave = pty.openpty()
    env = {"HOME": str(tmp_path), "MI6_TUI_HOME": str(tmp_path / "state"), "TERM": "xterm-256color"}
    done = subprocess.Popen(
        (sys.executable, "-m", "mi6_tui"),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=env,
        start_new_session=True,
    )
    os.close(slave)
    seen = b""
    while b"No sessions yet" not in seen:
        seen += os.read(master, 65536)
    if demo:
        os.write(master, b"D")
        while b"need you" not in seen:
            seen += os.read(master, 65536)
    children = psutil.Process(done.pid).children()
    assert len(children) == demo
    os.close(master)
    try:
        assert done.wait(PATIENCE)
        assert not any(child.is_running() for child in children)
    finally:
        done.kill()
        done.wait()


def test_a_terminal_that_is_there(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    with os.fdopen(slave) as stream:
        assert not hung_up(stream)
        os.close(master)
        assert hung_up(stream)
    assert not hung_up(None)


def test_nobody_waits_for_a_terminal_that_went_away() -> None:
    """However much is still drawn: a dashboard that waits would never find out, and never end."""
    master, slave = pty.openpty()
    with suppress(OSError), os.fdopen(slave, "w") as stream:  # what it still holds cannot be handed over
        writer = WriterThread(Outlet(stream))  # type: ignore[arg-type]
        writer.start()
        os.close(master)

        def draw() -> None:
            for _ in range(1000):
                writer.write("x" * 1000)
            writer.stop()

        drawing = threading.Thread(target=draw, daemon=True)
        drawing.start()
        drawing.join(PATIENCE)
        assert not drawing.is_alive()
        assert not writer.is_alive()
