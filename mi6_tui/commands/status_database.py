"""What `status` says of a store in a database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import msgspec

from mi6_tui.commands.store import engine
from mi6_tui.model import EventQuery, StorageStatsQuery
from mi6_tui.report import units
from mi6_tui.storage import open_storage

if TYPE_CHECKING:
    from mi6_tui.storage.about import About

_FEW: Final = 1_000_000
"""Rows that are counted; of more the server's estimate is told."""
_RIGHTS: Final = {
    "all": "may read and write",
    "look": "may only look",
    "send": "may only send",
    "none": "may do nothing here",
    "no store": "finds no store there yet",
}


class Database(msgspec.Struct, frozen=True, kw_only=True):
    """A store in PostgreSQL. Times in ms; None where this user may not know."""

    place: str
    version: str
    """Of the server."""
    user: str
    rights: str
    encrypted: str | None
    """The version of TLS; None: the connection is not encrypted."""
    bytes: int
    schema: str | None
    """The last migration."""
    read_only: str | None = None
    """Why nothing can be written."""
    sessions: int | None = None
    active_sessions: int | None = None
    events: int | None = None
    events_estimated: bool = False
    """Whether that is the server's estimate."""
    requests: int | None = None
    total_tokens: int | None = None
    last_event: int | None = None
    machines: int | None = None
    last_machine: int | None = None
    """When one of them last reported, in ms before now."""


def database_state(url: str) -> Database:
    """Ask it; no store is made where there is none. StorageError if it cannot be reached."""
    with engine():
        from mi6_tui.storage.postgres.about import about

    found = about(url)
    state = Database(
        place=found.shown,
        version=found.version,
        user=found.user,
        rights=found.rights,
        encrypted=found.encrypted,
        bytes=found.bytes,
        schema=found.migrations[-1] if found.migrations else None,
    )
    if found.rights not in ("all", "look"):
        return state
    return _with_content(state, url, found)


def _with_content(state: Database, url: str, found: About) -> Database:
    # Opened as the dashboard is, to hear the same reason; with nothing left to migrate that writes nothing.
    storage = open_storage(url, read_only=bool(found.missing))
    try:
        stats = storage.storage_stats(StorageStatsQuery())
        latest = storage.query(EventQuery().with_limit(1))
        machines, now = storage.machines(), storage.now()
        table = found.table("events")
        estimate = table.rows if table is not None and table.rows > _FEW else None
        return msgspec.structs.replace(
            state,
            read_only=storage.read_only,
            sessions=stats.session_count,
            active_sessions=stats.active_session_count,
            events=storage.count() if estimate is None else estimate,
            events_estimated=estimate is not None,
            requests=stats.total_api_requests,
            total_tokens=stats.total_tokens,
            last_event=latest[0].timestamp if latest else None,
            machines=len(machines),
            last_machine=min((now - one.seen_at for one in machines), default=None),
        )
    finally:
        storage.close()


def database_lines(state: Database, now: int) -> Iterable[tuple[str, str, str | None]]:
    """Label, value and remark of each line."""
    yield "store", state.place, None
    if state.read_only is not None:
        yield "writable", f"no: {state.read_only.rpartition(' is read-only: ')[2]}", None
    yield "server", f"PostgreSQL {state.version}, {state.encrypted or 'not encrypted'}", None
    yield "user", f"{state.user}, {_RIGHTS[state.rights]}", None
    yield "schema", state.schema or units.UNKNOWN, None
    yield "size", units.size(state.bytes), None
    if state.sessions is None:
        return
    about = "about " if state.events_estimated else ""
    last = "never" if state.last_event is None else f"{units.span(now - state.last_event)} ago"
    yield "sessions", f"{state.sessions}, {state.active_sessions} active", None
    yield "events", f"{about}{state.events}, the latest {last}", None
    yield "requests", f"{state.requests}, {units.count(state.total_tokens or 0)} tokens", None
    seen = "" if state.last_machine is None else f", one seen {units.span(max(0, state.last_machine))} ago"
    yield "machines", f"{state.machines}{seen}", None
