from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.serving import Served


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server as it is by default."""
    server = Served(tmp_path)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.end()
