"""A close look at one session's process, for who asks: what it started, costs and listens to."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

import msgspec
import psutil

from mi6_tui.frameworks.text import one_line
from mi6_tui.ingest.live.portable import allowed
from mi6_tui.ingest.live.processes import Processes, bounded, system_processes

_PARENTS: Final = 20
_CHILDREN: Final = 100
_COMMAND_LIMIT: Final = 200


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """A process that the session's started, or one of those did."""

    pid: int
    parent: int
    name: str
    command: str | None
    """Its command line, cleaned and cut short."""
    cpu_seconds: float | None
    since: int | None
    """ms since the epoch."""


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """A process at one moment. A field is None where the system refuses to tell."""

    pid: int
    identity: str
    name: str
    since: int
    """ms since the epoch."""
    parents: tuple[str, ...]
    """Names of its parent, its grandparent and so on."""
    children: tuple[Child, ...] | None
    """With theirs, oldest first; of very many only the first."""
    cpu_seconds: float | None
    """Used by itself, since its start."""
    memory: int | None
    """Bytes of main memory that it occupies."""
    ports: tuple[int, ...] | None
    """TCP ports that it or one of its children listens to."""
    terminal: str | None
    """The device it is attached to."""
    at: float
    """When that was so, in seconds of a monotonic clock."""


def inspect(pid: int, identity: str, processes: Processes | None = None) -> Inspection | None:
    """The process of that identity; None if it is gone, or cannot be looked at."""
    try:
        found = (processes or system_processes()).find(pid)
        if found is None or found.identity != identity:
            return None
        process = psutil.Process(pid)
    except (psutil.Error, OSError):
        return None
    with process.oneshot():
        children = allowed(lambda: process.children(recursive=True))
        return Inspection(
            pid=pid,
            identity=identity,
            name=found.name,
            since=found.started_at,
            parents=_parents(process),
            children=None if children is None else _children(children),
            cpu_seconds=_cpu(process),
            memory=allowed(lambda: process.memory_info().rss),
            ports=listening((process, *(children or ())[:_CHILDREN])),
            terminal=allowed(process.terminal),
            at=time.monotonic(),
        )


def cpu_percent(earlier: Inspection, later: Inspection) -> float | None:
    """Share of one core that the process itself used between two looks; None if that cannot be told."""
    used = (earlier.cpu_seconds, later.cpu_seconds)
    passed = later.at - earlier.at
    same = (earlier.pid, earlier.identity) == (later.pid, later.identity)
    if used[0] is None or used[1] is None or passed <= 0 or not same:
        return None
    return 100 * max(0.0, used[1] - used[0]) / passed


def _parents(process: psutil.Process) -> tuple[str, ...]:
    above = (allowed(process.parents) or [])[:_PARENTS]
    return tuple(one_line(allowed(parent.name) or "?", 64) for parent in above)


def _children(processes: Sequence[psutil.Process]) -> tuple[Child, ...]:
    found = [child for process in processes[:_CHILDREN] if (child := _child(process)) is not None]
    return tuple(sorted(found, key=lambda child: (child.since or 0, child.pid)))


def _child(process: psutil.Process) -> Child | None:
    """None if it ended meanwhile."""
    try:
        with process.oneshot():
            if process.status() == psutil.STATUS_ZOMBIE:
                return None
            command = allowed(process.cmdline)
            return Child(
                pid=process.pid,
                parent=process.ppid(),
                name=one_line(process.name(), 64),
                command=None if command is None else one_line(" ".join(bounded(command)), _COMMAND_LIMIT),
                cpu_seconds=_cpu(process),
                since=allowed(lambda: int(process.create_time() * 1000)),
            )
    except (psutil.Error, OSError):
        return None


def _cpu(process: psutil.Process) -> float | None:
    times = allowed(process.cpu_times)
    return None if times is None else times.user + times.system


def listening(processes: Sequence[psutil.Process]) -> tuple[int, ...] | None:
    """TCP ports that any of them listens to; None if the first refuses to tell."""
    told = [_ports(process) for process in processes]
    if told[0] is None:
        return None
    return tuple(sorted({port for ports in told if ports is not None for port in ports}))


def _ports(process: psutil.Process) -> list[int] | None:
    connections = allowed(lambda: process.net_connections(kind="tcp"))
    if connections is None:
        return None
    return [one.laddr.port for one in connections if one.status == psutil.CONN_LISTEN]
