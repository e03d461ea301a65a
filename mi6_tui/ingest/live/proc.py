"""The processes of a Linux system, by the kernel's own files: cheap enough to ask for dozens every second."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from mi6_tui.frameworks.text import one_line
from mi6_tui.ingest.live.processes import Measure, Process, bounded, called, found

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_ENDED: Final = (b"Z", b"X", b"x")
_COMMAND_LIMIT: Final = 16 * 1024
_ENVIRONMENT_LIMIT: Final = 1 << 20
_MACHINE_IDS: Final = ("/etc/machine-id", "/var/lib/dbus/machine-id")


class _Stat(NamedTuple):
    name: bytes
    parent: int
    ticks: int
    """Start in clock ticks since boot."""
    used: int
    """Clock ticks of processor time."""
    pages: int
    """Of main memory."""


class LinuxProcesses:
    """An identity is the boot, the pid namespace and the start in clock ticks since boot."""

    def __init__(self) -> None:
        self._boot = _line("/proc/sys/kernel/random/boot_id")
        self._namespace = str(Path("/proc/self/ns/pid").readlink())
        self._machine = next(filter(None, map(_line, _MACHINE_IDS)), "")

    def find(self, pid: int) -> Process | None:
        """The process, if it runs."""
        known = _stat(pid)
        if known is None:
            return None
        try:
            owner = os.lstat(f"/proc/{pid}").st_uid
            command = _read(f"/proc/{pid}/cmdline", _COMMAND_LIMIT)
        except (FileNotFoundError, ProcessLookupError):
            return None
        return Process(
            pid=pid,
            identity=self.identity(known.ticks),
            started_at=self.booted_at() + known.ticks * 1000 // _TICKS,
            name=one_line(known.name.decode(errors="replace"), 64),
            parent=known.parent,
            owner=owner,
            command=bounded(part.decode(errors="replace") for part in command.split(b"\0") if part),
        )

    def alive(self, pid: int, identity: str) -> bool | None:
        """Whether this very process still runs; unknown for one of another pid namespace."""
        boot, _, rest = identity.partition(" ")
        namespace, _, ticks = rest.partition(" ")
        if boot != self._boot:
            return False
        if namespace != self._namespace:
            return None
        try:
            known = _stat(pid)
        except OSError:
            return None
        return known is not None and str(known.ticks) == ticks

    def named(self, names: frozenset[str]) -> list[Process]:
        """All processes that are `called` one of the names."""
        mentioned = [name.encode() for name in names]
        pids = [pid for pid in _pids() if _mentions(pid, mentioned)]
        return [process for process in found(self, pids) if called(process, names)]

    def cwd(self, pid: int) -> str | None:
        """The folder it works in; None if it was deleted."""
        try:
            folder = os.readlink(f"/proc/{pid}/cwd")  # noqa: PTH115 (a quarter of what a Path costs)
        except OSError:
            return None
        return None if folder.endswith(" (deleted)") else folder

    def children(self, pid: int) -> list[Process]:
        """The processes that any of its threads started and that still run."""
        pids: list[int] = []
        try:
            with os.scandir(f"/proc/{pid}/task") as threads:
                for thread in threads:
                    pids += map(int, _read(f"{thread.path}/children", 1 << 16).split())
        except (FileNotFoundError, ProcessLookupError):  # it is gone, or this kernel keeps no such file
            return [process for process in found(self, _pids()) if process.parent == pid]
        except OSError:
            return []
        return found(self, pids)

    def measures(self) -> dict[int, Measure]:
        """All processes that run, by pid; some ten microseconds each."""
        found = {}
        for pid in _pids():
            try:
                known = _stat(pid)
            except OSError:
                continue
            if known is not None:
                found[pid] = Measure(
                    known.parent, self.identity(known.ticks), known.used / _TICKS, known.pages * _PAGE
                )
        return found

    def environment(self, pid: int, names: Iterable[str]) -> dict[str, str]:
        """Those of the named variables that it was started with."""
        try:
            content = _read(f"/proc/{pid}/environ", _ENVIRONMENT_LIMIT)
        except OSError:
            return {}
        wanted = {name.encode(): name for name in names}
        kept = {}
        for part in content.split(b"\0"):
            name, _, value = part.partition(b"=")
            if name in wanted:
                kept[wanted[name]] = value.decode(errors="replace")
        return kept

    def identity(self, ticks: int) -> str:
        """Of a process that started at these clock ticks since boot."""
        return f"{self._boot} {self._namespace} {ticks}"

    def here(self, domain: str | None) -> bool:
        """Whether `linux:MACHINE:NAMESPACE` is this machine and our own namespace; None counts as such."""
        if domain is None:
            return True
        system, _, rest = domain.partition(":")
        machine, _, namespace = rest.partition(":")
        same_machine = machine == self._machine or not machine or not self._machine
        return system == "linux" and same_machine and namespace == self._namespace

    def booted_at(self) -> int:
        """In ms since the epoch: now, less the time since boot, sleep included."""
        return (time.time_ns() - time.clock_gettime_ns(time.CLOCK_BOOTTIME)) // 1_000_000


def _pids() -> list[int]:
    with os.scandir("/proc") as entries:
        return [int(entry.name) for entry in entries if entry.name.isdigit()]


def _mentions(pid: int, names: Iterable[bytes]) -> bool:
    """Whether any of the names stands in the command line: most processes are told apart by that alone."""
    try:
        command = _read(f"/proc/{pid}/cmdline", _COMMAND_LIMIT)
    except OSError:
        return False
    return any(name in command for name in names)


def _stat(pid: int) -> _Stat | None:
    """What the kernel says of a process; None if there is none, or if only its exit status is left."""
    try:
        fd = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
        try:
            data = os.read(fd, 4096)  # the kernel hands it over in one piece
        finally:
            os.close(fd)
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name stands in parentheses and may hold any character, spaces and parentheses among them.
    head, _, tail = data.rpartition(b")")
    fields = tail.split()
    if len(fields) < 22 or fields[0] in _ENDED:
        return None
    return _Stat(
        name=head.partition(b"(")[2],
        parent=int(fields[1]),
        ticks=int(fields[19]),
        used=int(fields[11]) + int(fields[12]),
        pages=int(fields[21]),
    )


def _read(path: str, limit: int) -> bytes:
    """At most `limit` first bytes."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        parts = []
        while limit > 0 and (part := os.read(fd, limit)):
            parts.append(part)
            limit -= len(part)
        return b"".join(parts)
    finally:
        os.close(fd)


def _line(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
