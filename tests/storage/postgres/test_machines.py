"""Machines in a database: their words wait for nobody and wake nobody; the time is the server's."""

from __future__ import annotations

from contextlib import closing

import psycopg
import pytest

from mi6_tui.clock import now_ms
from mi6_tui.errors import ReadOnlyError
from mi6_tui.model import Machine, Way
from mi6_tui.storage.conformance import Clock
from mi6_tui.storage.postgres import PostgresStorage
from tests.storage.postgres.proxy import Proxy
from tests.storage.postgres.server import PostgresServer

SEEN = Machine(machine_id="ci", seen_at=1, way=Way.PUSH)
HOUR = 3_600_000
"""More than this machine's clock, which is the server's, is set anew by."""


def test_a_word_waits_for_no_writer_and_is_no_change(storage: PostgresStorage, url: str) -> None:
    before = storage.data_version()
    with psycopg.connect(url) as other:
        other.execute("SELECT 1 FROM counters FOR UPDATE")
        storage.see_machine(SEEN)
        assert storage.machines() == [SEEN]
    with closing(PostgresStorage(url)) as fresh:
        assert fresh.data_version() == before


def test_a_word_arrives_over_a_connection_that_was_lost(server: PostgresServer, url: str) -> None:
    with closing(Proxy(server.socket)) as proxy, closing(PostgresStorage(proxy.url("shared"))) as store:
        store.see_machine(SEEN)
        proxy.cut()
        store.see_machine(Machine(machine_id="ci", seen_at=2, way=Way.PUSH))
        assert store.machines()[0].seen_at == 2


def test_who_only_looks_tells_nothing(url: str) -> None:
    with closing(PostgresStorage(url, read_only=True)) as store, pytest.raises(ReadOnlyError):
        store.see_machine(SEEN)


def test_the_time_is_the_servers_and_no_clock_of_ours(storage: PostgresStorage, clock: Clock) -> None:
    clock.now = 5
    assert abs(storage.now() - now_ms()) < HOUR
