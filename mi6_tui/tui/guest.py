"""Another program that has the terminal until it ends, while the dashboard goes on behind it."""

from __future__ import annotations

import asyncio
import sys
import termios
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from mi6_tui.tui.terminal import ASIDE, GIVEN_BACK

if TYPE_CHECKING:
    import psutil

_PATIENCE: Final = 3.0
"""Seconds that it has to end in once it is told to."""


class Guest:
    """Runs `command` on the terminal of this process; `typed_ahead` says what becomes of early keys.

    True: they are echoed and may interrupt it, as a shell does it, for a program that reads lines or
    remembers how the terminal was. False: nothing is seen of them before it reads them.
    """

    def __init__(self, command: Sequence[str], *, typed_ahead: bool) -> None:
        self.command = tuple(command)
        self.typed_ahead = typed_ahead
        self.told: int | None = None
        """The signal that it was asked to end with, if it was."""
        self._process: asyncio.subprocess.Process | None = None
        self._ending: asyncio.Task[None] | None = None

    async def visit(self) -> int:
        """Run it; its exit code, negative for a signal. OSError if it cannot be started.

        Afterwards the terminal has its modes again and nothing is left of what was typed. Whoever gives up
        waiting kills it.
        """
        with _lent(typed_ahead=self.typed_ahead):
            self._process = process = await asyncio.create_subprocess_exec(*self.command)
            try:
                if self.told is not None:
                    self._ending = asyncio.create_task(self._end(process, self.told))
                code = await process.wait()
                if self._ending is not None:
                    await self._ending
                return code
            finally:
                if process.returncode is None:
                    process.kill()
                polite = process.returncode is not None and process.returncode >= 0
                if self.told is not None or not polite:
                    _write(GIVEN_BACK)

    def end(self, number: int) -> None:
        """Ask it to end by a signal, and those that it started; who does not end soon is killed."""
        if self.told is None:
            self.told = number
            if self._process is not None:
                self._ending = asyncio.create_task(self._end(self._process, number))

    async def _end(self, process: asyncio.subprocess.Process, number: int) -> None:
        import psutil  # late: only who is ended needs it

        rest = _children(process.pid)
        with suppress(ProcessLookupError):
            process.send_signal(number)
        for one in rest:
            with suppress(psutil.Error):
                one.send_signal(number)
        gone = asyncio.create_task(asyncio.to_thread(psutil.wait_procs, rest, _PATIENCE))
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _PATIENCE)
        if process.returncode is None:
            process.kill()
        for one in (await gone)[1]:
            with suppress(psutil.Error):
                one.kill()


def _children(pid: int) -> list[psutil.Process]:
    import psutil

    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


@contextmanager
def _lent(*, typed_ahead: bool) -> Iterator[None]:
    """The terminal as a guest finds it, on a screen of its own; afterwards its modes are as before."""
    terminal = sys.__stdin__.fileno() if sys.__stdin__ is not None else -1
    before = _modes(terminal)
    if before is not None and not typed_ahead:
        _set_modes(terminal, [*before[:3], before[3] & ~_SPOKEN, *before[4:]])
    _write(ASIDE)
    try:
        yield
    finally:
        if before is not None:
            _set_modes(terminal, before)


_SPOKEN: Final = termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN
"""What a terminal does of its own with what is typed."""


def _modes(terminal: int) -> list[Any] | None:
    """None if it is no terminal, or none any more."""
    try:
        return termios.tcgetattr(terminal)
    except (termios.error, ValueError):
        return None


def _set_modes(terminal: int, modes: list[Any]) -> None:
    with suppress(termios.error):
        # Not TCSAFLUSH, which waits until a terminal that may stand still has shown everything.
        termios.tcsetattr(terminal, termios.TCSANOW, modes)
        termios.tcflush(terminal, termios.TCIFLUSH)


def _write(sequence: str) -> None:
    if sys.__stderr__ is not None:  # where Textual draws
        with suppress(OSError):
            sys.__stderr__.write(sequence)
            sys.__stderr__.flush()
