"""What a shared store takes: `python -m tests.fleet.sizing` prints the figures of docs/fleet.md.

A server of its own in a temporary folder, with PostgreSQL's own settings but for its memory; the events are
those of invented sessions with the mix of kinds and the lengths of real transcripts. Not a test: minutes.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from itertools import count
from random import Random
from statistics import median
from typing import Any, Final

import psutil

from mi6_tui.clock import now_ms
from mi6_tui.model import (
    Batch,
    Event,
    EventQuery,
    EventType,
    SearchQuery,
    SessionQuery,
    StorageStatsQuery,
    TimelineQuery,
    UsageQuery,
)
from mi6_tui.storage.postgres import PostgresStorage
from mi6_tui.storage.postgres.address import address_of
from mi6_tui.storage.postgres.connection import connect, fetch
from tests.storage.postgres.server import PostgresServer

_SETTINGS: Final = (
    "-c fsync=on -c full_page_writes=on -c autovacuum=on -c shared_buffers=256MB -c max_wal_size=1GB"
)
_MACHINES: Final = 12
_MORE_MACHINES: Final = 83
"""Of each: where sessions are copied they are of a thousand machines."""
_TURNS: Final = 13
_TOOLS: Final = 6
"""Calls in a turn: with its prompt, requests, replies and end these are 23 events."""
_A_TURN: Final = 5 + 3 * _TOOLS
_A_SESSION: Final = _TURNS * _A_TURN + 1
"""Its end is an event, too."""
_STAYS: Final = 20
"""One of so many sessions is of the last hours and has not ended."""
_LASTS: Final = _TURNS * 300_000
"""ms of a session."""
_DAYS: Final = 90
"""Over which the sessions are spread."""
_DAY: Final = 86_400_000
_VOCABULARY: Final = 30_000
_SIZE: Final = "SELECT pg_database_size(current_database())"
_TABLES: Final = """
SELECT class.relname::text, pg_relation_size(class.oid),
    coalesce(pg_total_relation_size(nullif(class.reltoastrelid, 0)), 0), class.relkind::text
FROM pg_class AS class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')
ORDER BY 2 DESC, 1
"""


class Fleet:
    """Invented sessions, the same each time."""

    def __init__(self, until: int) -> None:
        self._until = until
        self._random = Random(1)
        self._words = [self._word(number) for number in range(_VOCABULARY)]
        self._weights = [1 / (rank + 10) for rank in range(_VOCABULARY)]
        self._said: Iterator[str] = iter(())

    def _word(self, number: int) -> str:
        return sha256(str(number).encode()).hexdigest()[: 3 + number % 8]

    def _text(self, length: int) -> str:
        """Words as often as in a language: a few very often, most seldom."""
        words: list[str] = []
        room = self._random.expovariate(1 / length)
        while room > 0:
            word = next(self._said, None)
            if word is None:
                self._said = iter(self._random.choices(self._words, self._weights, k=10_000))
                continue
            words.append(word)
            room -= len(word) + 1
        return " ".join(words)[:2000]

    def session(self, number: int) -> Batch:
        """One with all its events, at a time of the last days."""
        stays = number % _STAYS == 0
        at = self._until - _LASTS - self._random.randrange(_DAY // 4 if stays else _DAYS * _DAY)
        name = self._id("session", number)
        events = [event for turn in range(_TURNS) for event in self._turn(name, number, turn, at)]
        if not stays:
            last = events[-1]
            events.append(
                last.with_(
                    event_type=EventType.SESSION_END, key=f"claude:end:{name}", timestamp=last.timestamp + 1
                )
            )
        return Batch(events=tuple(events))

    def _id(self, *parts: object) -> str:
        digits = sha256(repr(parts).encode()).hexdigest()
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))

    def _turn(self, name: str, number: int, turn: int, at: int) -> Iterator[Event]:
        steps = count()

        folder = f"/home/dev/.claude/projects/-home-dev-work-project-{number % 97}"

        def event(kind: str, key: str, **more: Any) -> Event:
            step = next(steps)
            uuid = self._id(name, turn, step)
            return Event(
                machine_id=f"machine-{number % _MACHINES}.example",
                timestamp=at + turn * 300_000 + step * 9_000,
                event_type=kind,
                session_id=name,
                framework="claude",
                source="transcript",
                cwd=f"/home/dev/work/project-{number % 97}",
                git_branch=f"feature/{number % 31}",
                transcript_path=f"{folder}/{name}.jsonl",
                byte_offset=(turn * _A_TURN + step) * 6_000,
                byte_length=1_400,
                claim=f"001{at}",
                key=f"claude:{key}:{uuid}",
                uuid=uuid,
                **more,
            )

        yield event(EventType.USER_PROMPT_SUBMIT, "prompt", preview=self._text(200))
        for call in range(_TOOLS):
            yield self._request(event, "tool_use")
            tool = {"tool_use_id": "toolu_" + self._id(name, turn, call)[:24], "tool_name": "Bash"}
            yield event(EventType.PRE_TOOL_USE, "pre", preview=self._text(90), **tool)
            yield event(EventType.POST_TOOL_USE, "post", preview=self._text(500), outcome="ok", **tool)
        yield self._request(event, "end_turn")
        for _ in range(2):
            yield event(EventType.ASSISTANT_MESSAGE, "text", preview=self._text(400), outcome="end_turn")
        yield event(EventType.STOP, "stop")

    def _request(self, event: Callable[..., Event], outcome: str) -> Event:
        return event(
            EventType.API_REQUEST,
            "req:msg_0141ab7c20c7dc4527857870",
            twin_key=f"claude:msg:msg_{self._random.getrandbits(96):024x}",
            version=f"{self._random.getrandbits(96):056d}",
            model="claude-opus-4-5",
            outcome=outcome,
            tokens_input=self._random.randrange(2_000),
            tokens_output=self._random.randrange(2_000),
            tokens_cache_read=self._random.randrange(150_000),
            tokens_cache_write=self._random.randrange(9_000),
        )


class Measure:
    """One server, filled and asked."""

    def __init__(self, server: PostgresServer, url: str) -> None:
        self._server = server
        self._url = url
        self._fleet = Fleet(now_ms())

    def _one(self, sql: str) -> Any:
        return self._server.run(sql, "sizing")[0][0]

    def _cpu_there(self) -> float:
        """Seconds of CPU of all the server's processes; this one's connection must be open still."""
        main = psutil.Process(int((self._server.folder / "data" / "postmaster.pid").read_text().split()[0]))
        used = main.cpu_times()
        ended = used.user + used.system + used.children_user + used.children_system
        return ended + sum(sum(child.cpu_times()[:2]) for child in main.children())

    def fill(self, storage: PostgresStorage, sessions: range) -> None:
        """Record these sessions; print how fast, and what it wrote to the log."""
        wal, events = self._one("SELECT pg_current_wal_lsn()"), 0
        took: list[float] = []
        cpu, there = 0.0, self._cpu_there()
        for number in sessions:
            batch = self._fleet.session(number)
            began, used = time.perf_counter(), _cpu()
            storage.record(batch)
            took.append((time.perf_counter() - began) / len(batch.events))
            cpu += _cpu() - used
            events += len(batch.events)
        written = int(self._one(f"SELECT pg_current_wal_lsn() - '{wal}'::pg_lsn"))
        cpu_there = self._cpu_there() - there
        print(
            f"\nrecorded {events:,} events: 10,000 take {median(took) * 1e4:.2f} s in the median session, "
            f"{cpu / events * 1e4:.2f} s of CPU here and {cpu_there / events * 1e4:.2f} s there, "
            f"{written / events * 1e4 / 1e6:,.1f} MB of log"
        )

    def sizes(self, storage: PostgresStorage) -> None:
        """Print bytes an event, table by table."""
        self._server.run("VACUUM (ANALYZE)", "sizing")
        events, sessions = storage.count(), self._one("SELECT count(*) FROM sessions")
        rows = self._server.run(_TABLES, "sizing")
        total = sum(row[1] + row[2] for row in rows)
        print(f"\n{events:,} events, {sessions:,} sessions, {total / 1e6:,.0f} MB; bytes an event:")
        print(f"  {'all':38} {total / events:7.1f}")
        for name, size, toast, kind in rows:
            if size + toast > total / 200:
                what = "table" if kind == "r" else "index"
                print(f"  {name:32} {what} {(size + toast) / events:7.1f}")

    def questions(self, storage: PostgresStorage) -> None:
        """Print what the dashboard's questions take, and the way the server goes."""
        now, some = now_ms(), storage.list_sessions(SessionQuery(limit=1))[0]
        timeline = TimelineQuery(machine_id=some.machine_id, session_id=some.session_id)
        new = EventQuery().order_by_id().with_after_id(storage.last_event_id() - 100)
        asked: tuple[tuple[str, Callable[[], object]], ...] = (
            ("sessions that have not ended", lambda: storage.list_sessions(SessionQuery(only_active=True))),
            ("what changed (revision)", storage.revision),
            ("the latest 100 events", lambda: storage.query(EventQuery().with_limit(100))),
            ("100 events after an id", lambda: storage.query(new)),
            ("timeline of a session", lambda: storage.timeline(timeline)),
            ("tokens of the last hour", lambda: storage.rates(now - 3_600_000, now)),
            ("usage by model, a day", lambda: storage.usage(UsageQuery(by="model", since=now - _DAY))),
            ("usage by day, 30 days", lambda: storage.usage(UsageQuery(by="day", since=now - 30 * _DAY))),
            ("usage by model, all", lambda: storage.usage(UsageQuery(by="model"))),
            ("search, a common word", lambda: storage.search(SearchQuery(text=self._fleet._words[0]))),
            ("search, two rare words", lambda: storage.search(
                SearchQuery(text=f"{self._fleet._words[9_000]} {self._fleet._words[9_001]}"))),
            ("totals", lambda: storage.storage_stats(StorageStatsQuery())),
            ("machines", storage.machines),
            ("count of all events", storage.count),
        )  # fmt: skip
        print("\nquestions, the fastest of 9 in ms:")
        for name, ask in asked:
            took = []
            for _ in range(9):
                began = time.perf_counter()
                ask()
                took.append((time.perf_counter() - began) * 1e3)
            print(f"  {name:32} {min(took):8.2f}")

    def multiply(self, times: int) -> None:
        """Copy the rows of sessions and their sums, under other names: lists and sums then read as many."""
        for table in ("sessions", "usage"):
            found = self._server.run(
                f"SELECT attname::text FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0",
                "sizing",
            )
            names = [name for (name,) in found]
            copied = {
                "session_id": "session_id || '-' || n",
                "machine_id": f"machine_id || '-' || n % {_MORE_MACHINES}",
                "last_activity": "last_activity - n",
            }
            columns = ", ".join(copied.get(name, name) for name in names)
            self._server.run(
                f"INSERT INTO {table}({', '.join(names)}) "
                f"SELECT {columns} FROM {table}, generate_series(1, {times - 1}) AS n",
                "sizing",
            )
        self._server.run("VACUUM (ANALYZE)", "sizing")
        sessions, sums = (self._one(f"SELECT count(*) FROM {table}") for table in ("sessions", "usage"))
        sizes = [self._one(f"SELECT pg_total_relation_size('{table}')") for table in ("sessions", "usage")]
        print(
            f"\n{sessions:,} sessions take {sizes[0] / 1e6:,.0f} MB, "
            f"their {sums:,} sums {sizes[1] / 1e6:,.0f} MB"
        )

    def plans(self) -> None:
        """Print the first node of the plan of each statement that the dashboard repeats."""
        from mi6_tui.storage.postgres.queries import event_sql, session_sql
        from mi6_tui.storage.rows import SESSION_FIELDS, select_events

        sessions = f"SELECT {', '.join(SESSION_FIELDS)} FROM sessions"
        new = EventQuery().order_by_id().with_after_id(1).with_limit(100)
        asked = (
            ("active sessions", sessions, session_sql(SessionQuery(only_active=True))),
            ("latest events", select_events(), event_sql(EventQuery().with_limit(100))),
            ("after an id", select_events(), event_sql(new)),
        )  # fmt: skip
        print("\nplans:")
        with closing(connect(address_of(self._url), writable=False, lock_timeout=0)) as connection:
            for name, start, (end, values) in asked:
                rows = fetch(connection, f"EXPLAIN (ANALYZE, BUFFERS) {start}{end}", values)
                lines = [row[0].strip() for row in rows]
                scan = next(
                    line for line in lines if " Scan" in line and ("events" in line or "sessions" in line)
                )
                took = next(line for line in lines if line.startswith("Execution Time"))
                print(f"  {name}: {scan[:110]}; {took}")

    def delete(self, storage: PostgresStorage) -> None:
        """Print what `gc` takes when it deletes half, and what it leaves."""
        before, size = storage.count(), self._one(_SIZE)
        wal, there, began = self._one("SELECT pg_current_wal_lsn()"), self._cpu_there(), time.perf_counter()
        deleted = storage.gc(_DAYS // 2 * _DAY)
        seconds, used = time.perf_counter() - began, self._cpu_there() - there
        written = int(self._one(f"SELECT pg_current_wal_lsn() - '{wal}'::pg_lsn"))
        stones = self._one("SELECT pg_total_relation_size('tombstones')")
        print(
            f"\ngc: {deleted:,} of {before:,} events; 10,000 take {seconds / deleted * 1e4:.2f} s, "
            f"{used / deleted * 1e4:.2f} s of CPU there, {written / deleted * 1e4 / 1e6:,.1f} MB of log; "
            f"{stones / deleted:.0f} B remain of each; "
            f"the database takes {self._one(_SIZE) / size:.0%} of before"
        )


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main(events: int = 300_000, times: int = 333) -> None:
    """Fill with a third, then with all, and ask both times; then with `times` as many sessions."""
    sessions = events // _A_SESSION
    with closing(PostgresServer(_SETTINGS)) as server:
        url = server.make("sizing")
        measure = Measure(server, url)
        with closing(PostgresStorage(url)) as storage:
            print(server.run("SELECT version()")[0][0])
            for part in (range(sessions // 3), range(sessions // 3, sessions)):
                measure.fill(storage, part)
                measure.sizes(storage)
                measure.questions(storage)
            measure.plans()
            measure.delete(storage)
            measure.multiply(times)
            measure.questions(storage)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
