"""Opening a store: whose database it is, whether it may be written, and its creation and migration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from mi6_tui.clock import now_ms
from mi6_tui.errors import NewerStoreError, StorageError
from mi6_tui.storage.postgres.connection import Connection, ask, fetch
from mi6_tui.storage.postgres.migrations import MIGRATIONS, Migration
from mi6_tui.storage.postgres.roles import INBOX

LEDGER: Final = "mi6_tui_migrations"
"""The table of the migrations that a store has."""
_OLDEST: Final = 130_000
"""PostgreSQL 13, the oldest that tells what became of a transaction."""
_ABOUT: Final = (
    "SELECT current_schema(), current_setting('server_encoding'), pg_is_in_recovery(), "
    "coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)"
)
_TABLES: Final = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()"
_CREATE_LEDGER: Final = (
    f"CREATE TABLE IF NOT EXISTS {LEDGER} (name text PRIMARY KEY, applied_at bigint NOT NULL)"
)
_MAY_WRITE: Final = (
    "SELECT has_table_privilege('events', 'INSERT') AND has_table_privilege('sessions', 'UPDATE') "
    "AND has_table_privilege('counters', 'UPDATE')"
)
_MAY_LOOK: Final = f"SELECT has_table_privilege('{LEDGER}', 'SELECT')"
_MAY_SEND: Final = f"SELECT coalesce(has_any_column_privilege(to_regclass('{INBOX}')::oid, 'INSERT'), false)"
# Of this program's own, so that nobody else's lock is waited for.
_LOCK: Final = "SELECT pg_advisory_xact_lock(5721894436)"


class _About(NamedTuple):
    schema: str | None
    encoding: str
    standby: bool
    may_create: bool


def open_store(
    connection: Connection,
    shown: str,
    *,
    read_only: bool,
    migrations: Sequence[Migration] = MIGRATIONS,
) -> str | None:
    """Make sure that a store of the present schema is there; why it may not be written, None if it may."""
    if connection.info.server_version < _OLDEST:
        raise StorageError(f"{shown} runs a PostgreSQL before 13", "update the server")
    (row,) = fetch(connection, _ABOUT)
    about = _About(*row)
    if about.encoding != "UTF8":
        raise StorageError(f"{shown} keeps texts as {about.encoding}", "make the database with encoding UTF8")
    if about.schema is None:
        raise StorageError(f"{shown} has no schema for this user's tables", "check its search_path")
    reason = "it was opened for reading only" if read_only else None
    if about.standby:
        reason = "the server is a standby"
    missing = _missing(connection, shown, migrations)
    if missing and reason is None and about.may_create:
        _migrate(connection, shown, migrations)
        missing = []
    if missing:
        if len(missing) == len(migrations):
            raise StorageError(f"there is no store in {shown}", "open it as a user who may make its tables")
        reason = f"{reason or 'its tables are not yours to change'}, and it needs a migration first"
    elif reason is None and not fetch(connection, _MAY_WRITE)[0][0]:
        reason = "this user may only look"
    return reason and f"{shown} is read-only: {reason}"


def _missing(connection: Connection, shown: str, migrations: Sequence[Migration]) -> list[Migration]:
    """The migrations that the database lacks; StorageError if it is another's, or of a newer program."""
    tables = {name for (name,) in fetch(connection, _TABLES)}
    if LEDGER not in tables:
        if tables:
            raise StorageError(f"{shown} holds other data, not a store", "name an empty database with --db")
        return list(migrations)
    if not fetch(connection, _MAY_LOOK)[0][0]:
        raise _not_shown(connection, shown)
    applied = {name for (name,) in fetch(connection, f"SELECT name FROM {LEDGER}")}
    if unknown := sorted(applied - {migration.name for migration in migrations}):
        raise NewerStoreError(
            f"{shown} was written by a newer mi6-tui ({unknown[-1]})",
            "update mi6-tui, or name another with --db",
        )
    return [migration for migration in migrations if migration.name not in applied]


def _not_shown(connection: Connection, shown: str) -> StorageError:
    """What to tell a user whose rights do not reach as far as a look."""
    if fetch(connection, _MAY_SEND)[0][0]:
        return StorageError(
            f"{shown}: this user may only send events there, not look at them",
            "look as the viewer: `mi6-tui fleet roles` tells of both",
        )
    return StorageError(
        f"{shown}: this user may not look into that store", "`mi6-tui fleet roles` prints the rights it needs"
    )


def _migrate(connection: Connection, shown: str, migrations: Sequence[Migration]) -> None:
    """Apply what is missing, each step in a transaction with its record; one program at a time."""
    for migration in migrations:
        with connection.transaction():
            ask(connection, _LOCK)
            # Another program may have been at it meanwhile.
            if migration not in _missing(connection, shown, migrations):
                continue
            ask(connection, _CREATE_LEDGER)
            connection.execute(migration.sql.encode())
            ask(connection, f"INSERT INTO {LEDGER} VALUES (%s, %s)", (migration.name, now_ms()))
