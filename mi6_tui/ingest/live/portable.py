"""The processes of any system, by psutil; some dozens of microseconds each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeVar

import psutil

from mi6_tui.frameworks.text import one_line
from mi6_tui.ingest.live.processes import Measure, Process, bounded, called, found

_T = TypeVar("_T")
_MEASURED: Final = ("ppid", "status", "create_time", "cpu_times", "memory_info")


class PsutilProcesses:
    """An identity is the time of the start, which these systems keep as it was then."""

    def find(self, pid: int) -> Process | None:
        """The process, if it runs; PermissionError if it cannot be looked at."""
        try:
            process = psutil.Process(pid)
            with process.oneshot():
                if process.status() == psutil.STATUS_ZOMBIE:
                    return None
                created = process.create_time()
                return Process(
                    pid=pid,
                    identity=_stamp(created),
                    started_at=int(created * 1000),
                    name=one_line(process.name(), 64),
                    parent=process.ppid(),
                    owner=allowed(lambda: process.uids().real),
                    command=bounded(allowed(process.cmdline) or ()),
                )
        except psutil.NoSuchProcess:
            return None
        except psutil.AccessDenied as error:
            raise PermissionError(f"process {pid} cannot be looked at") from error

    def alive(self, pid: int, identity: str) -> bool | None:
        """Whether this very process still runs."""
        try:
            process = psutil.Process(pid)
            return _stamp(process.create_time()) == identity and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False
        except (psutil.AccessDenied, OSError):
            return None

    def named(self, names: frozenset[str]) -> list[Process]:
        """All processes that are `called` one of the names."""
        return [process for process in found(self, psutil.pids()) if called(process, names)]

    def cwd(self, pid: int) -> str | None:
        """The folder it works in."""
        return allowed(lambda: psutil.Process(pid).cwd()) or None

    def children(self, pid: int) -> list[Process]:
        """The processes that it started and that still run."""
        pids = allowed(lambda: [child.pid for child in psutil.Process(pid).children()]) or ()
        return found(self, pids)

    def measures(self) -> dict[int, Measure]:
        """All processes that run, by pid."""
        found = {}
        for process in psutil.process_iter(_MEASURED):
            told = process.info
            if told["status"] == psutil.STATUS_ZOMBIE or told["create_time"] is None:
                continue
            times, memory = told["cpu_times"], told["memory_info"]
            found[process.pid] = Measure(
                told["ppid"] or 0,
                _stamp(told["create_time"]),
                None if times is None else times.user + times.system,
                None if memory is None else memory.rss,
            )
        return found

    def environment(self, pid: int, names: Iterable[str]) -> dict[str, str]:
        """Those of the named variables that it was started with."""
        variables = allowed(lambda: psutil.Process(pid).environ()) or {}
        return {name: variables[name] for name in names if name in variables}

    def identity(self, ticks: int) -> str | None:
        """None: a start is told as a time here."""
        return None

    def here(self, domain: str | None) -> bool:
        """All but those that are Linux's own."""
        return domain is None or not domain.startswith("linux:")

    def booted_at(self) -> int:
        """When the system started, in ms since the epoch."""
        return int(psutil.boot_time() * 1000)


def _stamp(created: float) -> str:
    return f"{created:.6f}"


def allowed(ask: Callable[[], _T]) -> _T | None:
    """The answer; None if it is refused, or if the process is gone."""
    try:
        return ask()
    except (psutil.Error, OSError):
        return None
