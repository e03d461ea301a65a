"""The processes of a machine that does not exist, on the clock of its world."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from mi6_tui.ingest.live.processes import Measure, Process, bounded, called
from tests.status.clock import Clock

MACHINE: Final = "devbox"
DOMAIN: Final = "linux:00000000000000000000000000000001:pid:[4026532253]"
"""As the recorded registry entries name it."""
TICK_MS: Final = 10
"""ms of a clock tick."""


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """One process."""

    pid: int
    parent: int
    name: str
    argv: tuple[str, ...]
    cwd: str
    ticks: int
    """Start in clock ticks since boot."""
    environment: Mapping[str, str]


class Machine:
    """Processes begin and end; an orphan falls to process 1. As `ingest.live.processes` has it."""

    def __init__(self, clock: Clock, booted_at: int) -> None:
        self._clock = clock
        self._booted_at = booted_at - clock.jumped
        self.running: dict[int, Running] = {}
        self.visible = True
        """Whether the process table can be read at all."""

    def start(
        self,
        pid: int,
        argv: Sequence[str],
        *,
        parent: int = 1,
        name: str | None = None,
        cwd: str,
        environment: Mapping[str, str] | None = None,
        ticks: int | None = None,
    ) -> None:
        """A process begins; `ticks` if the recording knows them."""
        since_boot = (self._clock() - self.booted_at()) // TICK_MS
        self.running[pid] = Running(
            pid=pid,
            parent=parent,
            name=name or argv[0].rsplit("/", 1)[-1],
            argv=tuple(argv),
            cwd=cwd,
            ticks=since_boot if ticks is None else ticks,
            environment=environment or {},
        )

    def end(self, pid: int) -> None:
        """A process ends, by itself or by a signal."""
        del self.running[pid]
        for child in list(self.running.values()):
            if child.parent == pid:
                self.running[child.pid] = msgspec.structs.replace(child, parent=1)

    # The port.

    def find(self, pid: int) -> Process | None:
        found = self.running.get(pid) if self.visible else None
        if found is None:
            return None
        return Process(
            pid=pid,
            identity=self.identity(found.ticks),
            started_at=self.booted_at() + found.ticks * TICK_MS,
            name=found.name,
            parent=found.parent,
            owner=os.getuid(),
            command=bounded(found.argv),
        )

    def alive(self, pid: int, identity: str) -> bool | None:
        if not self.visible:
            return None
        found = self.running.get(pid)
        return found is not None and self.identity(found.ticks) == identity

    def named(self, names: frozenset[str]) -> list[Process]:
        return [process for process in self._all() if called(process, names)]

    def children(self, pid: int) -> list[Process]:
        return [process for process in self._all() if process.parent == pid]

    def _all(self) -> list[Process]:
        return [process for pid in self.running if (process := self.find(pid)) is not None]

    def cwd(self, pid: int) -> str | None:
        return self.running[pid].cwd if self.visible and pid in self.running else None

    def measures(self) -> dict[int, Measure]:
        """Nobody asks here what they cost."""
        return {}

    def environment(self, pid: int, names: Iterable[str]) -> dict[str, str]:
        known = self.running[pid].environment if self.visible and pid in self.running else {}
        return {name: known[name] for name in names if name in known}

    def identity(self, ticks: int) -> str:
        return f"boot pid:[4026532253] {ticks}"

    def here(self, domain: str | None) -> bool:
        return self.visible and domain in (None, DOMAIN)

    def booted_at(self) -> int:
        return self._booted_at + self._clock.jumped
