from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg
import pytest

from mi6_tui.storage.conformance import Clock
from mi6_tui.storage.postgres import PostgresStorage
from tests.storage.postgres.fleets import Fleet, made_fleet
from tests.storage.postgres.server import PostgresServer

_EMPTY = """
DELETE FROM events; DELETE FROM sessions; DELETE FROM session_state; DELETE FROM usage; DELETE FROM files;
DELETE FROM transcript_positions; DELETE FROM tombstones; DELETE FROM priced_with; DELETE FROM telemetry;
DELETE FROM machines; DELETE FROM forwarded; DELETE FROM inbox; DELETE FROM inbox_refused;
UPDATE counters SET last_event_id = 0, last_revision = 0, changes = 0;
"""


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    with closing(PostgresServer()) as running:
        yield running


@pytest.fixture(scope="session")
def fleet(server: PostgresServer) -> Iterator[Fleet]:
    with made_fleet(server) as fleet:
        yield fleet


@pytest.fixture(scope="session")
def made(server: PostgresServer) -> str:
    """The URL of a database with a store."""
    url = server.make("shared")
    PostgresStorage(url).close()
    return url


@pytest.fixture(scope="session")
def emptying(made: str) -> Iterator[Callable[[], None]]:
    """Empties it, on a connection that is kept: making one costs more than the rest."""
    connection = psycopg.connect(made, autocommit=True)

    def empty() -> None:
        nonlocal connection
        try:
            connection.execute(_EMPTY)
        except psycopg.OperationalError:  # a test stopped the server
            connection.close()
            connection = psycopg.connect(made, autocommit=True)
            connection.execute(_EMPTY)

    yield empty
    connection.close()


@pytest.fixture
def url(made: str, emptying: Callable[[], None]) -> str:
    """The same, emptied."""
    emptying()
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def storage(url: str, clock: Clock) -> Iterator[PostgresStorage]:
    with closing(PostgresStorage(url, clock=clock)) as store:
        yield store
