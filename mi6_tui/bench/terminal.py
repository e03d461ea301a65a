"""A program in a pseudo terminal, watched from outside: when it painted, what it cost at rest."""

from __future__ import annotations

import fcntl
import os
import platform
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Final

import msgspec
import psutil

_KEPT: Final = 1 << 16
"""Bytes, of what was painted last."""
_QUIET: Final = 0.03
"""Seconds without a byte after which an answer is complete."""


class Idle(msgspec.Struct, frozen=True):
    """What a process used while nobody touched it."""

    cpu: float
    """Share of one core."""
    written: int
    """Bytes that went to a file system."""
    painted: int
    """Bytes that went to the terminal."""
    rss: int
    """Resident bytes."""


class Terminal:
    """Starts `argv` on a pseudo terminal of the given size; a context manager that kills what is left."""

    def __init__(
        self, argv: Sequence[str], env: Mapping[str, str], columns: int = 120, rows: int = 35
    ) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._started = time.perf_counter()
        self._process = subprocess.Popen(  # noqa: S603
            argv,
            env={**env, "TERM": "xterm-256color"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self._seen = b""

    @property
    def pid(self) -> int:
        """Process id of the program."""
        return self._process.pid

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    def wait_for(self, text: bytes, timeout: float = 30.0) -> float:
        """Seconds from the start until `text` was painted.

        TimeoutError if it never was, EOFError if the program ended before.
        """
        deadline = time.perf_counter() + timeout
        while text not in self._seen:
            if not self._read(deadline):
                raise TimeoutError(f"{text!r} was not painted within {timeout} s")
        return time.perf_counter() - self._started

    def drain(self, seconds: float) -> int:
        """Read what is painted during `seconds`; how many bytes."""
        deadline, painted = time.perf_counter() + seconds, 0
        while read := self._read(deadline):
            painted += len(read)
        return painted

    def press(self, keys: bytes) -> None:
        """Type."""
        os.write(self._master, keys)

    def answer(self, keys: bytes, timeout: float = 5.0) -> float:
        """Seconds from a key to the first of what it paints; returns when no more comes.

        TimeoutError if it paints nothing.
        """
        while self._read(0.0):  # not what was painted before
            pass
        started = time.perf_counter()
        self.press(keys)
        if not self._read(started + timeout):
            raise TimeoutError(f"{keys!r} painted nothing within {timeout} s")
        seconds = time.perf_counter() - started
        while self._read(time.perf_counter() + _QUIET):
            pass
        return seconds

    def idle(self, settle: float, seconds: float) -> Idle:
        """Leave it alone for `settle` seconds, then watch it for `seconds`."""
        self.drain(settle)
        process = psutil.Process(self.pid)
        cpu, written, started = cpu_seconds(self.pid), _written(process), time.perf_counter()
        painted = self.drain(seconds)
        share = (cpu_seconds(self.pid) - cpu) / (time.perf_counter() - started)
        return Idle(share, _written(process) - written, painted, process.memory_info().rss)

    def _read(self, deadline: float) -> bytes:
        """What is painted next; empty if nothing is until then."""
        left = deadline - time.perf_counter()
        ready, _, _ = select.select([self._master], [], [], max(0.0, left))
        if not ready:
            return b""
        try:
            painted = os.read(self._master, 1 << 16)
        except OSError:  # how Linux says that nobody holds the other end
            painted = b""
        if not painted:
            raise EOFError(f"the program ended; last it painted {self._seen[-500:]!r}")
        self._seen = (self._seen + painted)[-_KEPT:]
        return painted


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and all its threads, ended ones included."""
    if platform.system() == "Linux":
        # The kernel's clock of that process: nanoseconds, where psutil's source counts hundredths.
        return time.clock_gettime((~pid << 3) | 2)
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _written(process: psutil.Process) -> int:
    counters = getattr(process, "io_counters", None)
    return int(counters().write_bytes) if counters else 0
