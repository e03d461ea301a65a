"""A tmux of the test's own, programs that write down how they were called, processes that can be ended."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.actions.recorded import Recorded
from tests.actions.tmux import Tmux
from tests.ingest.live.living import Living


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name: that of a socket has no room for more."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture
def tmux(folder: Path) -> Iterator[Tmux]:
    if shutil.which("tmux") is None:
        pytest.skip("there is no tmux")
    server = Tmux(folder)
    yield server
    server.close()


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    """A PATH on which nothing is but what the test puts there."""
    return Recorded(tmp_path)


@pytest.fixture
def living() -> Iterator[Living]:
    processes = Living()
    yield processes
    processes.close()
