"""Processes that read turns ahead while this one records: of use where much is to be read."""

from __future__ import annotations

import fcntl
import os
import select
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import TracebackType
from typing import IO, Final, Self, cast

import msgspec

from mi6_tui import frameworks
from mi6_tui.ingest.catalogue import Known
from mi6_tui.ingest.own_process import start_process
from mi6_tui.ingest.run import Work
from mi6_tui.ingest.turn import TURN_BYTES, Turn
from mi6_tui.ingest.wire import Inbox, framed
from mi6_tui.ingest.worker import Task

WORTH_HELP: Final = 32 << 20
"""Bytes to read below which this process is done before another one has started."""
_MOST_HELPERS: Final = 2
"""One reads about as fast as one process records."""
_MOST_TASKS: Final = 2048
_MOST_BYTES: Final = 256 << 20
"""Given to one helper in advance: enough to do while this process records a batch."""
PATIENCE: Final = 0.1
"""Seconds that a scan waits for its helpers before it looks whether it is to stop."""
_MOST_AT_ONCE: Final = 1.0
"""Seconds of silence that are counted for one look."""
SILENCE: Final = 10.0
"""Seconds waited for a helper without a byte from it: something is wrong, and this process does its work."""
_READ: Final = 1 << 16
_PIPE: Final = 1 << 20
"""Bytes of turns that a helper can put down before it must wait; where the system lets us choose."""
_CODE: Final = (
    "from mi6_tui import start; start.import_msgspec(); from mi6_tui.ingest.worker import main; main()"
)

_turn_of: Final = msgspec.msgpack.Decoder(Turn | None).decode

Done = tuple[Work, Turn | None]
"""None: no helper could do it."""


def helpers_for(size: int) -> Helpers:
    """As many helpers as are of use for `size` bytes: none for little, or on a single processor."""
    return Helpers(min(_MOST_HELPERS, _processors() - 1) if size >= WORTH_HELP else 0)


def _processors() -> int:
    """How many this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


class Helpers:
    """Some helpers; a context manager that ends them. Without any it does nothing. `monotonic` in seconds."""

    def __init__(self, count: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._helpers: list[_Helper] = []
        self._lost: deque[Work] = deque()
        """What a helper did not do: it died, or had trouble."""
        with suppress(OSError):  # no process to be had: this one does all
            for _ in range(count):
                self._helpers.append(_Helper())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for helper in self._helpers:
            helper.end()

    @property
    def busy(self) -> bool:
        """Whether something given is not yet back."""
        return bool(self._lost) or any(helper.given for helper in self._helpers)

    def feed(self, waiting: Callable[[], Work | None], left: int, machine_id: str, now: int) -> None:
        """Give work from `waiting`, `left` bytes in all, to whoever has room; `now` in ms."""
        # Not all of the rest to one, so that at the end nobody waits for it.
        room = min(_MOST_BYTES, max(TURN_BYTES, left // 2))
        for helper in self._helpers:
            while helper.size < room and len(helper.given) < _MOST_TASKS and (work := waiting()) is not None:
                try:
                    task = _task(work, machine_id, now)
                except UnicodeEncodeError:  # a path that is no text
                    self._lost.append(work)
                else:
                    helper.give(work, task)

    def done(self) -> Done | None:
        """Work that is done, or was lost."""
        for helper in tuple(self._helpers):
            try:
                found = helper.done()
            except (OSError, msgspec.MsgspecError):
                self._give_up(helper)
                continue
            if found is not None:
                return found
        return (self._lost.popleft(), None) if self._lost else None

    def wait(self) -> Done | None:
        """The same, if need be after a moment; None if it takes longer."""
        if (found := self.done()) is not None or not self._helpers:
            return found
        began = self._monotonic()
        _wait(self._helpers, PATIENCE)
        took = self._monotonic() - began
        for helper in self._helpers:
            # Time for which all of them were suspended says nothing.
            helper.silent += min(took, _MOST_AT_ONCE)
        if (found := self.done()) is not None:
            return found
        for helper in tuple(self._helpers):
            if helper.given and helper.silent >= SILENCE:
                self._give_up(helper)
        return self.done()

    def _give_up(self, helper: _Helper) -> None:
        self._helpers.remove(helper)
        self._lost += helper.given
        helper.end()


def is_shareable(known: Known) -> bool:
    """Whether another process can read it; a question to a database is left where its answers are timed."""
    framework, kind = known.framework, known.kind
    return (
        kind != "database"
        and framework.name in frameworks.names()
        and frameworks.framework(framework.name) is framework
    )


def _task(work: Work, machine_id: str, now: int) -> bytes:
    known = work.known
    return msgspec.msgpack.encode(
        Task(known.kind, known.framework.name, known.path, machine_id, work.position, TURN_BYTES, now)
    )


class _Helper:
    """One process. Neither side ever waits for the other while that one waits for it: nothing here blocks."""

    def __init__(self) -> None:
        self._process = start_process((sys.executable, "-c", _CODE))
        self.tasks = cast(IO[bytes], self._process.stdin).fileno()
        self.turns = cast(IO[bytes], self._process.stdout).fileno()
        os.set_blocking(self.tasks, False)
        os.set_blocking(self.turns, False)
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            with suppress(OSError):
                fcntl.fcntl(self.turns, fcntl.F_SETPIPE_SZ, _PIPE)
        self._unsent = bytearray()
        self._inbox = Inbox()
        self.given: deque[Work] = deque()
        self.size = 0
        """Bytes of what was given."""
        self.silent = 0.0
        """Seconds waited since it was last heard, or got something to do."""

    @property
    def waits(self) -> bool:
        """Whether it has not taken all tasks yet."""
        return bool(self._unsent)

    def give(self, work: Work, task: bytes) -> None:
        """Another task, which it begins at once if it has no other."""
        if not self.given:
            self.silent = 0.0
        self.given.append(work)
        self.size += work.size
        self._unsent += framed(task)
        with suppress(BrokenPipeError):  # `done` will meet it again
            self._send()

    def _send(self) -> None:
        with suppress(BlockingIOError):
            del self._unsent[: os.write(self.tasks, self._unsent)]

    def done(self) -> Done | None:
        """The next turn that is back; OSError or MsgspecError if the process is of no more use."""
        if self._unsent:
            self._send()
        if not self.given:
            return None
        message = self._received()
        if message is None:
            return None
        turn = _turn_of(message)
        work = self.given.popleft()
        self.size -= work.size
        return work, turn

    def _received(self) -> bytes | None:
        """The next whole message; None if it is not all there."""
        while (message := self._inbox.take()) is None:
            try:
                data = os.read(self.turns, _READ)
            except BlockingIOError:
                return None
            if not data:
                raise BrokenPipeError
            self.silent = 0.0
            self._inbox.add(data)
        return message

    def end(self) -> None:
        """It holds nothing that would have to be tidied up."""
        self._process.kill()
        self._process.__exit__(None, None, None)


def _wait(helpers: Iterable[_Helper], timeout: float) -> None:
    poll = select.poll()
    for helper in helpers:
        poll.register(helper.turns, select.POLLIN)
        if helper.waits:
            poll.register(helper.tasks, select.POLLOUT)
    poll.poll(timeout * 1000)
