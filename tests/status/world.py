"""A machine of our own: a home, a spool, processes and a clock, and the real scanner that looks at them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from mi6_tui.frameworks import framework
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import Session, SessionQuery
from mi6_tui.storage.sqlite import SqliteStorage
from tests.frameworks.opencode.support import Client
from tests.status.clock import Clock
from tests.status.machine import MACHINE, Machine
from tests.status.sides import sides_of

NOTICED: Final = 25
"""ms after which the system's notification of a change has come, and what came with it."""
_RECORDED_HOME: Final = "/home/dev"
PROJECT: Final = f"{_RECORDED_HOME}/project"
TICK: Final = 500
"""ms between two looks while nothing happens."""


class Shown(msgspec.Struct, frozen=True):
    """What the store said of a session from `at` on."""

    at: int
    word: str
    detail: str
    rule: str
    source: str


class World:
    """Events happen to it, `run_to` lets time pass; `shown` tells what the store said meanwhile.

    Each witness can be left out. Without `processes` the clients run in a container that shares the home
    alone.
    """

    def __init__(
        self,
        folder: Path,
        client: str,
        now: int,
        *,
        hooks: bool = True,
        registry: bool = True,
        processes: bool = True,
        booted_at: int | None = None,
    ) -> None:
        self.home = folder.resolve() / "home"
        self.spool = folder.resolve() / "spool"
        self.home.mkdir(parents=True)
        self.spool.mkdir(mode=0o700)
        if processes:
            (self.home / "project").mkdir()
        self.clock = Clock(now)
        self.machine = Machine(self.clock, now - 3_600_000 if booted_at is None else booted_at)
        self.machine.visible = processes
        self.store = SqliteStorage(folder / "mi6.db", clock=self.clock)
        self.shown: dict[str, list[Shown]] = {}
        self._client = framework(client)
        for root in self._client.roots({}, self.home):
            root.mkdir(parents=True)
        self._subscribed = frozenset(self._client.hooks().events) if hooks else frozenset()
        self._registry = registry
        self._database: Client | None = None
        self._calls = 0
        self._revision = 0
        self._hints: set[str] = set()
        self._next_tick = now
        self._scanner = Scanner(
            self.store,
            [self._client],
            MACHINE,
            sides=sides_of(self.store, self._client, self.home, self.spool, self.machine),
            env={},
            home=self.home,
            watch=False,
            clock=self.clock,
            monotonic=self.clock.seconds,
        )

    def close(self) -> None:
        self.store.close()
        if self._database is not None:
            self._database.close()

    # What happens.

    def append(self, file: str, data: bytes) -> None:
        """A transcript grows."""
        path = self._path(file)
        with path.open("ab") as written:
            written.write(data.replace(_RECORDED_HOME.encode(), str(self.home).encode()))
        self._changed(path)

    def move(self, file: str, to: str) -> None:
        self._path(file).rename(self._path(to))
        self._changed(self._path(to))

    def put(self, file: str, text: str) -> None:
        """A client writes an entry of its registry."""
        if self._registry:
            path = self._path(file)
            path.write_text(self._here(text), "utf-8")
            self._changed(path)

    def remove(self, file: str) -> None:
        if self._registry:
            self._path(file).unlink()
            self._hints.add(str(self._path(file)))

    def hook(
        self,
        event: str,
        payload: Mapping[str, Any],
        *,
        ppid: int | None = None,
        env: Mapping[str, str] | None = None,
        called_at: int | None = None,
    ) -> None:
        """A client calls a hook; nothing comes of it if nobody subscribed to it."""
        if not self.subscribed(event):
            return
        self._calls += 1
        fields = {"framework": self._client.name, "event": event, "ppid": ppid or "", **(env or {})}
        trailer = "\t".join(["mi6-hook 1", *(f"{name}={value}" for name, value in fields.items())])
        path = self.spool / str(self._calls)
        path.write_text(f"{self._here(json.dumps(payload))}\n{trailer}\n", "utf-8")
        self._changed(path, called_at)

    def subscribed(self, event: str) -> bool:
        """Whether a call of that hook would reach us."""
        return event in self._subscribed

    def row(self, table: str, values: Mapping[str, Any]) -> None:
        """A client changes its database."""
        if self._database is None:
            self._database = Client(self._path(".local/share/opencode/opencode.db"))
        self._database.put(table, **json.loads(self._here(json.dumps(values))))
        self._changed(self._database.path)

    def process(self, pid: int, argv: Sequence[str], *, cwd: str = PROJECT, **more: Any) -> None:
        """A process begins."""
        self.machine.start(pid, argv, cwd=self._here(cwd), **more)

    def _here(self, text: str) -> str:
        """The same of our own home."""
        return text.replace(_RECORDED_HOME, str(self.home))

    def _path(self, file: str) -> Path:
        path = self.home / file
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _changed(self, path: Path, at: int | None = None) -> None:
        ns = (self.clock.ms if at is None else at) * 1_000_000
        os.utime(path, ns=(ns, ns))
        self._hints.add(str(path))

    # What is seen.

    def run_to(self, at: int) -> None:
        """Let time pass until `at`, looking as often as the program would."""
        while self._hints and self.clock.ms + NOTICED <= at:
            self._forward(NOTICED)
            self.look()
        while self._next_tick <= at:
            self._forward(self._next_tick - self.clock.ms)
            self.look()
        self._forward(at - self.clock.ms)

    def run_for(self, seconds: float) -> None:
        self.run_to(self.clock.ms + round(seconds * 1000))

    def skip(self, seconds: float) -> None:
        """Let time pass while the program does not run."""
        self.clock.forward(round(seconds * 1000))

    def look(self) -> None:
        """One sweep, and what it changed."""
        hints, self._hints = self._hints, set()
        self._scanner.sweep(hints)
        self._next_tick = self.clock.ms + TICK
        for session in self.store.list_sessions(SessionQuery(after_revision=self._revision)):
            self._revision = max(self._revision, session.revision)
            self._sample(session)

    def _forward(self, ms: int) -> None:
        if ms > 0:
            self.clock.forward(ms)

    def _sample(self, session: Session) -> None:
        now = Shown(
            self.clock.ms,
            session.status_shown or "unknown",
            session.status_detail or "",
            session.status_rule or "",
            session.status_source or "",
        )
        told = self.shown.setdefault(session.session_id, [])
        if not told or msgspec.structs.replace(told[-1], at=now.at) != now:
            told.append(now)

    def sessions(self) -> Sequence[Session]:
        """What the store holds."""
        return self.store.list_sessions(SessionQuery())

    def last(self, session_id: str) -> Shown:
        """What is shown of a session now."""
        return self.shown[session_id][-1]
