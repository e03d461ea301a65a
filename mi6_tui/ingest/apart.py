"""A process that reads a backlog for a dashboard: a thread would take half of the time that keys need.

It is handed over to: until the process is ready the scanner in the thread goes on, so that the first sessions
come at once, and whoever scans holds the writer's lock. When it ends, well or not, the thread follows on.
"""

from __future__ import annotations

import os
import select
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import IO, Final, Protocol, cast

import msgspec

from mi6_tui.ingest.follow import ScannerState
from mi6_tui.ingest.own_process import start_process
from mi6_tui.ingest.problem import Problem
from mi6_tui.ingest.progress import Progress, ScanReport
from mi6_tui.ingest.wire import Inbox, framed
from mi6_tui.stop import Stop

WORTH: Final = 32 << 20
"""Bytes to read below which the thread is done before another process has started."""
GO: Final = b"\n"
"""What a process is told by stdin when it is to begin; the end of stdin tells it to end."""
_PATIENCE: Final = 0.1
"""Seconds between two looks whether to stop."""
_LEAVE: Final = 1.0
"""Seconds that the process has to end in."""
_READ: Final = 1 << 16


class Word(msgspec.Struct, frozen=True, array_like=True):
    """What the process says; nothing at all when it is ready to begin."""

    progress: Progress | None = None
    problem: Problem | None = None


_word_of: Final = msgspec.msgpack.Decoder(Word).decode


def sent(word: Word) -> bytes:
    """The bytes of a word on the pipe."""
    return framed(msgspec.msgpack.encode(word))


class Loop(Protocol):
    """A scanner that stays."""

    def run(
        self,
        stop: Stop,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        on_problem: Callable[[Problem], None] | None = None,
        on_state: Callable[[ScannerState], None] | None = None,
        on_recorded: Callable[[ScanReport], None] | None = None,
    ) -> None:
        """See `ingest.scanner.Scanner.run`."""


class _HandedOver(Exception):  # noqa: N818 (not an error)
    """The process is ready: the thread lets go of what it has not recorded yet, and of the lock."""


class Sharing:
    """Scans in the thread that runs it, and has a process of `argv` read what is `worth` it in bytes."""

    def __init__(self, make: Callable[[], Loop], argv: Sequence[str], worth: int = WORTH) -> None:
        self._make = make
        self._argv = argv
        self._worth = worth
        self._apart: _Apart | None = None
        self._trusted = True
        """Whether no process ended before it was done."""

    def run(
        self,
        stop: Stop,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        on_problem: Callable[[Problem], None] | None = None,
        on_state: Callable[[ScannerState], None] | None = None,
        on_recorded: Callable[[ScanReport], None] | None = None,
    ) -> None:
        """See `Scanner.run`."""

        def weigh(progress: Progress) -> None:
            self._weigh(progress)
            if on_progress is not None:
                on_progress(progress)

        def recorded(report: ScanReport) -> None:
            self._end()  # it came too late
            if on_recorded is not None:
                on_recorded(report)

        try:
            while not stop.is_set():
                with suppress(_HandedOver):
                    self._make().run(
                        stop,
                        on_progress=weigh,
                        on_problem=on_problem,
                        on_state=on_state,
                        on_recorded=recorded,
                    )
                if self._apart is not None:
                    self._trusted = self._apart.follow(stop, on_progress, on_problem)
                    self._end()
        finally:
            self._end()

    def _weigh(self, progress: Progress) -> None:
        if self._apart is not None:
            if self._apart.ready():
                raise _HandedOver
        elif self._trusted and progress.bytes_total - progress.bytes_done >= self._worth:
            with suppress(OSError):  # no process to be had: the thread does all
                self._apart = _Apart(self._argv)

    def _end(self) -> None:
        if self._apart is not None:
            self._apart.end()
            self._apart = None


class _Apart:
    def __init__(self, argv: Sequence[str]) -> None:
        self._process = start_process(argv)
        self._stdin = cast(IO[bytes], self._process.stdin)
        self._words = cast(IO[bytes], self._process.stdout).fileno()
        self._inbox = Inbox()

    def ready(self) -> bool:
        """Whether it can begin at once, or is gone; never waits."""
        return bool(self._poll(0))

    def _poll(self, seconds: float) -> list[tuple[int, int]]:
        poll = select.poll()
        poll.register(self._words, select.POLLIN)
        return poll.poll(seconds * 1000)

    def follow(
        self,
        stop: Stop,
        on_progress: Callable[[Progress], None] | None,
        on_problem: Callable[[Problem], None] | None,
    ) -> bool:
        """Let it begin, and hand on what it says, until it ends or `stop` is set; False if it failed."""
        if stop.is_set():
            return True
        with suppress(BrokenPipeError):
            self._stdin.write(GO)
        while not stop.is_set():
            if not self._poll(_PATIENCE):
                continue
            data = os.read(self._words, _READ)
            if not data:
                return self._process.wait() == 0
            self._inbox.add(data)
            while (message := self._inbox.take()) is not None:
                word = _word_of(message)
                if word.progress is not None and on_progress is not None:
                    on_progress(word.progress)
                if word.problem is not None and on_problem is not None:
                    on_problem(word.problem)
        return True

    def end(self) -> None:
        """Ask it to end, and see to it; what it has not recorded is read again."""
        self._stdin.close()
        try:
            self._process.wait(_LEAVE)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._process.__exit__(None, None, None)
