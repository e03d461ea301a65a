"""A database that a client is writing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.frameworks.opencode.support import Client


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """The client's first tables."""
    found = Client(tmp_path / "opencode" / "opencode.db")
    yield found
    found.close()


@pytest.fixture
def client_v2(tmp_path: Path) -> Iterator[Client]:
    """Its second ones."""
    found = Client(tmp_path / "opencode" / "opencode.db", first=False, second=True)
    yield found
    found.close()
