"""Threads share a store, nobody a connection; nothing stays open; what is known already is not written."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest

from mi6_tui.errors import StorageError
from mi6_tui.model import Batch, FilePosition, SessionQuery
from mi6_tui.storage.conformance import Clock, make_event
from mi6_tui.storage.postgres import PostgresStorage
from tests.storage.postgres.server import PostgresServer

CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mi6-tui'"


def test_threads_share_a_store(server: PostgresServer, url: str) -> None:
    with closing(PostgresStorage(url)) as store:

        def work(name: str) -> None:
            for number in range(25):
                store.insert(make_event(key=f"{name}{number}"))
                store.data_version()

        threads = [threading.Thread(target=work, args=(name,)) for name in "abcdefgh"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert store.count() == 200
        assert [session.n_hook_events for session in store.list_sessions(SessionQuery())] == [200]
        ((connections,),) = server.run(CONNECTIONS)
        assert connections <= 4 + 1 + 8
    while server.run(CONNECTIONS) != [(0,)]:
        pass


def test_a_write_is_heard_of_without_asking(url: str) -> None:
    with closing(PostgresStorage(url)) as one, closing(PostgresStorage(url)) as other:
        version = other.data_version()
        assert other.data_version() == version
        one.insert(make_event(key="k"))
        while other.data_version() == version:
            pass
        version = other.data_version()
        one.insert(make_event(key="k"))
        one.rejudge(0)
        assert one.data_version() == other.data_version() == version


def test_what_is_known_already_writes_nothing(server: PostgresServer, url: str, clock: Clock) -> None:
    batch = Batch(
        events=tuple(make_event(key=f"k{number}", cwd="/w") for number in range(9)),
        positions=(FilePosition(file_path="/t", byte_offset=9),),
    )
    rows = "SELECT max(xmin::text::bigint) FROM {}"
    tables = ("events", "sessions", "session_state", "transcript_positions", "counters")
    with closing(PostgresStorage(url, clock=clock)) as store:
        store.record(batch)
        before = [server.run(rows.format(table), "shared") for table in tables]
        store.record(batch)
        store.insert(batch.events[0])
        store.set_transcript_position("/t", batch.positions[0])
        assert [server.run(rows.format(table), "shared") for table in tables] == before


def test_sessions_of_many_machines(storage: PostgresStorage) -> None:
    for place, machine in enumerate(("desk", "laptop", "build")):
        storage.insert(make_event(machine_id=machine, timestamp=10 + place % 2, key=machine))
    found = storage.list_sessions(SessionQuery().order_by_last_activity())
    assert [row.machine_id for row in found] == ["laptop", "build", "desk"]
    latest = storage.get_session("s")
    assert latest is not None
    assert latest.machine_id == "laptop"


def test_closing(server: PostgresServer, url: str) -> None:
    store = PostgresStorage(url)
    store.insert(make_event())
    store.data_version()
    store.close()
    store.close()
    for ask in (store.count, store.data_version, lambda: store.insert(make_event())):
        with pytest.raises(StorageError, match="was closed"):
            ask()
    while server.run(CONNECTIONS) != [(0,)]:
        pass
