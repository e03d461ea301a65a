"""What is pushed into a database is what a scan of the same home into that database would have made."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from mi6_tui.storage.postgres import PostgresStorage
from mi6_tui.storage.sqlite.outgoing import OutgoingStorage
from tests.recorded import RECORDED_AT, furnish, read_all
from tests.storage.postgres.forwarding.support import push, told


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What all clients recorded."""
    place = tmp_path_factory.mktemp("home")
    furnish(place)
    return place


def test_what_every_client_recorded(
    home: Path, url: str, emptying: Callable[[], None], tmp_path: Path
) -> None:
    def clock() -> int:
        return RECORDED_AT

    with closing(OutgoingStorage(tmp_path / "mi6.db", clock=clock)) as local:
        read_all(local, home)
        first, second = push(local, url)
        assert (first.events, first.more, second.events, second.more) == (
            1000,
            True,
            local.count() - 1000,
            False,
        )
        assert push(local, url) == []
        with closing(PostgresStorage(url, clock=clock)) as shared:
            pushed = told(shared)
            emptying()
            read_all(shared, home)  # type: ignore[arg-type]
            assert pushed == told(shared)
            assert len(pushed[1]) == local.count()
