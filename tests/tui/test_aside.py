"""Work beside the screen: what blocks for ever does not keep the program, what is under way is waited for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import asyncio, os, sys, threading
from contextlib import closing
from pathlib import Path
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui import aside
from mi6_tui.tui.app import Mi6App

folder, aside._PATIENCE = Path(sys.argv[1]), float(sys.argv[2])
begun = threading.Event()

def work():
    begun.set()
    os.close(os.open(folder / "pipe", os.O_RDONLY))
    (folder / "written").touch()

async def main():
    with closing(SqliteStorage(folder / "mi6.db")) as storage:
        app = Mi6App(storage)
        async with app.run_test() as pilot:
            app.run_worker(work, thread=True, exit_on_error=False)
            while not begun.is_set():
                await pilot.pause()
            await pilot.press("q")
            if aside._PATIENCE:
                os.close(os.open(folder / "pipe", os.O_WRONLY))

asyncio.run(main())
print("over")
"""


@pytest.mark.parametrize(("patience", "answered"), [(0, False), (60, True)])
def test_the_program_ends(tmp_path: Path, patience: int, answered: bool) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = subprocess.run(
        (sys.executable, "-c", PROGRAM, str(tmp_path), str(patience)),
        env=os.environ | {"HOME": str(tmp_path), "MI6_TUI_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "over\n", "")
    assert (tmp_path / "written").exists() == answered
