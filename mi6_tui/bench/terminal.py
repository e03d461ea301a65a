"""A program in a pseudo terminal, watched from outside: when it painted, what it cost at rest."""

from __future__ import annotations

import fcntl
import os
import platform
import pty
import re
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
_QUIET: Final = 0.25
"""Seconds without a byte after which nothing more comes of a key: panes follow the cursor some time later."""
_REST: Final = 1.0
_BURST: Final = 0.005
"""Seconds without a byte that part what is painted at once from what follows it."""


class Idle(msgspec.Struct, frozen=True):
    """What a process used while nobody touched it."""

    cpu: float
    """Share of one core."""
    written: int | None
    """Bytes that went to a file system; None where the system does not count them."""


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

    def fileno(self) -> int:
        """Our end of the terminal, for `select`."""
        return self._master

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

    def answer(
        self, keys: bytes, mark: re.Pattern[bytes], *, timeout: float = 5.0, rest: float = _REST
    ) -> float:
        """Seconds from a key to the end of the first burst of bytes in which `mark` is painted anew.

        A mark with a group stands for what the group holds: painted as it was, it is no answer. Returns when
        nothing more comes, so that it is no answer to the next key; after `rest` seconds even if more comes,
        as from a program that has news all the time. TimeoutError without the mark.
        """
        while self._read(0.0):  # not what was painted before
            pass
        before = _last(mark, self._seen) if mark.groups else None
        started = time.perf_counter()
        self.press(keys)
        burst, last = b"", started
        while True:
            if painted := self._read(last + _BURST):
                burst += painted
            elif _last(mark, burst) not in (None, before):
                break
            elif not (burst := self._read(started + timeout)):
                raise TimeoutError(f"{keys!r} did not paint {mark.pattern!r} within {timeout} s")
            last = time.perf_counter()
        end = last + rest
        while self._read(min(end, time.perf_counter() + _QUIET)) and time.perf_counter() < end:
            pass
        return last - started

    def rss(self) -> int:
        """Resident bytes of the program."""
        return int(psutil.Process(self.pid).memory_info().rss)

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


def left_alone(terminals: Sequence[Terminal], settle: float, seconds: float) -> list[Idle]:
    """Leave programs alone for `settle` seconds, then watch them for `seconds`, all at the same time."""
    _drain(terminals, settle)
    before = [(cpu_seconds(one.pid), _written(one.pid), time.perf_counter()) for one in terminals]
    _drain(terminals, seconds)
    used = []
    for one, (cpu, written, started) in zip(terminals, before, strict=True):
        share = (cpu_seconds(one.pid) - cpu) / (time.perf_counter() - started)
        after = _written(one.pid)
        used.append(Idle(share, None if written is None or after is None else after - written))
    return used


def _last(mark: re.Pattern[bytes], painted: bytes) -> bytes | None:
    found: list[bytes] = mark.findall(painted)
    return found[-1] if found else None


def _drain(terminals: Sequence[Terminal], seconds: float) -> None:
    deadline = time.perf_counter() + seconds
    while (left := deadline - time.perf_counter()) > 0:
        ready, _, _ = select.select(terminals, [], [], left)
        for terminal in ready:
            terminal.drain(0.0)


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and all its threads, ended ones included."""
    if platform.system() == "Linux":
        # The kernel's clock of that process: nanoseconds, where psutil's source counts hundredths.
        return time.clock_gettime((~pid << 3) | 2)
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _written(pid: int) -> int | None:
    counters = getattr(psutil.Process(pid), "io_counters", None)
    return int(counters().write_bytes) if counters else None
