from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mi6_tui.storage import Storage
from mi6_tui.storage.conformance import Clock, StorageConformance
from mi6_tui.storage.sqlite import SqliteStorage


class TestSqliteStorage(StorageConformance):
    @pytest.fixture
    def storage(self, clock: Clock, tmp_path: Path) -> Iterator[Storage]:
        with closing(SqliteStorage(tmp_path / "mi6.db", clock=clock)) as store:
            yield store
