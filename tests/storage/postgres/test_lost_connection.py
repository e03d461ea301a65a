"""A server or network that goes away: reads say so, writes wait, nothing is lost or doubled."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from random import Random

import pytest

from mi6_tui.errors import StorageError
from mi6_tui.model import Batch, EventQuery, SessionQuery
from mi6_tui.storage.conformance import make_event, request
from mi6_tui.storage.postgres import PostgresStorage
from mi6_tui.storage.postgres.errors import StaleError
from mi6_tui.tui.feed import Feed
from tests.storage.postgres.proxy import Fate, Proxy
from tests.storage.postgres.server import PostgresServer


@pytest.fixture
def proxy(server: PostgresServer, url: str) -> Iterator[Proxy]:
    with closing(Proxy(server.socket)) as network:
        yield network


@pytest.fixture
def remote(proxy: Proxy) -> Iterator[PostgresStorage]:
    """A store that is reached through the network."""
    with closing(PostgresStorage(proxy.url("shared"))) as store:
        yield store


def counted(store: PostgresStorage) -> tuple[int, int]:
    """Events in the table, and as the session's row has them."""
    (session,) = store.list_sessions(SessionQuery())
    return store.count(), session.n_hook_events


def once_at_commit(fate: Fate) -> Iterator[Fate]:
    yield fate
    while True:
        yield "pass"


@pytest.mark.parametrize("fate", ["cut", "pass and cut"])
def test_a_commit_whose_answer_is_lost(proxy: Proxy, remote: PostgresStorage, fate: Fate) -> None:
    fates = once_at_commit(fate)
    proxy.judge = lambda piece: next(fates) if b"COMMIT" in piece else "pass"
    # Without a key: told again, they would be further events.
    first = remote.record(Batch(events=(make_event(), make_event())))
    assert next(fates) == "pass", "the network was never cut"
    assert [event.id for event in remote.query(EventQuery().order_by_id())] == list(first) == [1, 2]
    assert counted(remote) == (2, 2)
    assert remote.insert(make_event()) == 3


def test_a_network_that_is_cut_all_the_time(proxy: Proxy, remote: PostgresStorage) -> None:
    chance, cuts = Random(7), list[Fate]()
    often: list[Fate] = ["cut", "pass and cut"]
    often += ["pass"] * 24

    def judge(_: bytes) -> Fate:
        fate = chance.choice(often)
        if fate != "pass":
            cuts.append(fate)
        return fate

    proxy.judge = judge

    def work(name: str) -> None:
        for number in range(10):
            remote.record(Batch(events=(make_event(), make_event(key=f"{name}{number}"))))

    workers = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    proxy.judge = lambda _: "pass"
    assert cuts
    assert counted(remote) == (40, 40)
    assert [event.id for event in remote.query(EventQuery().order_by_id())] == list(range(1, 41))


def test_an_idle_connection_that_was_cut_is_not_noticed(proxy: Proxy, remote: PostgresStorage) -> None:
    remote.insert(make_event())
    version = remote.data_version()
    proxy.cut()
    assert remote.count() == 1
    proxy.cut()
    assert remote.insert(make_event()) == 2
    proxy.cut()
    assert remote.data_version() > version


def test_a_write_waits_until_the_server_is_back(
    server: PostgresServer, storage: PostgresStorage, url: str
) -> None:
    storage.insert(make_event(key="before"))
    server.stop("immediate")
    try:
        with pytest.raises(StaleError, match=r"cannot be reached: .*; what was read before is shown"):
            storage.count()
        writer = threading.Thread(target=storage.insert, args=(make_event(key="while"),))
        writer.start()
    finally:
        server.start()
    writer.join()
    assert counted(storage) == (2, 2)


def test_a_write_does_not_wait_for_ever(server: PostgresServer, url: str) -> None:
    with closing(PostgresStorage(url, patience=0.1)) as store:
        server.stop()
        try:
            with pytest.raises(StaleError):
                store.insert(make_event(key="k"))
            # Nor for a store that is closed.
            with closing(PostgresStorageThatWaits(store)) as waiting:
                waiting.begin()
        finally:
            server.start()
        assert store.count() == 0
        assert store.insert(make_event(key="k")) == 1


class PostgresStorageThatWaits:
    """A thread that writes to a store whose server is down; `close` closes the store and must end it."""

    def __init__(self, store: PostgresStorage) -> None:
        self._store = store
        self._thread = threading.Thread(target=self._write)

    def begin(self) -> None:
        self._store._server._patience = 60
        self._thread.start()

    def _write(self) -> None:
        with pytest.raises(StorageError):
            self._store.insert(make_event())

    def close(self) -> None:
        self._store._server._closing.set()
        self._thread.join(timeout=30)
        assert not self._thread.is_alive()
        self._store._server._closing.clear()


def test_the_feed_keeps_its_rows_and_says_that_they_may_be_old(
    server: PostgresServer, storage: PostgresStorage
) -> None:
    storage.insert(request())
    feed = Feed(storage, lambda _: None, notes=False)
    tick = feed.look()
    assert tick is not None
    assert ([row.session_id for row in tick.sessions], tick.problem) == (["s"], "")
    server.stop()
    try:
        while (tick := feed.look()) is None:  # what the server said last is heard first
            pass
        assert tick.sessions == ()
        assert "cannot be reached" in tick.problem
        assert "may be old" in tick.problem
    finally:
        server.start()
    storage.insert(request(session_id="t"))
    tick = feed.look()
    assert tick is not None
    assert ("t" in {row.session_id for row in tick.sessions}, tick.problem) == (True, "")
