"""Keys as a terminal sends them: one of them is the beginning of all others."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

PATIENCE = 60


def test_escape_alone_is_a_key_and_nobody_has_to_press_another(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    env = {"HOME": str(tmp_path), "MI6_TUI_HOME": str(tmp_path / "state"), "TERM": "xterm-256color"}
    with subprocess.Popen(
        (sys.executable, "-m", "mi6_tui"), stdin=slave, stdout=slave, stderr=slave, env=env
    ) as done:
        os.close(slave)
        seen = b""

        def see(words: bytes) -> None:
            nonlocal seen
            while words not in seen:
                seen += os.read(master, 65536)
            seen = b""

        see(b"No sessions yet")
        os.write(master, b"?")
        see(b"Esc")
        os.write(master, b"\x1b")
        see(b"No sessions yet")
        os.write(master, b"q")
        assert done.wait(PATIENCE) == 0
    os.close(master)
