"""What may stand beside the client's database: SQLite would open it, and wait for a pipe."""

from __future__ import annotations

import os
from pathlib import Path

import apsw
import pytest

from mi6_tui.errors import TranscriptError
from mi6_tui.frameworks.opencode import FRAMEWORK


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "opencode.db"
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE session (id TEXT)")
    connection.close()
    return path


@pytest.mark.parametrize("suffix", ["-journal", "-wal"])
def test_a_pipe_is_a_problem_of_that_database(path: Path, suffix: str) -> None:
    os.mkfifo(f"{path}{suffix}")
    with pytest.raises(TranscriptError, match=f"opencode.db{suffix} is no plain file"):
        FRAMEWORK.ask(str(path), "box", None)
