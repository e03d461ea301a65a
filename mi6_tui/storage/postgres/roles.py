"""Rights of the users of a shared store: one who may only send, one who may only look. As SQL for `psql`."""

from __future__ import annotations

from typing import Final

from mi6_tui.errors import UsageError
from mi6_tui.storage.selection import VIEWS

PUSHER: Final = "mi6_pusher"
VIEWER: Final = "mi6_viewer"
VIEWED: Final = (
    "counters",
    "events",
    "files",
    "machines",
    "mi6_tui_migrations",
    "session_state",
    "sessions",
    "telemetry",
    "transcript_positions",
    "usage",
    *VIEWS,
)
"""The tables and views that a dashboard, the commands that only read, and `sql` ask."""
INBOX: Final = "inbox"
SENT: Final = ("machine_id", "sent_at", "payload")
"""The columns of the inbox that a pusher fills; when a row came is the server's word."""

_LONGEST: Final = 63
"""Bytes of a name; PostgreSQL cuts what is longer."""

_HEAD: Final = """\
-- The users of a store of mi6-tui: {pusher} may only send, {viewer} may only look.
-- For psql, as the owner of the tables. All or nothing; the same again changes nothing.
\\set ON_ERROR_STOP on
\\set QUIET on
SET client_min_messages = warning;
BEGIN;
"""

_MAKE: Final = """
DO $mi6$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[{names}] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', name);
        END IF;
        -- Of these no grant takes anything away.
        IF EXISTS (
            SELECT FROM pg_roles AS role WHERE rolname = name AND (
                rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
                OR EXISTS (SELECT FROM pg_auth_members WHERE member = role.oid)
                OR EXISTS (SELECT FROM pg_database WHERE datname = current_database() AND datdba = role.oid)
                OR EXISTS (SELECT FROM pg_namespace
                    WHERE nspname = current_schema() AND nspowner = role.oid)
                OR EXISTS (SELECT FROM pg_class
                    WHERE relnamespace = current_schema()::regnamespace AND relowner = role.oid)
            )
        ) THEN
            RAISE EXCEPTION 'role "%" owns something, is in another role or is an administrator', name
                USING HINT = 'name another: this one can do more than it should whatever is granted';
        END IF;
    END LOOP;
END
$mi6$;
"""

_SCHEMA: Final = """
-- What everybody has unless it is taken: to connect, to make temporary tables, to look into the schema.
DO $mi6$
DECLARE
    names text := {quoted};
    made text;
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC, %s', current_database(), names);
    EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC, %s', current_schema(), names);
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM PUBLIC, %s', current_schema(), names);
    EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA %I FROM PUBLIC, %s', current_schema(), names);
    EXECUTE format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA %I FROM PUBLIC, %s', current_schema(), names);
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO CURRENT_USER', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %s', current_database(), names);
    EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO CURRENT_USER', current_schema());
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %s', current_schema(), names);
    -- Large objects have no owner's limit, and an advisory lock holds up others.
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        FOR made IN
            SELECT oid::regprocedure::text FROM pg_proc
            WHERE pronamespace = 'pg_catalog'::regnamespace
                AND proname ~ '^(lo_|lowrite|pg_(try_)?advisory_)'
        LOOP
            EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', made);
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO CURRENT_USER, %I', made,
                (SELECT tableowner FROM pg_tables
                    WHERE schemaname = current_schema() AND tablename = 'events'));
        END LOOP;
    ELSE
        RAISE WARNING 'only a superuser can forbid large objects and advisory locks: they stay allowed';
    END IF;
END
$mi6$;
"""


def roles_sql(pusher: str = PUSHER, viewer: str = VIEWER) -> str:
    """Statements that make both users, and give them their rights and no others; passwords are not set.

    UsageError if a name cannot be one.
    """
    if pusher == viewer:
        raise UsageError("pusher and viewer are one user", "whoever may only send must not look: name two")
    for name in (pusher, viewer):
        _check(name)
    sender, looker = _name(pusher), _name(viewer)
    return "\n".join(
        (
            _HEAD.format(pusher=sender, viewer=looker).rstrip(),
            _MAKE.format(names=f"{_literal(pusher)}, {_literal(viewer)}").rstrip(),
            _SCHEMA.format(quoted=_literal(f"{sender}, {looker}")).rstrip(),
            "",
            f"GRANT INSERT ({', '.join(SENT)}) ON {INBOX} TO {sender};",
            f"GRANT SELECT ON {', '.join(VIEWED)} TO {looker};",
            "",
            "-- A program that forgets a transaction must not hold up others; nobody writes by mistake.",
            f"ALTER ROLE {sender} SET idle_in_transaction_session_timeout = '60s';",
            f"ALTER ROLE {looker} SET idle_in_transaction_session_timeout = '60s';",
            f"ALTER ROLE {looker} SET default_transaction_read_only = on;",
            "COMMIT;",
        )
    )


def _check(name: str) -> None:
    if not name or len(name.encode()) > _LONGEST or not name.isprintable() or "$" in name:
        raise UsageError(
            f"{name[:_LONGEST]!r} cannot be the name of a user",
            f"1 to {_LONGEST} bytes, without control characters and $",
        )
    if name == "public" or name.startswith("pg_"):
        raise UsageError(f"{name!r} is a name of the server's own", "name another")


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
