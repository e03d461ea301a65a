"""Children that are killed, from outside at any moment or by themselves at a counted point."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, Final, Literal, NoReturn

import apsw
import msgspec

Kind = Literal["time", "statement", "write", "step"]
KINDS: Final[tuple[Kind, ...]] = ("time", "statement", "write", "step")
DEADLINE: Final = 120.0
"""Seconds after which a child hangs."""
_STEPS: Final = frozenset(
    {"open", "os.remove", "os.rename", "os.link", "os.mkdir", "os.rmdir", "os.chmod", "os.scandir"}
)
"""What the interpreter tells of file names."""
_DISK: Final = apsw.vfs_names()[0]


class Kill(msgspec.Struct, frozen=True):
    """When a child dies.

    `time`: at that second of its life, by its parent. Of the others it is the number of the point, from 1:
    before a statement of SQLite, in the middle of its writing to a file, before a file is opened, renamed or
    removed by us.
    """

    kind: Kind
    at: float


def any_kill(chance: Random, *, longest: float = 0.12, kinds: Sequence[Kind] = KINDS) -> Kill:
    """One of them, early ones more often; some come after the child has finished."""
    kind = chance.choice(kinds)
    if kind == "time":
        return Kill(kind, chance.uniform(0, longest))
    most = {"statement": 250, "write": 250, "step": 60}[kind]
    return Kill(kind, int(most ** chance.random()))


Deaths = Counter[str]
"""How many processes were killed, by what they did and by the kind of the kill."""


class Ending(msgspec.Struct, frozen=True):
    """How a child ended: by SIGKILL, else with what it had to tell (None: nothing)."""

    killed: bool
    trouble: str | None = None


class Child:
    """A fork of this process that does `work`; nothing of SQLite may be open here.

    `screen`: the other end of the terminal that it draws on, which must be read.
    """

    def __init__(
        self, work: Callable[[], str | None], kill: Kill | None = None, *, screen: int | None = None
    ) -> None:
        self._kill = kill
        self._screen = screen
        self._told, telling = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._told)
            _live(work, kill, telling)
        os.close(telling)

    def end(self, patience: float = DEADLINE) -> Ending:
        """Wait for it, or kill it when its time has come, after `patience` seconds at the latest."""
        if self._kill is not None and self._kill.kind == "time":
            patience = min(patience, self._kill.at)
        told = self._read(patience)
        if told is None:
            self.kill()
            told = f"it hung for {DEADLINE} s" if patience == DEADLINE else ""
        os.close(self._told)
        _, status = os.waitpid(self.pid, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if not killed and os.waitstatus_to_exitcode(status) != 0:
            told = told or f"it ended with status {status}"
        return Ending(killed, told or None)

    def kill(self) -> None:
        """At once."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def _read(self, patience: float) -> str | None:
        """What it tells until it ends; None if it lives longer than that."""
        told, deadline = b"", time.monotonic() + patience
        sources = [self._told] if self._screen is None else [self._told, self._screen]
        while ready := select.select(sources, [], [], max(0.0, deadline - time.monotonic()))[0]:
            if self._told in ready:
                data = os.read(self._told, 1 << 16)
                if not data:
                    return told.decode()
                told += data
            else:
                try:
                    os.read(ready[0], 1 << 16)
                except OSError:  # nobody draws any more
                    sources = [self._told]
        return None


def note(name: str, kill: Kill | None, ending: Ending, deaths: Deaths) -> None:
    """Count how it ended. AssertionError if that was by trouble of its own."""
    assert ending.trouble is None, f"{name}, to be killed at {kill}: {ending.trouble}"
    if ending.killed:
        deaths[f"{name}, {kill.kind if kill is not None else 'time'}"] += 1


def ended(work: Callable[[], str | None]) -> None:
    """Do `work` in a child of its own. AssertionError if it tells of trouble."""
    ending = Child(work).end()
    assert not ending.killed, "nobody was to be killed"
    assert ending.trouble is None, ending.trouble


def _live(work: Callable[[], str | None], kill: Kill | None, telling: int) -> NoReturn:
    code = 1
    try:
        if kill is not None:
            _INSTALL[kill.kind](int(kill.at))
        told = work()
        code = 0
    except BaseException:
        told = traceback.format_exc()
    with suppress(OSError):
        os.write(telling, (told or "").encode("utf-8", "replace")[: 1 << 15])
    os._exit(code)


class _Countdown:
    def __init__(self, number: int) -> None:
        self._left = number

    def over(self) -> bool:
        self._left -= 1
        return self._left == 0


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("alive after SIGKILL")


def _at_statement(number: int) -> None:
    countdown = _Countdown(number)

    def trace(cursor: apsw.Cursor, sql: str, bindings: object) -> bool:
        if countdown.over():
            _die()
        return True

    def hook(connection: apsw.Connection) -> None:
        connection.exec_trace = trace

    apsw.connection_hooks.append(hook)


class _File(apsw.VFSFile):
    def __init__(self, name: Any, flags: list[int], countdown: _Countdown) -> None:
        super().__init__(_DISK, name, flags)
        self._countdown = countdown

    def xLock(self, level: int) -> None:  # noqa: N802
        try:
            super().xLock(level)
        except apsw.IOError as error:
            # A connection that only reads tries it as it closes; of all errors only this one is no exception.
            raise apsw.BusyError from error

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        if self._countdown.over():
            super().xWrite(data[: len(data) // 2], offset)
            _die()
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        if self._countdown.over():
            _die()
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        if self._countdown.over():
            _die()
        super().xSync(flags)


class _Disk(apsw.VFS):
    def __init__(self, countdown: _Countdown) -> None:
        self._countdown = countdown
        super().__init__("deadly", _DISK, makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _File(name, flags, self._countdown)

    def xDelete(self, name: str, sync: bool) -> None:  # noqa: N802
        if self._countdown.over():
            _die()
        super().xDelete(name, sync)


_disks: Final[list[_Disk]] = []
"""A file system that is in use must not go away."""


def _at_write(number: int) -> None:
    _disks.append(_Disk(_Countdown(number)))


def _at_step(number: int) -> None:
    countdown = _Countdown(number)
    code = (sys.prefix, sys.base_prefix, str(Path(__file__).parents[2]), "/proc/")

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _STEPS or str(arguments[0]).startswith(code):
            return
        if countdown.over():
            _die()

    sys.addaudithook(audit)


def _at_time(number: int) -> None:
    """The parent does it."""


_INSTALL: Final[dict[Kind, Callable[[int], None]]] = {
    "time": _at_time,
    "statement": _at_statement,
    "write": _at_write,
    "step": _at_step,
}
