"""A client's database against a model: however it changes between two looks, the store ends as after one."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from mi6_tui.clock import now_ms
from mi6_tui.frameworks import framework
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import Event, EventQuery
from mi6_tui.storage.sqlite import SqliteStorage
from tests.frameworks.opencode.support import EPOCH, MACHINE, Client, contents
from tests.frameworks.opencode.test_properties import World
from tests.ingest.deadly import Deadly, Killed

LATER = 4_000_000_000_000
"""ms; when the stores judge."""
STEPS = st.sampled_from(
    ("session", "child", "fork", "prompt", "reply", "text", "think", "tool", "end", "title")
)
NEW = st.sampled_from(("session", "prompt", "reply"))
"""Those that change no row that was there."""
WHICH = st.integers(0, 7)
PAUSES = st.integers(1, 15_000)


class Asking(RuleBasedStateMachine):
    """A client works, tidies up and is updated; scanners come, stay and die."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp())
        self.database = self.home / ".local" / "share" / "opencode" / "opencode.db"
        self.storage = self.store("mi6.db")
        self.gone: set[str] = set()
        """Messages that were deleted: what was told of them stays, in no certain state."""
        self.ticks = 1_000_000_000
        self.held: list[int] = []
        self.second = False
        self.seconds = 0.0
        self.staying = self.scanner(self.storage)

    @initialize(second=st.booleans(), wal=st.booleans())
    def begin(self, second: bool, wal: bool) -> None:
        self.world = World(self.database, second=second)
        self.second = second
        if not wal:
            self.world.client.connection.execute("PRAGMA journal_mode = delete")

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.client.close()
        self.storage.close()
        for descriptor in self.held:
            os.close(descriptor)
        shutil.rmtree(self.home)

    # The client.

    @rule(step=STEPS, which=WHICH, pause=PAUSES)
    def work(self, step: str, which: int, pause: int) -> None:
        self.world.now += pause
        self.world.take(step, which)

    @rule(step=NEW, which=WHICH, lag=st.integers(1, 9_000))
    def commit_late(self, step: str, which: int, lag: int) -> None:
        """Another process of the client waited for its turn: the times of its rows are older than others."""
        self.world.now -= lag
        self.world.take(step, which)
        self.world.now += lag

    @rule(which=WHICH)
    def delete(self, which: int) -> None:
        """A message and its parts go."""
        if not self.world.messages:
            return
        message = self.world.messages.pop(which % len(self.world.messages))
        self.gone.add(message["id"])
        connection = self.world.client.connection
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        ]
        with connection:
            for table, column in (("part", "message_id"), ("message", "id"), ("session_message", "id")):
                if table in tables:
                    connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (message["id"],))

    @rule()
    def vacuum(self) -> None:
        self.world.client.connection.execute("VACUUM")

    @rule()
    def checkpoint(self) -> None:
        self.world.client.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @rule(step=NEW, pause=PAUSES)
    def replace(self, step: str, pause: int) -> None:
        """Another file takes its place, with the same content and with a session of long ago."""
        self.world.client.close()
        # As long as it is open, no other file can get its number.
        self.held.append(os.open(self.database, os.O_RDONLY))
        copy = self.database.with_name("copy")
        shutil.copy(self.database, copy)
        self.reopen(copy, wal=False)
        now, self.world.now = self.world.now, EPOCH - 10**9 + pause
        self.world.take("session", 0)
        self.world.take(step, 0)
        self.world.now = now
        self.world.client.close()
        copy.rename(self.database)
        self.reopen(self.database, wal=True)

    @rule(wal=st.booleans())
    def restart(self, wal: bool) -> None:
        """The client comes back, perhaps with another kind of log."""
        self.world.client.close()
        self.reopen(self.database, wal=wal)

    def reopen(self, path: Path, *, wal: bool) -> None:
        seq = self.world.client.seq
        self.world.client = Client(path, first=False, wal=wal)
        self.world.client.seq = seq

    @rule(pause=PAUSES)
    def update(self, pause: int) -> None:
        """A newer version of the client copies everything into other tables; no turn runs then."""
        runs = any(one["role"] == "assistant" and one["end"] is None for one in self.world.messages)
        if not self.second and not runs:
            self.second = True
            self.world.now += pause
            self.world.upgrade()

    @rule()
    def rest(self) -> None:
        """The last change is long ago, and the files' times can be relied on."""
        self.ticks += 10
        for path in self.database.parent.glob("opencode.db*"):
            os.utime(path, (self.ticks, self.ticks))

    # The scanners.

    def store(self, name: str) -> SqliteStorage:
        return SqliteStorage(self.home / name, clock=lambda: LATER)

    def scanner(self, storage: Any) -> Scanner:
        return Scanner(
            storage,
            [framework("opencode")],
            MACHINE,
            env={},
            home=self.home,
            watch=False,
            clock=now_ms,
            monotonic=self.monotonic,
        )

    def monotonic(self) -> float:
        self.seconds += 0.001
        return self.seconds

    @rule()
    def scan(self) -> None:
        assert self.scanner(self.storage).scan_once().problems == ()
        self.compare()

    @rule()
    def sweep(self) -> None:
        self.seconds += 10_000
        assert self.staying.sweep().problems == ()
        self.compare()

    @rule()
    def stay_anew(self) -> None:
        self.staying = self.scanner(self.storage)

    @rule(number=st.integers(1, 12), after=st.booleans())
    def die(self, number: int, after: bool) -> None:
        try:
            self.scanner(Deadly(self.storage, number, after=after)).scan_once()
        except Killed:
            return
        self.compare()

    @rule(step=STEPS, which=WHICH, pause=PAUSES)
    def scan_while_it_writes(self, step: str, which: int, pause: int) -> None:
        """What is not committed is not seen, and a database that is locked is no problem."""
        before = self.keys()
        self.world.now += pause
        connection = self.world.client.connection
        connection.execute("BEGIN EXCLUSIVE")
        self.world.take(step, which)
        seen = self.scanner(self.storage).scan_once()
        connection.execute("COMMIT")
        assert seen.problems == ()
        made = {message["id"] for message in self.world.messages if message["at"] == self.world.now}
        assert not {event.uuid for event in self.events()} & made - before

    # What must be.

    def events(self) -> list[Event]:
        return self.storage.query(EventQuery())

    def keys(self) -> set[str | None]:
        return {event.uuid for event in self.events()}

    def compare(self) -> None:
        """As a scanner that comes now for the first time would see it, but for what was deleted."""
        clean = self.store("clean.db")
        self.scanner(clean).scan_once()
        expected, found = contents(clean), contents(self.storage)
        clean.close()
        for path in self.home.glob("clean.db*"):
            path.unlink()
        if not self.gone:
            assert found == expected
            return
        mine = {event.key: event for event in found[0]}
        theirs = {event.key: event for event in expected[0]}
        assert {key: mine.get(key) for key in theirs} == theirs
        assert all(mine[key].uuid in self.gone for key in mine.keys() - theirs.keys())


TestAsking = Asking.TestCase
TestAsking.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
