"""The processes of this machine: which they are, whether they still run, what they were called with."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import Final, NamedTuple, Protocol

import msgspec

_INTERPRETERS: Final = ("bash", "bun", "deno", "node", "nodejs", "python", "sh")
_SCRIPTS: Final = (".cjs", ".js", ".mjs", ".py", ".sh", ".ts")
_ARGUMENTS: Final = 16
"""That many first arguments tell which script an interpreter runs and which session is resumed."""
_ARGUMENT_LIMIT: Final = 512


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """A process as it was when it was looked at."""

    pid: int
    identity: str
    """Opaque; unlike that of any other process that ever had the same pid, and the same after a change of
    the clock."""
    started_at: int
    """ms since the epoch by the clock of today: it moves when the clock is set."""
    name: str
    """Base name of its program, cleaned."""
    parent: int
    owner: int | None
    """User id; None if that cannot be known."""
    command: tuple[str, ...] = ()
    """Its first arguments as they are, the program's own name first. There may be secrets among them."""


class Measure(NamedTuple):
    """What a process uses, as far as the system tells."""

    parent: int
    identity: str
    cpu_seconds: float | None
    """Since its start."""
    memory: int | None
    """Bytes of main memory that it occupies."""


class Processes(Protocol):
    """What can be asked of the system."""

    def find(self, pid: int) -> Process | None:
        """The process; None if there is none or it has ended. OSError if it cannot be looked at."""

    def alive(self, pid: int, identity: str) -> bool | None:
        """Whether this very process still runs; None if that cannot be known. Takes microseconds."""

    def named(self, names: frozenset[str]) -> list[Process]:
        """All processes that are `called` one of the names, whoever owns them."""

    def cwd(self, pid: int) -> str | None:
        """The folder it works in; None if that cannot be known."""

    def children(self, pid: int) -> list[Process]:
        """The processes that it started and that still run."""

    def measures(self) -> dict[int, Measure]:
        """All processes that run, by pid."""

    def environment(self, pid: int, names: Iterable[str]) -> dict[str, str]:
        """Those of the named variables that it was started with; no other is kept."""

    def identity(self, ticks: int) -> str | None:
        """Identity of a process here that started at these clock ticks since boot; None if the system does
        not count so.
        """

    def here(self, domain: str | None) -> bool:
        """Whether the pids of a domain (see frameworks.live) are those of this system."""

    def booted_at(self) -> int:
        """When the system started, in ms since the epoch by the clock of today."""


def called(process: Process, names: frozenset[str]) -> bool:
    """Whether it runs one of the programs: by its own name, as a script, or as a package of Node's."""
    if process.name in names:
        return True
    program = _base(process.command[0]) if process.command else ""
    if program in names:
        return True
    if program.rstrip("0123456789.").lower() not in _INTERPRETERS:
        return False
    script = next((part for part in process.command[1:] if not part.startswith("-")), "")
    return not names.isdisjoint(_names_of(script))


def _names_of(script: str) -> set[str]:
    path = PurePath(script)
    found = {path.name, path.stem if path.suffix in _SCRIPTS else path.name}
    parts = path.parts
    if "node_modules" in parts:
        package = parts[len(parts) - parts[::-1].index("node_modules") :]
        found.update(package[1:2] if package[:1] and package[0].startswith("@") else package[:1])
    return found


def _base(program: str) -> str:
    return program.rsplit("/", 1)[-1].removeprefix("-")


def bounded(arguments: Iterable[str]) -> tuple[str, ...]:
    """The first arguments of a command, none of them longer than is needed."""
    return tuple(part[:_ARGUMENT_LIMIT] for part, _ in zip(arguments, range(_ARGUMENTS), strict=False))


def found(processes: Processes, pids: Iterable[int]) -> list[Process]:
    """Those that still run and can be looked at."""
    running = []
    for pid in pids:
        try:
            process = processes.find(pid)
        except OSError:
            continue
        if process is not None:
            running.append(process)
    return running


def system_processes() -> Processes:
    """The processes of the system we run on."""
    if Path("/proc/self/stat").exists():
        from mi6_tui.ingest.live.proc import LinuxProcesses

        return LinuxProcesses()
    from mi6_tui.ingest.live.portable import PsutilProcesses  # late: the library takes 17 ms to import

    return PsutilProcesses()
