"""What this process itself costs."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from typing import NamedTuple

import msgspec
import psutil


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """Shares are of one core, times in seconds, rates a second; None where the system does not say, or when
    there was no earlier look to compare with.
    """

    pid: int
    age: float
    cpu: float
    """Since the start."""
    cpu_now: float | None
    """Since the look before."""
    memory: int
    """Bytes that are resident."""
    threads: int
    wakeups: float | None
    """How often one of its threads had waited and went on."""
    read: int | None
    """Bytes it has read from files, pipes and terminals."""
    read_rate: float | None


class _Sample(NamedTuple):
    at: float
    cpu: float
    waits: int
    read: int | None


class OwnCost:
    """Looks at this process; each look is compared with the one before. `monotonic` in seconds."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._process = psutil.Process()
        self._before: _Sample | None = None

    def look(self) -> Own:
        """How things are now."""
        process = self._process
        with process.oneshot():
            used = resource.getrusage(resource.RUSAGE_SELF)
            now = _Sample(self._monotonic(), used.ru_utime + used.ru_stime, used.ru_nvcsw, _read(process))
            age = max(1e-3, time.time() - process.create_time())
            memory, threads = process.memory_info().rss, process.num_threads()
        before, self._before = self._before, now
        span = now.at - before.at if before is not None else 0.0
        cpu_now = wakeups = rate = None
        if before is not None and span > 0:
            cpu_now = (now.cpu - before.cpu) / span
            wakeups = (now.waits - before.waits) / span
            if now.read is not None and before.read is not None:
                rate = (now.read - before.read) / span
        return Own(
            pid=os.getpid(),
            age=age,
            cpu=now.cpu / age,
            cpu_now=cpu_now,
            memory=memory,
            threads=threads,
            wakeups=wakeups,
            read=now.read,
            read_rate=rate,
        )


def _read(process: psutil.Process) -> int | None:
    """None on systems that do not tell."""
    if not hasattr(process, "io_counters"):
        return None
    try:
        return int(getattr(process.io_counters(), "read_chars", 0)) or None
    except (psutil.Error, OSError):
        return None
