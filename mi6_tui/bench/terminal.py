"""A program in a pseudo terminal, watched from outside: when it painted, what it cost at rest."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

import msgspec
import psutil


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
        """Seconds from the start until `text` was painted; TimeoutError if it never was."""
        deadline = time.perf_counter() + timeout
        while text not in self._seen:
            left = deadline - time.perf_counter()
            ready, _, _ = select.select([self._master], [], [], max(0.0, left))
            if not ready:
                raise TimeoutError(f"{text!r} was not painted within {timeout} s")
            self._seen = (self._seen + os.read(self._master, 1 << 16))[-(1 << 20) :]
        return time.perf_counter() - self._started

    def drain(self, seconds: float) -> int:
        """Read what is painted during `seconds`; how many bytes."""
        deadline, painted = time.perf_counter() + seconds, 0
        while (left := deadline - time.perf_counter()) > 0:
            ready, _, _ = select.select([self._master], [], [], left)
            if ready:
                painted += len(os.read(self._master, 1 << 16))
        return painted

    def press(self, keys: bytes) -> None:
        """Type."""
        os.write(self._master, keys)

    def idle(self, settle: float, seconds: float) -> Idle:
        """Leave it alone for `settle` seconds, then watch it for `seconds`."""
        self.drain(settle)
        process = psutil.Process(self.pid)
        cpu, written, started = _cpu(process), _written(process), time.perf_counter()
        painted = self.drain(seconds)
        share = (_cpu(process) - cpu) / (time.perf_counter() - started)
        return Idle(share, _written(process) - written, painted, process.memory_info().rss)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _written(process: psutil.Process) -> int:
    counters = getattr(process, "io_counters", None)
    return int(counters().write_bytes) if counters else 0
