"""Who may only send cannot look, who may only look cannot write, and everybody else can do nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from psycopg import errors

from mi6_tui.errors import ReadOnlyError, StorageError, UsageError
from mi6_tui.storage.postgres import PostgresStorage
from mi6_tui.storage.postgres.about import about
from mi6_tui.storage.postgres.roles import VIEWED, roles_sql
from tests.storage.postgres.fleets import Fleet, as_user, psql
from tests.storage.postgres.server import PostgresServer

HIDDEN = {"forwarded", "inbox", "inbox_refused", "priced_with", "tombstones"}
"""By hand: tables that no dashboard needs. A new one stands here or in VIEWED."""
SEND = "INSERT INTO inbox(machine_id, sent_at, payload) VALUES ('m', %s, %s)"


@pytest.fixture
def pusher(fleet: Fleet) -> Iterator[psycopg.Connection]:
    with psycopg.connect(fleet.pusher, autocommit=True) as connection:
        yield connection


@pytest.fixture
def viewer(fleet: Fleet) -> Iterator[psycopg.Connection]:
    with psycopg.connect(fleet.viewer, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")  # which anybody may do
        yield connection


RIGHTS = """
SELECT right_of, tablename::text FROM (
        SELECT schemaname, tablename FROM pg_tables UNION ALL SELECT schemaname, viewname FROM pg_views
    ) AS every,
    unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS right_of
WHERE schemaname = 'public' AND (has_table_privilege(tablename::text, right_of)
    OR right_of NOT IN ('DELETE', 'TRUNCATE', 'TRIGGER')
        AND has_any_column_privilege(tablename::text, right_of))
"""
COLUMNS = """
SELECT attname::text FROM pg_attribute
WHERE attrelid = 'inbox'::regclass AND attnum > 0 AND has_column_privilege(attrelid, attnum, 'INSERT')
"""


def test_the_rights_are_these(pusher: psycopg.Connection, viewer: psycopg.Connection) -> None:
    assert pusher.execute(RIGHTS).fetchall() == [("INSERT", "inbox")]
    sent = {name for (name,) in pusher.execute(COLUMNS)}
    assert sent == {"machine_id", "sent_at", "payload"}
    assert set(viewer.execute(RIGHTS)) == {("SELECT", name) for name in VIEWED}


def test_of_each_table_it_is_said_who_may_see_it(server: PostgresServer, fleet: Fleet) -> None:
    tables = server.run(
        "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' "
        "UNION ALL SELECT viewname::text FROM pg_views WHERE schemaname = 'public'",
        "fleet",
    )
    assert {name for (name,) in tables} == {*VIEWED, *HIDDEN}


def test_nothing_is_left_for_everybody(server: PostgresServer, fleet: Fleet) -> None:
    left = server.run(
        """
        SELECT 'database', privilege_type FROM pg_database, aclexplode(datacl)
            WHERE datname = 'fleet' AND grantee = 0
        UNION SELECT nspname::text, privilege_type FROM pg_namespace, aclexplode(nspacl)
            WHERE nspname = 'public' AND grantee = 0
        UNION SELECT relname::text, privilege_type FROM pg_class, aclexplode(relacl)
            WHERE relnamespace = 'public'::regnamespace AND grantee = 0
        UNION SELECT proname::text, privilege_type
            FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner)))
            WHERE (proname ~ '^(lo_|lowrite)' OR proname ~ 'advisory_') AND grantee = 0
        """,
        "fleet",
    )
    assert left == []
    with closing(PostgresStorage(fleet.owner)) as store:  # who needs those locks has them
        assert store.count() == 2


def test_who_sends_adds_and_that_is_all(server: PostgresServer, pusher: psycopg.Connection) -> None:
    pusher.execute(SEND, (1, b"x"))
    assert server.run("SELECT sent_at, payload, received_at > 0 FROM inbox", "fleet") == [(1, b"x", True)]
    server.run("DELETE FROM inbox", "fleet")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM inbox",
        "SELECT count(*) FROM inbox",
        "SELECT machine_id FROM inbox",
        "INSERT INTO inbox(machine_id, sent_at, payload) VALUES ('m', 1, '') RETURNING id",
        "INSERT INTO inbox(machine_id, sent_at, received_at, payload) VALUES ('m', 1, 0, '')",
        "INSERT INTO inbox(id, machine_id, sent_at, payload) OVERRIDING SYSTEM VALUE VALUES (9, 'm', 1, '')",
        "INSERT INTO inbox(machine_id, sent_at, payload) SELECT 'm', 1, payload FROM inbox",
        "INSERT INTO inbox(machine_id, sent_at, payload) VALUES ('m', 1, '') "
        "ON CONFLICT (id) DO UPDATE SET payload = excluded.payload",
        "UPDATE inbox SET payload = ''",
        "DELETE FROM inbox",
        "TRUNCATE inbox",
        "LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE",
        "COPY inbox TO STDOUT",
        "SELECT * FROM sessions",
        "SELECT * FROM mi6_tui_migrations",
        "INSERT INTO events(id) VALUES (9)",
        "CREATE TABLE mine (x int)",
        "CREATE TEMPORARY TABLE mine (x int)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT pg_advisory_lock(5721894436)",
        "ALTER TABLE inbox DISABLE TRIGGER ALL",
        "GRANT SELECT ON inbox TO PUBLIC",
    ],
)
def test_what_a_sender_may_not(pusher: psycopg.Connection, sql: str) -> None:
    with pytest.raises((errors.InsufficientPrivilege, errors.WrongObjectType)):
        pusher.execute(f"BEGIN; {sql}".encode())


@pytest.mark.parametrize(
    "values", [("m", b"x" * ((32 << 20) + 1)), ("m" * 256, b""), ("", b"")], ids=("payload", "long", "none")
)
def test_a_row_is_bounded(pusher: psycopg.Connection, values: tuple[str, bytes]) -> None:
    machine, payload = values
    with pytest.raises(errors.CheckViolation):
        pusher.execute(SEND.replace("'m'", "%s"), (machine, 7, payload))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM inbox",
        "SELECT * FROM tombstones",
        "UPDATE sessions SET title = 'mine'",
        "DELETE FROM events",
        "UPDATE counters SET changes = 0",
        "SELECT * FROM counters FOR UPDATE",
        "INSERT INTO inbox(machine_id, sent_at, payload) VALUES ('m', 1, '')",
        "INSERT INTO machines(machine_id, seen_at, way) VALUES ('m', 1, 'push')",
        "CREATE TABLE mine (x int)",
        "CREATE TEMPORARY TABLE mine (x int)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT pg_advisory_lock(5721894436)",
    ],
)
def test_what_a_viewer_may_not(viewer: psycopg.Connection, sql: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        viewer.execute(f"BEGIN; {sql}".encode())


def test_each_is_told_what_it_is(fleet: Fleet) -> None:
    assert [about(url).rights for url in fleet] == ["all", "send", "look"]
    with pytest.raises(StorageError, match="this user may only send events there, not look at them; look as"):
        PostgresStorage(fleet.pusher)
    with closing(PostgresStorage(fleet.viewer)) as store:
        assert str(store.read_only).endswith(" is read-only: this user may only look")
        with pytest.raises(ReadOnlyError, match="this user may only look"):
            store.gc(0)


def test_a_user_of_neither_kind(server: PostgresServer, fleet: Fleet) -> None:
    server.run("CREATE ROLE stranger LOGIN")
    try:
        url = as_user(fleet.owner, "stranger")
        with pytest.raises(StorageError, match='permission denied for database "fleet"') as caught:
            PostgresStorage(url)
        assert "\n" not in str(caught.value)
        server.run(
            "GRANT CONNECT ON DATABASE fleet TO stranger; GRANT USAGE ON SCHEMA public TO stranger", "fleet"
        )
        with pytest.raises(StorageError, match="this user may not look into that store"):
            PostgresStorage(url)
        assert about(url).rights == "none"
    finally:
        server.run("DROP OWNED BY stranger; DROP ROLE stranger", "fleet")


@pytest.mark.parametrize(
    "made",
    [
        "CREATE ROLE above SUPERUSER LOGIN",
        "CREATE ROLE above CREATEROLE LOGIN",
        "CREATE ROLE above IN ROLE mi6",
    ],
)
def test_who_can_do_more_anyway_is_refused(server: PostgresServer, fleet: Fleet, made: str) -> None:
    server.run(made)
    try:
        done = psql(server, fleet.owner, roles_sql("above", "newcomer"))
        assert done.returncode == 3
        assert 'role "above" owns something, is in another role or is an administrator' in done.stderr
        assert server.run("SELECT 1 FROM pg_roles WHERE rolname = 'newcomer'") == []
        assert about(fleet.pusher).rights == "send"
    finally:
        server.run("DROP ROLE above")


@pytest.mark.parametrize("name", ["", "pg_mine", "public", "a\nb", "a\0", "$mi6$", "ü" * 32])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(UsageError):
        roles_sql(pusher=name)


def test_one_user_cannot_be_both() -> None:
    with pytest.raises(UsageError, match="are one user"):
        roles_sql("same", "same")


def test_whatever_is_shouted_there(fleet: Fleet, pusher: psycopg.Connection) -> None:
    """Everybody who may connect may notify: nobody who listens falls."""
    with closing(PostgresStorage(fleet.viewer)) as store:
        version = store.data_version()
        for word in ("", "x", "-1", "9" * 30, "٣", "1e3"):
            pusher.execute("SELECT pg_notify('mi6_tui', %s)", (word,))
        assert store.data_version() == version
