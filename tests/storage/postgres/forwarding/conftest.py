from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from mi6_tui.storage.conformance import Clock
from mi6_tui.storage.sqlite.outgoing import OutgoingStorage
from tests.storage.postgres.server import PostgresServer


@pytest.fixture
def local(tmp_path: Path, clock: Clock) -> Iterator[OutgoingStorage]:
    """A machine's own store."""
    with closing(OutgoingStorage(tmp_path / "mi6.db", clock=clock)) as store:
        yield store


@pytest.fixture(scope="session")
def sender(server: PostgresServer, made: str) -> str:
    """The URL for a user who may do nothing but leave parcels in the inbox."""
    server.run("CREATE ROLE sender LOGIN")
    server.run("GRANT INSERT (machine_id, sent_at, payload) ON inbox TO sender", "shared")
    return server.url("shared", "sender")


@pytest.fixture(scope="session")
def emptied(server: PostgresServer, emptying: Callable[[], None]) -> Callable[[], None]:
    """Empties the database, and gives it another name, as one has that was made anew."""
    numbers = count()

    def empty() -> None:
        emptying()
        server.run(f"COMMENT ON TABLE inbox IS 'store {next(numbers)}'", "shared")

    return empty
