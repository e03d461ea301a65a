"""What a database says of itself: its version and size, who asks and what that user may do, what waits.

Asks the server's catalogue, so that also a user who may not look into the store is answered.
"""

from __future__ import annotations

from typing import Final, TypeVar

import msgspec

from mi6_tui.clock import now_ms
from mi6_tui.errors import StorageError
from mi6_tui.storage.about import About, Inbox, Rights, Table
from mi6_tui.storage.postgres.address import address_of
from mi6_tui.storage.postgres.connection import Connection, connect, fetch
from mi6_tui.storage.postgres.errors import StaleError, translated
from mi6_tui.storage.postgres.migrations import MIGRATIONS
from mi6_tui.storage.postgres.opening import LEDGER
from mi6_tui.storage.postgres.roles import INBOX, VIEWED
from mi6_tui.storage.sequences import first_at

T = TypeVar("T", bound=msgspec.Struct)

REFUSED: Final = "inbox_refused"

_SERVER: Final = """
SELECT current_setting('server_version'), current_user::text, current_schema()::text,
    pg_database_size(current_database()), pg_is_in_recovery(),
    (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
    (SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl),
    coalesce(inet_server_addr() = inet_client_addr(), true)
"""
# Whatever there is not is no right.
_RIGHTS: Final = f"""
SELECT coalesce(has_table_privilege(to_regclass('events')::oid, 'INSERT')
        AND has_table_privilege(to_regclass('counters')::oid, 'UPDATE'), false),
    coalesce(has_any_column_privilege(to_regclass('{INBOX}')::oid, 'INSERT'), false),
    has_table_privilege(to_regclass('{LEDGER}')::oid, 'SELECT'),
    ARRAY(SELECT name FROM unnest(%s::text[]) AS named(name)
        WHERE to_regclass(name) IS NOT NULL AND NOT has_table_privilege(to_regclass(name)::oid, 'SELECT'))
"""
_SEES_INBOX: Final = f"""
SELECT coalesce(has_table_privilege(to_regclass('{INBOX}')::oid, 'SELECT')
    AND has_table_privilege(to_regclass('{REFUSED}')::oid, 'SELECT'), false)
"""
_INBOX: Final = f"""
SELECT (SELECT count(*) FROM {INBOX}), (SELECT min(received_at) FROM {INBOX}), count(*),
    (array_agg(reason ORDER BY received_at DESC))[1] FROM {REFUSED}
"""
_SEES_TWINS: Final = "SELECT coalesce(has_table_privilege(to_regclass('forwarded')::oid, 'SELECT'), false)"
_TWINS: Final = (
    "SELECT machine_id FROM forwarded WHERE sequence >= %s "
    "GROUP BY machine_id HAVING count(*) > 1 ORDER BY machine_id"
)
_DAY: Final = 86_400_000
_TABLES: Final = """
SELECT class.relname::text, greatest(reltuples, 0)::bigint,
    pg_table_size(class.oid), pg_indexes_size(class.oid), coalesce(n_dead_tup, 0),
    (extract(epoch FROM greatest(last_vacuum, last_autovacuum)) * 1000)::bigint,
    (extract(epoch FROM greatest(last_analyze, last_autoanalyze)) * 1000)::bigint
FROM pg_class AS class LEFT JOIN pg_stat_user_tables AS stats ON stats.relid = class.oid
WHERE class.relnamespace = current_schema()::regnamespace AND class.relkind IN ('r', 'p')
ORDER BY class.relname
"""


def about(url: str) -> About:
    """Ask, changing nothing. StorageError if it cannot be reached, UsageError if `url` is none."""
    address = address_of(url)
    try:
        with translated(address.shown), connect(address, writable=False, lock_timeout=500) as connection:
            return _about(connection, address.shown)
    except StaleError as error:
        raise StorageError(error.message, "check the address, and that the server runs") from error


def _about(connection: Connection, shown: str) -> About:
    sent = now_ms()
    ((version, user, schema, size, standby, at, encrypted, local),) = fetch(connection, _SERVER)
    skew = (sent + now_ms()) // 2 - at
    if schema is None:
        raise StorageError(f"{shown} has no schema for this user's tables", "check its search_path")
    ((writes, sends, sees, unseen),) = fetch(connection, _RIGHTS, (list(VIEWED),))
    rights: Rights = "all" if writes else "look" if sees else "send" if sends else "none"
    if sees is None:
        rights = "no store"
    applied, known = None, [step.name for step in MIGRATIONS]
    if sees:
        applied = tuple(name for (name,) in fetch(connection, f"SELECT name FROM {LEDGER} ORDER BY name"))
    return About(
        shown=shown,
        version=version.split()[0],
        user=user,
        rights=rights,
        unseen=tuple(unseen),
        standby=standby,
        bytes=size,
        # What stands before a server, and speaks TLS for it, is unknown to that.
        encrypted=encrypted or ("TLS" if connection.pgconn.ssl_in_use else None),
        local=local,
        at=at,
        skew_ms=skew,
        migrations=applied,
        missing=tuple(name for name in known if applied is not None and name not in applied),
        newer=tuple(name for name in applied or () if name not in known),
        tables=tuple(_row(Table, row) for row in fetch(connection, _TABLES)),
        inbox=_inbox(connection),
        twins=_twins(connection, at),
    )


def _inbox(connection: Connection) -> Inbox | None:
    if not fetch(connection, _SEES_INBOX)[0][0]:
        return None
    return _row(Inbox, fetch(connection, _INBOX)[0])


def _twins(connection: Connection, at: int) -> tuple[str, ...]:
    if not fetch(connection, _SEES_TWINS)[0][0]:
        return ()
    return tuple(name for (name,) in fetch(connection, _TWINS, (first_at(at - _DAY),)))


def _row(kind: type[T], row: tuple[object, ...]) -> T:
    return msgspec.convert(dict(zip(kind.__struct_fields__, row, strict=True)), kind)
