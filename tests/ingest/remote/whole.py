"""What a store holds, places aside; and a scan on the machine itself to hold it against."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from mi6_tui.frameworks import framework, names
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import Event, EventQuery, Session, SessionQuery
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.conftest import Clock
from tests.ingest.remote.machine import Far

PROJECT = ".claude/projects/-p"


class Held(NamedTuple):
    """Rows without their places and ids."""

    sessions: list[Session]
    events: list[Event]


def held(storage: SqliteStorage, scheme: str = "") -> Held:
    """All rows; `scheme` is taken from the beginning of paths."""
    sessions = [one.with_(revision=0) for one in storage.list_sessions(SessionQuery())]
    events = [one.with_(id=None) for one in storage.query(EventQuery())]
    return Held(
        sorted((one.with_(transcript_path=_bare(one, scheme)) for one in sessions), key=lambda one: one.key),
        sorted((one.with_(transcript_path=_bare(one, scheme)) for one in events), key=repr),
    )


def _bare(row: Session | Event, scheme: str) -> str | None:
    path = row.transcript_path
    if path is None or not scheme:
        return path
    assert path.startswith(scheme), "a place on another machine looks like one here"
    return path.removeprefix(scheme)


def scanned_there(far: Far, clock: Clock, path: Path) -> Held:
    """What a scan on the machine gives, of all clients whose files can be read from elsewhere."""
    storage = SqliteStorage(path, clock=clock)
    clients = [framework(name) for name in names() if name != "opencode"]
    scanner = Scanner(storage, clients, far.name, env={}, home=far.home, watch=False, clock=clock)
    report = scanner.scan_once()
    assert report.problems == ()
    found = held(storage)
    storage.close()
    return found


def lines(session: str, *numbers: int) -> bytes:
    """Prompts of a session, one line each, as a client writes them."""
    return b"".join(_line(session, number) for number in numbers)


def _line(session: str, number: int) -> bytes:
    record = {
        "type": "user",
        "uuid": f"{session}-{number}",
        "sessionId": session,
        "timestamp": f"2026-11-26T10:00:{number % 60:02}.000Z",
        "cwd": "/p",
        "message": {"role": "user", "content": f"prompt {number}"},
    }
    return json.dumps(record).encode() + b"\n"


def prompts(storage: SqliteStorage) -> list[str]:
    """All prompts in the store, by time."""
    found = [event for event in storage.query(EventQuery(direction="asc")) if "prompt" in event.text]
    return [event.text for event in found]
