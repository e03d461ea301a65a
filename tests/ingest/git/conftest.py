"""What the tests of working copies share."""

from __future__ import annotations

from pathlib import Path

import pytest

from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.conftest import Clock
from tests.ingest.git.house import House


@pytest.fixture
def house(tmp_path: Path, store: SqliteStorage, clock: Clock) -> House:
    return House(tmp_path, store, clock)
