"""Databases as the client keeps them, and what is told of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from mi6_tui.frameworks.base import Answer
from mi6_tui.frameworks.opencode import OpenCode
from mi6_tui.model import Batch, Event, EventQuery, EventType, Session, SessionFact, SessionQuery
from mi6_tui.storage.sqlite import SqliteStorage

DATA = Path(__file__).parents[2] / "data" / "opencode"
MACHINE = "box"
EPOCH = 1_700_000_000_000

SECOND = """
CREATE TABLE session_v2 (id text PRIMARY KEY, project_id text, parent_id text, fork_session_id text,
  fork_boundary text, directory text, title text, version text, time_created integer, time_updated integer,
  time_idle integer, idle_outcome text);
CREATE TABLE session_message (id text PRIMARY KEY, session_id text, type text, seq integer,
  time_created integer, time_updated integer, data text);
CREATE UNIQUE INDEX session_message_session_seq_idx ON session_message (session_id, seq);
CREATE INDEX session_message_session_time_created_id_idx ON session_message (session_id, time_created, id);
"""


class Client:
    """Writes a database as the client does, in both generations."""

    def __init__(self, path: Path, *, first: bool = True, second: bool = False, wal: bool = True) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.connection = apsw.Connection(str(path))
        self.connection.execute(f"PRAGMA journal_mode = {'wal' if wal else 'delete'}")
        if first:
            self.connection.execute((DATA / "schema.sql").read_text())
        if second:
            self.migrate()
        self.seq = 0

    def migrate(self) -> None:
        self.connection.execute(SECOND)

    def close(self) -> None:
        self.connection.close()

    def put(self, table: str, **row: Any) -> None:
        """Insert a row, or change the one of that id."""
        row = {name: json.dumps(value) if name == "data" else value for name, value in row.items()}
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        changes = ", ".join(f"{name} = excluded.{name}" for name in row if name != "id")
        sql = f"INSERT INTO {table}({names}) VALUES ({marks}) ON CONFLICT(id) DO UPDATE SET {changes}"
        self.connection.execute(sql, tuple(row.values()))

    def session(self, session_id: str, at: int = EPOCH, *, updated: int | None = None, **row: Any) -> None:
        defaults = {
            "project_id": "p",
            "slug": "s",
            "directory": "/w/greet",
            "title": "A title",
            "version": "1.18",
        }
        times = {"time_created": at, "time_updated": at if updated is None else updated}
        self.put("session", id=session_id, **{**defaults, **times, **row})

    def message(
        self, message_id: str, session_id: str, at: int, updated: int | None = None, **data: Any
    ) -> None:
        data = {"time": {"created": at}} | data
        times = {"time_created": at, "time_updated": at if updated is None else updated}
        self.put("message", id=message_id, session_id=session_id, data=data, **times)

    def part(
        self, part_id: str, message_id: str, session_id: str, at: int, updated: int | None = None, **data: Any
    ) -> None:
        times = {"time_created": at, "time_updated": at if updated is None else updated}
        self.put("part", id=part_id, message_id=message_id, session_id=session_id, data=data, **times)

    def prompt(self, message_id: str, session_id: str, at: int, text: str) -> None:
        self.message(message_id, session_id, at, role="user")
        self.part(f"prt_{message_id}", message_id, session_id, at, type="text", text=text)

    def reply(self, message_id: str, session_id: str, at: int, ended: int | None = None, **data: Any) -> None:
        """A reply of ten tokens a kind and 0.5 dollars, unless `data` says otherwise."""
        times = {"created": at} if ended is None else {"created": at, "completed": ended}
        numbers = tokens() if ended is not None else tokens(0, 0, 0, 0, 0)
        defaults = {"modelID": "m-1", "cost": 0.5 if ended else 0, "tokens": numbers, "finish": "stop"}
        if ended is None:
            del defaults["finish"]
        fields = {"role": "assistant", "time": times} | defaults | data
        self.message(message_id, session_id, at, ended, **fields)

    def session_v2(self, session_id: str, at: int = EPOCH, *, updated: int | None = None, **row: Any) -> None:
        defaults = {"project_id": "p", "directory": "/w/greet", "title": "A title", "version": "2.0"}
        times = {"time_created": at, "time_updated": at if updated is None else updated}
        self.put("session_v2", id=session_id, **{**defaults, **times, **row})

    def row_v2(
        self, row_id: str, session_id: str, kind: str, at: int, updated: int | None = None, **data: Any
    ) -> None:
        self.seq += 1
        times = {"time_created": at, "time_updated": at if updated is None else updated}
        data = {"time": {"created": at}} | data
        known = self.connection.execute("SELECT seq FROM session_message WHERE id = ?", (row_id,)).get
        self.put(
            "session_message",
            id=row_id,
            session_id=session_id,
            type=kind,
            seq=known or self.seq,
            data=data,
            **times,
        )


def tokens(
    fresh: int = 10, output: int = 10, reasoning: int = 10, read: int = 10, write: int = 10
) -> dict[str, Any]:
    return {"input": fresh, "output": output, "reasoning": reasoning, "cache": {"read": read, "write": write}}


def recorded(path: Path) -> None:
    """Make the database of the recorded runs."""
    client = Client(path, wal=False)
    with client.connection:
        for table in ("session", "message", "part"):
            for line in (DATA / f"{table}.jsonl").read_text().splitlines():
                row = json.loads(line)
                marks = ", ".join("?" * len(row))
                client.connection.execute(
                    f"INSERT INTO {table}({', '.join(row)}) VALUES ({marks})", tuple(row.values())
                )
    client.close()


def pieces(path: Path, cursor: bytes | None = None) -> Iterator[Answer]:
    """Ask until there is no more."""
    while True:
        answer = OpenCode().ask(str(path), MACHINE, cursor)
        assert answer is not None
        yield answer
        if not answer.more:
            return
        cursor = answer.cursor


class Told:
    """All that is told of a database from `cursor` on; of an event that grew, the last.

    The starts of sessions stand apart from the other events.
    """

    def __init__(self, path: Path, cursor: bytes | None = None) -> None:
        self.answers = list(pieces(path, cursor))
        self.cursor = self.answers[-1].cursor
        events = [event for answer in self.answers for event in answer.decoded.events]
        last = {event.key: event for event in events}
        self.starts = [event for event in last.values() if event.event_type == EventType.SESSION_START]
        self.events = [event for event in last.values() if event.event_type != EventType.SESSION_START]
        self.facts: list[SessionFact] = [fact for answer in self.answers for fact in answer.decoded.facts]
        self.malformed = sum(answer.decoded.malformed for answer in self.answers)
        self.unknown: dict[str, int] = {}
        for answer in self.answers:
            for kind, count in answer.decoded.unknown.items():
                self.unknown[kind] = self.unknown.get(kind, 0) + count

    def of(self, event_type: str) -> list[Event]:
        return sorted(
            (event for event in self.events if event.event_type == event_type),
            key=lambda event: (event.timestamp, event.key),
        )

    def one(self, event_type: str) -> Event:
        [event] = self.of(event_type)
        return event


@contextmanager
def stored(folder: Path, answers: Iterable[Answer], now: int) -> Iterator[SqliteStorage]:
    """A store that was told the answers, one by one."""
    storage = SqliteStorage(folder / "mi6.db", clock=lambda: now)
    try:
        for answer in answers:
            batch = Batch(events=tuple(answer.decoded.events), facts=tuple(answer.decoded.facts))
            storage.record(batch)
        storage.rejudge(now)
        yield storage
    finally:
        storage.close()


def contents(storage: SqliteStorage) -> tuple[list[Event], list[Session]]:
    """Everything in a store but the numbers it gives itself."""
    events = [event.with_(id=None) for event in storage.query(EventQuery())]
    sessions = [session.with_(revision=0) for session in storage.list_sessions(SessionQuery())]
    return sorted(events, key=lambda event: str(event.key)), sorted(sessions, key=lambda one: one.session_id)
