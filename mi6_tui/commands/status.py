"""`status`: where the store is, what it holds, how fresh it is, who writes it; how hooks are set up."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from mi6_tui import frameworks
from mi6_tui.clock import now_ms
from mi6_tui.commands import arguments
from mi6_tui.commands.status_database import Database, database_lines, database_state
from mi6_tui.commands.store import database, places
from mi6_tui.errors import DONE
from mi6_tui.hooks.place import SCOPES, Place, here
from mi6_tui.hooks.state import HookState, installed
from mi6_tui.ingest.discover import default_roots
from mi6_tui.ingest.lock import WriterLock
from mi6_tui.ingest.loopback.tidings import Tidings, in_words, tidings_of
from mi6_tui.ingest.spool.folder import Counts, counts
from mi6_tui.judge.freshness import silent_for, skew
from mi6_tui.model import EventQuery, Machine, StorageStatsQuery
from mi6_tui.model.limits import LIMITS, Limit, limits_of, sentence
from mi6_tui.paths import Paths, user_home
from mi6_tui.report import out, units
from mi6_tui.report.cells import clean
from mi6_tui.storage.sqlite import SqliteStorage


class Root(msgspec.Struct, frozen=True):
    """A folder that a client writes to."""

    framework: str
    path: str
    exists: bool


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` prints. Times in ms; None where there is no store, or nobody writes it."""

    store: str
    database: Database | None = None
    """Of a store in PostgreSQL; what is said of a file is None then."""
    bytes: int | None = None
    read_only: str | None = None
    sessions: int | None = None
    active_sessions: int | None = None
    events: int | None = None
    requests: int | None = None
    total_tokens: int | None = None
    transcripts: int | None = None
    machines: tuple[Machine, ...] = ()
    """Those that reported to the store, as it heard of them last."""
    last_event: int | None = None
    last_read: int | None = None
    writer: int | None = None
    limits: tuple[Limit, ...] = ()
    """What the providers allow, and how much of it is used, as the clients were last told."""
    roots: tuple[Root, ...] = ()
    hooks: tuple[HookState, ...]
    """For the user and for the current folder."""
    spool: str
    """Where hooks leave their calls."""
    calls: Counts
    ports: Tidings | None = None
    """What `scan --follow` last took and refused at its ports; None: nothing is known of any."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    arguments.add_json(parser, "one object; times are ms, unknown is null")


def run(args: argparse.Namespace) -> int:
    """Say how things are."""
    url = database(args)
    state = _state(places(args)) if url is None else _of_database(places(args), url)
    if args.json:
        out.json(state)
    else:
        out.lines(_sentences(state, now_ms()))
    return DONE


def _of_database(where: Paths, url: str) -> State:
    found = database_state(url)
    return msgspec.structs.replace(_local(where), store=found.place, database=found)


def _local(where: Paths) -> State:
    return State(
        store=str(where.store),
        roots=_roots(),
        hooks=_hooks(here()),
        spool=str(where.spool),
        calls=counts(where.spool),
        ports=tidings_of(where.store),
    )


def _state(where: Paths) -> State:
    state = _local(where)
    # A link that leads nowhere is a store that cannot be opened.
    return _with_store(state, where) if os.path.lexists(where.store) else state


def _with_store(state: State, where: Paths) -> State:
    storage = SqliteStorage(where.store)
    try:
        stats = storage.storage_stats(StorageStatsQuery())
        positions = [position for _, position in storage.query_transcript_positions()]
        latest = storage.query(EventQuery().with_limit(1))
        return msgspec.structs.replace(
            state,
            bytes=_bytes(where.store),
            read_only=storage.read_only,
            sessions=stats.session_count,
            active_sessions=stats.active_session_count,
            events=storage.count(),
            requests=stats.total_api_requests,
            total_tokens=stats.total_tokens,
            transcripts=len(positions),
            machines=tuple(storage.machines()),
            last_event=latest[0].timestamp if latest else None,
            last_read=max((position.updated_at for position in positions), default=None),
            limits=tuple(limits_of(storage.telemetry((LIMITS,)), now_ms())),
            writer=None if storage.read_only else _writer(where),
        )
    finally:
        storage.close()


def _bytes(store: Path) -> int:
    """Of the file and of what SQLite keeps beside it."""
    beside = (store, *(store.with_name(store.name + suffix) for suffix in ("-wal", "-shm")))
    return sum(path.stat().st_size for path in beside if path.exists())


def _writer(where: Paths) -> int | None:
    """The process that holds the writer's lock; None if nobody does."""
    lock = WriterLock(where.writer_lock)
    if lock.try_acquire():
        lock.release()
        return None
    return lock.holder()


def _roots() -> tuple[Root, ...]:
    clients = [frameworks.framework(name) for name in frameworks.names()]
    return tuple(
        Root(root.framework.name, root.path, Path(root.path).is_dir())
        for root in default_roots(clients, os.environ, user_home())
    )


def _hooks(place: Place) -> tuple[HookState, ...]:
    """Each file once: in the home folder the project's may be the user's."""
    states = [
        state for scope in SCOPES for name in frameworks.names() for state in installed(name, scope, place)
    ]
    return tuple({(state.framework, state.file): state for state in reversed(states)}.values())[::-1]


def _sentences(state: State, now: int) -> Iterable[str]:
    if state.database is not None:
        for label, value, remark in database_lines(state.database, now):
            yield _line(label, value, remark)
    else:
        yield _line("store", state.store, "not made yet" if state.bytes is None else state.read_only)
    if state.bytes is not None:
        yield _line("size", units.size(state.bytes))
        yield _line("sessions", f"{state.sessions}, {state.active_sessions} active")
        yield _line("events", f"{state.events}, the latest {_ago(state.last_event, now)}")
        yield _line("requests", f"{state.requests}, {units.count(state.total_tokens or 0)} tokens")
        yield _line("files", f"{state.transcripts} read, the last {_ago(state.last_read, now)}")
        yield _line("writer", f"process {state.writer}" if state.writer else "none")
    if len(state.machines) > 1:
        yield from (_line("machine", machine.machine_id, _heard(machine, now)) for machine in state.machines)
    for limit in state.limits:
        yield _line("limit", sentence(limit, now, units.moment))
    for root in state.roots:
        yield _line(root.framework, root.path, None if root.exists else "does not exist")
    yield from _hook_lines(state)


def _heard(machine: Machine, now: int) -> str:
    """When a machine was seen, and what is wrong with it."""
    silence = silent_for(machine, now)
    seen = f"seen {_ago(machine.seen_at, now)}" if silence is None else f"not seen for {units.span(silence)}"
    return ", ".join(filter(None, (seen, skew(machine), machine.problem)))


def _hook_lines(state: State) -> Iterable[str]:
    """Of projects only what is there."""
    for hooks in state.hooks:
        if hooks.scope == "project" and hooks.state == "not enabled":
            continue
        told = hooks.state + (" with its status line" if hooks.status_line else "")
        if hooks.state == "not enabled" and not hooks.present:
            told = "client not present"
        remark = hooks.reason or (hooks.file if hooks.state in ("enabled", "outdated") else None)
        yield _line("hooks", f"{hooks.framework} {told}", remark)
    calls = state.calls
    lost = f", {calls.dropped} dropped, {calls.quarantined} set aside so far"
    yield _line("spool", f"{calls.waiting} calls wait{lost}", state.spool)
    if (ports := state.ports) is not None:
        which = ", ".join(f"{name} at {port}" for name, port in ports.ports.items())
        until = f"ended {units.moment(ports.at)}" if ports.ended else f"since {units.moment(ports.since)}"
        yield _line("ports", in_words(ports), f"{which}; process {ports.pid}, {until}")


def _line(label: str, value: str, remark: str | None = None) -> str:
    return f"{label:8}  {clean(value)}" + (f" ({clean(remark)})" if remark else "")


def _ago(moment: int | None, now: int) -> str:
    return "never" if moment is None else f"{units.span(now - moment)} ago"
