"""The progress bar: drawn on a terminal once a scan takes its time, silent anywhere else."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

SCRIPT = """
from mi6_tui.ingest.progress import Progress
from mi6_tui.report.progress import progress_bar

def at(done, elapsed):
    return Progress(
        files_done=done, files_total=4, bytes_done=done * 10**6, bytes_total=4 * 10**6,
        lines=done, events=done, path=None, elapsed=elapsed,
    )

with progress_bar() as show:
    print("callback" if show else "silence")
    for progress in ({steps}):
        if show:
            show(progress)
"""


def on_terminal(steps: str) -> str:
    """What the script wrote on a terminal, without its escape sequences."""
    master, slave = pty.openpty()
    done = subprocess.run(
        (sys.executable, "-c", SCRIPT.replace("{steps}", steps)),
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=slave,
        env=os.environ | {"TERM": "xterm-256color", "COLUMNS": "100"},
        check=True,
    )
    os.close(slave)
    seen = b""
    while True:
        try:
            piece = os.read(master, 1 << 16)
        except OSError:  # how Linux says that the other side is closed
            piece = b""
        if not piece:
            break
        seen += piece
    os.close(master)
    assert done.returncode == 0
    return re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", seen.decode())


def test_a_long_scan_shows_files_bytes_rate_and_time_left() -> None:
    seen = on_terminal("at(0, 0.1), at(1, 0.5), at(2, 2.0), at(4, 4.0)")
    assert "1/4 files  1.0 MB of 4.0 MB  2.0 MB/s" in seen
    assert "2.0 MB/s  about" not in seen, "half a second foretells nothing"
    assert "2/4 files  2.0 MB of 4.0 MB  1.0 MB/s  about 2 s left" in seen
    assert "0/4 files" not in seen
    assert "━" in seen


def test_the_time_left_is_told_in_round_words() -> None:
    seen = on_terminal("at(1, 40.0), at(1, 1199.0), at(1, 1800.0)")
    assert "about 2 min left" in seen
    assert "about 60 min left" not in seen
    assert "about 1 h 0 min left" in seen
    assert "about 1 h 30 min left" in seen


def test_a_short_scan_shows_nothing() -> None:
    assert on_terminal("at(1, 0.1), at(4, 0.2)").strip() == "callback"


def test_no_terminal_no_bar() -> None:
    done = subprocess.run(
        (sys.executable, "-c", SCRIPT.replace("{steps}", "at(1, 0.5), at(4, 2.0)")),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("silence\n", "")
