"""The program as a user starts it: a process of its own, with a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.commands.forking import can_fork, run_forked

PROGRAM = (sys.executable, "-m", "mi6_tui")
_LONGEST = 100.0
"""Seconds that a command may take."""


class Cli:
    """Runs command lines in `home`, whose store is `home`/state/mi6.db."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.cwd: Path | None = None
        """Where they run; None: where the tests do."""
        self.store = home / "state" / "mi6.db"
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "MI6_TUI_HOME": str(home / "state"),
            "TZ": "UTC",
            "LANG": "C.UTF-8",
            "PYTHONWARNINGS": "error",
        }

    def run(self, *args: str, prefix: Sequence[str] = (), **env: str) -> subprocess.CompletedProcess[str]:
        """The finished process; it had no terminal."""
        told = self.env | env
        if can_fork(prefix, told):
            return run_forked(prefix, args, told, self.cwd, _LONGEST)
        return subprocess.run(
            (*prefix, *PROGRAM, *args),
            env=told,
            cwd=self.cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LONGEST,
            check=False,
        )

    def ok(self, *args: str) -> str:
        """stdout of a command that must work and narrate nothing."""
        done = self.run(*args)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def json(self, *args: str) -> Any:
        """The one JSON value a command prints."""
        return json.loads(self.ok(*args, "--json"))

    def fails(self, code: int, *args: str) -> str:
        """The one line that a command which ends with `code` says on stderr."""
        done = self.run(*args)
        assert done.returncode == code, done.stderr
        assert done.stdout == ""
        (line,) = done.stderr.splitlines()
        assert line.startswith("mi6-tui: ")
        return line.removeprefix("mi6-tui: ")


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """A program that nobody has used yet."""
    return Cli(tmp_path)
