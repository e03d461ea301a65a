"""Ids and revisions ascend in the order of commits: a cursor never passes what is committed later."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from typing import Final

import psycopg
import pytest

from mi6_tui.errors import StoreLockedError
from mi6_tui.model import Batch, Event, EventQuery, FilePosition, SessionQuery
from mi6_tui.prices import PriceTable, packaged
from mi6_tui.storage.conformance import make_event, request
from mi6_tui.storage.postgres import PostgresStorage
from tests.storage.postgres.proxy import Fate, Proxy
from tests.storage.postgres.server import PostgresServer

_WAITING: Final = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


class Slow:
    """Prices that are given out when `go` is set: they are asked for in the middle of a transaction."""

    def __init__(self, then: Callable[[], PriceTable] = packaged) -> None:
        self.inside, self.go = threading.Event(), threading.Event()
        self._then = then

    def __call__(self) -> PriceTable:
        self.inside.set()
        assert self.go.wait(30)
        return self._then()


def until(test: Callable[[], bool]) -> None:
    """Ask again until it is so; the suite's own time limit is the bound."""
    while not test():
        pass


def seen_after(store: PostgresStorage, cursor: int) -> list[Event]:
    return store.query(EventQuery().with_after_id(cursor).order_by_id())


def test_who_began_later_gets_the_later_id_though_it_would_be_done_first(
    server: PostgresServer, storage: PostgresStorage, url: str
) -> None:
    prices = Slow()
    with closing(PostgresStorage(url, prices=prices)) as slow, closing(PostgresStorage(url)) as quick:
        first = threading.Thread(target=slow.insert, args=(request(key="first", session_id="one"),))
        first.start()
        assert prices.inside.wait(30)
        second = threading.Thread(target=quick.insert, args=(request(key="second", session_id="two"),))
        second.start()
        until(lambda: server.run(_WAITING) == [(1,)])
        # Readers wait for nobody, and are told of nothing that is not there yet.
        assert (seen_after(storage, 0), storage.last_event_id(), storage.revision()) == ([], 0, 0)
        prices.go.set()
        first.join()
        second.join()
    assert [(event.id, event.key) for event in seen_after(storage, 0)] == [(1, "first"), (2, "second")]
    rows = storage.list_sessions(SessionQuery().changed_since(0))
    assert sorted((row.revision, row.session_id) for row in rows) == [(1, "one"), (2, "two")]


def test_who_gives_up_leaves_no_gap(storage: PostgresStorage, url: str) -> None:
    def fail() -> PriceTable:
        raise StoreLockedError("given up")

    with closing(PostgresStorage(url, prices=fail)) as failing, pytest.raises(StoreLockedError):
        failing.record(Batch(events=(make_event(), request())))
    assert (storage.count(), storage.last_event_id(), storage.revision()) == (0, 0, 0)
    assert storage.insert(make_event()) == 1


def test_a_cursor_that_reads_while_many_write_misses_nothing(storage: PostgresStorage, url: str) -> None:
    def work(name: str) -> None:
        with closing(PostgresStorage(url)) as store:
            for number in range(25):
                events = [make_event(key=f"{name}{number}-{n}", session_id=name) for n in range(3)]
                store.record(Batch(events=tuple(events)))

    writers = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for writer in writers:
        writer.start()
    seen: list[int] = []
    revision, rows = 0, {}
    while len(seen) < 300:
        seen += [event.id or 0 for event in seen_after(storage, seen[-1] if seen else 0)]
        for row in storage.list_sessions(SessionQuery().changed_since(revision)):
            rows[row.session_id] = row
        revision = max((row.revision for row in rows.values()), default=0)
    for writer in writers:
        writer.join()
    assert seen == list(range(1, 301))
    rows |= {row.session_id: row for row in storage.list_sessions(SessionQuery().changed_since(revision))}
    assert {name: row.n_hook_events for name, row in rows.items()} == dict.fromkeys("abcd", 75)


def test_nobody_waits_for_the_transactions_of_others(
    server: PostgresServer, storage: PostgresStorage, url: str
) -> None:
    with psycopg.connect(server.url()) as other:
        other.execute("CREATE TABLE long_work (x int)")
        other.execute("INSERT INTO long_work VALUES (1)")
        assert storage.insert(make_event()) == 1
        assert [event.id for event in seen_after(storage, 0)] == [1]
        other.rollback()


def test_a_writer_that_holds_its_turn_is_not_waited_for_without_end(
    storage: PostgresStorage, url: str
) -> None:
    prices = Slow()
    with closing(PostgresStorage(url, prices=prices)) as slow:
        holder = threading.Thread(target=slow.insert, args=(request(),))
        holder.start()
        assert prices.inside.wait(30)
        with (
            closing(PostgresStorage(url, lock_timeout=50, patience=0)) as hasty,
            pytest.raises(StoreLockedError, match="busy with another program's write"),
        ):
            hasty.insert(make_event())
        prices.go.set()
        holder.join()
    assert storage.count() == 1


def test_two_that_record_the_same_at_once_record_it_once(
    server: PostgresServer, storage: PostgresStorage, url: str
) -> None:
    prices = Slow()
    same = request(key="same")
    with closing(PostgresStorage(url, prices=prices)) as one, closing(PostgresStorage(url)) as other:
        first = threading.Thread(target=one.insert, args=(same,))
        first.start()
        assert prices.inside.wait(30)
        second = threading.Thread(target=other.insert, args=(same.with_(machine_id="n", claim="1"),))
        second.start()
        until(lambda: server.run(_WAITING) == [(1,)])
        prices.go.set()
        first.join()
        second.join()
    assert storage.count() == 1
    sums = {row.machine_id: row.api_request_count for row in storage.list_sessions(SessionQuery())}
    assert sums == {"m": 1, "n": 0}


def test_a_server_far_away_is_waited_for_few_times(server: PostgresServer, url: str) -> None:
    with closing(Proxy(server.socket)) as proxy, closing(PostgresStorage(proxy.url("shared"))) as store:
        waits: list[bytes] = []

        def judge(piece: bytes) -> Fate:
            waits.extend([piece] * piece.endswith(b"S\0\0\0\4"))  # the message after which answers are due
            return "pass"

        proxy.judge = judge
        for number in range(3):
            waits.clear()
            events = [
                request(key=f"{number}-{n}", session_id=f"s{n}", transcript_path="/t", byte_offset=n)
                for n in range(9)
            ]
            store.record(Batch(events=tuple(events), positions=(FilePosition(file_path=f"/{number}"),)))
        # Its turn; what is known; and the end, where nothing is left to be waited for twice.
        assert len(waits) <= 4
        assert store.count() == 27
