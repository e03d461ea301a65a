"""Whose database it is, who may write it, and how it comes to the present schema."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest

from mi6_tui.errors import NewerStoreError, ReadOnlyError, StorageError, UsageError
from mi6_tui.model import Batch, EventQuery, SessionQuery
from mi6_tui.storage import open_storage
from mi6_tui.storage.conformance import make_event
from mi6_tui.storage.postgres import PostgresStorage
from mi6_tui.storage.postgres.address import address_of
from mi6_tui.storage.postgres.connection import connect
from mi6_tui.storage.postgres.migrations import MIGRATIONS, Migration
from mi6_tui.storage.postgres.opening import open_store
from tests.storage.postgres.server import PostgresServer

LEDGER = "SELECT name FROM mi6_tui_migrations"


@pytest.fixture
def empty(server: PostgresServer) -> Iterator[str]:
    """The URL of a new database."""
    yield server.make("fresh")
    server.run("DROP DATABASE fresh WITH (FORCE)")


@contextmanager
def user(server: PostgresServer, name: str, *rights: str, database: str = "fresh") -> Iterator[str]:
    """A user with these rights in a database; its URL."""
    server.run(f"CREATE ROLE {name} LOGIN")
    try:
        for right in rights:
            server.run(f"GRANT {right} TO {name}", database)
        yield server.url(database, user=name)
    finally:
        server.run(f"DROP OWNED BY {name}", database)
        server.run(f"DROP ROLE {name}")


def test_a_new_store_and_the_same_again(server: PostgresServer, empty: str) -> None:
    for number in (1, 2):
        with closing(open_storage(empty)) as store:
            assert (store.path, store.read_only) == (None, None)
            assert store.insert(make_event()) == number
    assert server.run(LEDGER, "fresh") == [(migration.name,) for migration in MIGRATIONS]


def test_many_that_open_a_new_database_at_once(server: PostgresServer, empty: str) -> None:
    barrier, failed = threading.Barrier(6), list[BaseException]()

    def work(number: int) -> None:
        barrier.wait()
        try:
            with closing(PostgresStorage(empty)) as store:
                store.insert(make_event(key=str(number)))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert server.run("SELECT count(*), max(id) FROM events", "fresh") == [(6, 6)]


def test_a_step_that_fails_leaves_nothing_of_itself(server: PostgresServer, empty: str) -> None:
    steps = (*MIGRATIONS, Migration("m900_more", "CREATE TABLE more(x int); SELECT 1 / 0"))
    with (
        closing(connect(address_of(empty), writable=True, lock_timeout=0)) as connection,
        pytest.raises(psycopg.errors.DivisionByZero),
    ):
        open_store(connection, "here", read_only=False, migrations=steps)
    assert server.run(LEDGER, "fresh") == [(migration.name,) for migration in MIGRATIONS]
    assert server.run("SELECT to_regclass('more')", "fresh") == [(None,)]


def test_an_older_store_gets_the_steps_it_lacks(server: PostgresServer, empty: str) -> None:
    with closing(PostgresStorage(empty)) as store:
        store.insert(make_event())
    steps = (*MIGRATIONS, Migration("m900_more", "CREATE TABLE more(x int)"))
    with closing(connect(address_of(empty), writable=True, lock_timeout=0)) as connection:
        reason = open_store(connection, "here", read_only=True, migrations=steps)
        assert reason == "here is read-only: it was opened for reading only, and it needs a migration first"
        assert open_store(connection, "here", read_only=False, migrations=steps) is None
    assert server.run("SELECT count(*) FROM events", "fresh") == [(1,)]
    with pytest.raises(NewerStoreError, match=r"written by a newer mi6-tui \(m900_more\)"):
        PostgresStorage(empty)


def test_somebody_elses_database_is_left_alone(server: PostgresServer, empty: str) -> None:
    server.run("CREATE TABLE customers (name text)", "fresh")
    with pytest.raises(StorageError, match="/fresh holds other data, not a store"):
        PostgresStorage(empty)
    tables = server.run("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'", "fresh")
    assert tables == [("customers",)]


def test_a_database_that_cannot_hold_every_text(server: PostgresServer) -> None:
    url = server.make("narrow", "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    with pytest.raises(StorageError, match="keeps texts as LATIN1"):
        PostgresStorage(url)


def test_who_may_only_look(server: PostgresServer, empty: str) -> None:
    with user(server, "viewer") as url:
        with pytest.raises(StorageError, match="there is no store in"):
            PostgresStorage(url)
        with closing(PostgresStorage(empty)) as store:
            store.insert(make_event())
        server.run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO viewer", "fresh")
        with closing(PostgresStorage(url)) as store:
            assert store.read_only == f"{address_of(url).shown} is read-only: this user may only look"
            assert len(store.list_sessions(SessionQuery())) == len(store.query(EventQuery())) == 1
            assert store.data_version() == 1
            with pytest.raises(ReadOnlyError, match="this user may only look"):
                store.insert(make_event())


def test_a_look_writes_nothing(server: PostgresServer, empty: str) -> None:
    with pytest.raises(StorageError, match="there is no store in"):
        PostgresStorage(empty, read_only=True)
    assert server.run("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", "fresh") == [(0,)]
    PostgresStorage(empty).close()
    with closing(PostgresStorage(empty, read_only=True)) as store:
        assert store.count() == 0
        with pytest.raises(ReadOnlyError, match="opened for reading only"):
            store.insert(make_event())
        with pytest.raises(ReadOnlyError, match="opened for reading only"):
            store.rejudge(1)


def test_rights_that_are_taken_away_meanwhile(server: PostgresServer, empty: str) -> None:
    PostgresStorage(empty).close()
    with (
        user(server, "pusher", "ALL ON ALL TABLES IN SCHEMA public") as url,
        closing(PostgresStorage(url)) as store,
    ):
        assert store.insert(make_event()) == 1
        server.run("REVOKE INSERT ON events FROM pusher", "fresh")
        with pytest.raises(ReadOnlyError, match="permission denied for table events"):
            store.insert(make_event())
        assert store.count() == 1


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://u:sesame@127.0.0.1:1/db", "postgresql://u@127.0.0.1:1/db cannot be reached: "),
        ("postgresql://u:sesame@[::1/db", "not a valid URL"),
        ("postgresql://u:sesame@127.0.0.1/db?no_such=1", "not a valid URL"),
        ("postgresql://u:sesame@no.such.host.invalid/db", "cannot be reached: "),
        ("postgresql://u@/db?host=/nowhere&password=sesame", "cannot be reached: "),
    ],
)
def test_an_address_that_leads_nowhere(url: str, says: str) -> None:
    with pytest.raises((StorageError, UsageError)) as caught:
        PostgresStorage(url)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    known: BaseException | None = caught.value
    while known is not None:
        assert "sesame" not in f"{known}{known.args}"
        known = known.__cause__ or known.__context__


def test_who_is_not_let_in(server: PostgresServer, made: str) -> None:
    server.run("CREATE ROLE locked LOGIN PASSWORD 'sesame'")
    server.write_access("local all locked scram-sha-256")
    wrong = server.url("shared", user="locked", password="Sesame1")
    with pytest.raises(
        StorageError, match="does not let this user in: password authentication failed"
    ) as caught:
        PostgresStorage(wrong)
    assert "Sesame1" not in str(caught.value)
    with pytest.raises(StorageError, match=r'role "nobody_here" does not exist'):
        PostgresStorage(server.url("shared", user="nobody_here"))
    with pytest.raises(StorageError, match=r'database "nowhere" does not exist'):
        PostgresStorage(server.url("nowhere"))


def test_a_batch_that_cannot_be_stored_changes_nothing(storage: PostgresStorage) -> None:
    with pytest.raises(StorageError, match="cannot be stored"):
        storage.record(Batch(events=(make_event(), make_event(cwd="\ud800"))))
    assert (storage.count(), storage.last_event_id(), storage.data_version()) == (0, 0, 0)
