"""Terminals for the real program; they need tmux."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal.terminal import Terminal


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """A terminal on which nothing runs yet."""
    if shutil.which("tmux") is None:
        if os.environ.get("CI"):
            pytest.fail("tmux is missing: `make tools` installs it")
        pytest.skip("tmux is missing: `make tools` installs it")
    # A folder with a short name: that of a socket has no room for more.
    with tempfile.TemporaryDirectory(prefix="mi6", ignore_cleanup_errors=True) as name:
        terminal = Terminal(Path(name))
        yield terminal
        terminal.close()
