"""A process that reads turns for another one, which records them.

Tasks come in by stdin, turns go out by stdout, in the same order. It ends with its stdin, and so with whoever
started it. What it cannot do is left to the other: that one meets the same trouble, and knows whom to tell.
"""

from __future__ import annotations

import os
import select
import signal
from typing import Final

import msgspec

from mi6_tui import frameworks, start
from mi6_tui.frameworks.base import Kind
from mi6_tui.ingest.reading import take_turn
from mi6_tui.ingest.turn import Source, Turn
from mi6_tui.ingest.wire import Inbox, framed
from mi6_tui.model import FilePosition

_TASKS, _TURNS = 0, 1
"""Descriptors of stdin and stdout."""
_READ: Final = 1 << 16


_MOST_UNSENT: Final = 32 << 20
"""Bytes of turns above which no further one is read."""
_NICE: Final = 5


class Task(msgspec.Struct, frozen=True, array_like=True):
    """A `Source` for somebody who has no objects of ours."""

    kind: Kind
    framework: str
    path: str
    machine_id: str
    position: FilePosition | None
    budget: int
    now: int


_task_of: Final = msgspec.msgpack.Decoder(Task).decode


def main() -> None:
    """Answer until stdin ends."""
    # Ctrl-C is for whoever started this process, and so is the processor, should somebody wait for it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICE)
    start.collect_rarely()
    os.set_blocking(_TURNS, False)
    tasks, turns = Inbox(), bytearray()
    going = True
    while going:
        message = tasks.take() if len(turns) < _MOST_UNSENT else None
        if message is not None:
            turns += framed(msgspec.msgpack.encode(_answer(message)))
        going = _exchange(tasks, turns, wait=message is None)


def _exchange(tasks: Inbox, turns: bytearray, *, wait: bool) -> bool:
    """Take what tasks there are, send what fits into the pipe; False if nobody is there any more.

    What does not fit waits here, while the next turn is read.
    """
    poll = select.poll()
    poll.register(_TASKS, select.POLLIN)
    if turns:
        poll.register(_TURNS, select.POLLOUT)
    try:
        for place, _ in poll.poll(None if wait else 0):
            if place == _TURNS:
                del turns[: os.write(_TURNS, turns)]
            elif data := os.read(_TASKS, _READ):
                tasks.add(data)
            else:
                return False
    except BrokenPipeError:
        return False
    return True


def _answer(message: bytes) -> msgspec.Raw | None:
    """The turn that a task asks for; None if there was trouble."""
    try:
        task = _task_of(message)
        turn: Turn = take_turn(
            task.kind,
            Source(
                path=task.path,
                framework=frameworks.framework(task.framework),
                machine_id=task.machine_id,
                position=task.position,
                budget=task.budget,
                now=task.now,
            ),
        )
        return msgspec.Raw(msgspec.msgpack.encode(turn))
    except Exception:
        return None
