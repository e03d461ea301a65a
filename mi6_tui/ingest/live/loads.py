"""What sessions' processes and all that they started use, for who watches many of them at once.

One look at all processes of the system serves every session, so that the cost does not grow with them.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from mi6_tui.ingest.live.processes import Measure, Processes

_LARGEST: Final = 500
"""Processes of a tree that are counted."""

Part = tuple[int, str]
"""A process by pid and identity."""


class Disk(NamedTuple):
    """Bytes that a process read from disks and wrote to them since its start."""

    read: int
    written: int


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """A process and those below it at one moment."""

    cpu: Mapping[Part, float]
    """Seconds by process, where the system tells; the first is the session's own."""
    memory: int | None
    """Bytes; of those that the system tells about."""
    children: int
    """Processes below the first."""
    disk: Mapping[Part, Disk] | None = None
    """None if nobody asked, or the system does not tell of the first."""
    ports: tuple[int, ...] | None = None
    """As with `disk`."""
    at: float
    """When that was so, in seconds of a monotonic clock."""


def look(
    wanted: Iterable[Part],
    processes: Processes,
    *,
    disk: Collection[Part] = (),
    ports: Collection[Part] = (),
) -> dict[Part, Load]:
    """The loads of those that still run; disks and ports, which cost more, only of some.

    OSError if the system tells nothing.
    """
    measures = processes.measures()
    at = time.monotonic()
    below: dict[int, list[int]] = {}
    for pid, measure in measures.items():
        below.setdefault(measure.parent, []).append(pid)
    found = {}
    for part in wanted:
        pid, identity = part
        if pid in measures and measures[pid].identity == identity:
            tree = _tree(pid, below)
            found[part] = _load(tree, measures, at, disk=part in disk, ports=part in ports)
    return found


def cpu_percent(earlier: Load, later: Load) -> float | None:
    """Share of one core that was used between two looks; None if that cannot be told.

    What a process used that ended in between is not known, and not in it.
    """
    passed = later.at - earlier.at
    if passed <= 0 or not later.cpu:
        return None
    used = (seconds - earlier.cpu.get(part, 0.0) for part, seconds in later.cpu.items())
    return 100 * sum(max(0.0, seconds) for seconds in used) / passed


def disk_rates(earlier: Load, later: Load) -> Disk | None:
    """Bytes a second between two looks; None if that cannot be told. Of ended processes as above."""
    passed = later.at - earlier.at
    if passed <= 0 or earlier.disk is None or later.disk is None:
        return None
    none = Disk(0, 0)
    pairs = [(earlier.disk.get(part, none), total) for part, total in later.disk.items()]
    read = sum(max(0, now.read - before.read) for before, now in pairs)
    written = sum(max(0, now.written - before.written) for before, now in pairs)
    return Disk(round(read / passed), round(written / passed))


def _tree(pid: int, below: Mapping[int, list[int]]) -> list[int]:
    """The process and those below it, the nearest first."""
    tree = [pid]
    for parent in tree:  # grows as it goes
        tree += (child for child in below.get(parent, ()) if child != pid)
        if len(tree) >= _LARGEST:
            break
    return tree[:_LARGEST]


def _load(tree: list[int], measures: Mapping[int, Measure], at: float, *, disk: bool, ports: bool) -> Load:
    parts = [(pid, measures[pid]) for pid in tree]
    memory = [measure.memory for _, measure in parts if measure.memory is not None]
    return Load(
        cpu={(pid, one.identity): one.cpu_seconds for pid, one in parts if one.cpu_seconds is not None},
        memory=sum(memory) if parts[0][1].memory is not None else None,
        children=len(tree) - 1,
        disk=_disk(parts) if disk else None,
        ports=_ports(tree) if ports else None,
        at=at,
    )


def _disk(parts: Iterable[tuple[int, Measure]]) -> dict[Part, Disk] | None:
    import psutil  # late: the library takes 17 ms to import, and most never ask

    from mi6_tui.ingest.live.portable import allowed

    if not hasattr(psutil.Process, "io_counters"):
        return None
    told: dict[Part, Disk] = {}
    for pid, measure in parts:
        counters = allowed(lambda pid=pid: psutil.Process(pid).io_counters())  # type: ignore[misc]
        if counters is not None:
            told[pid, measure.identity] = Disk(counters.read_bytes, counters.write_bytes)
        elif not told:
            return None
    return told


def _ports(tree: Iterable[int]) -> tuple[int, ...] | None:
    import psutil

    from mi6_tui.ingest.live.inspect import listening
    from mi6_tui.ingest.live.portable import allowed

    found = [allowed(lambda pid=pid: psutil.Process(pid)) for pid in tree]  # type: ignore[misc]
    return listening([process for process in found if process is not None]) if found[0] else None
