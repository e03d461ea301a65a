"""Ends the processes of sessions: asks first, insists later, kills only when told to."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Literal

import msgspec

from mi6_tui.actions.errors import ActionError, GoneError
from mi6_tui.actions.holder import descendants, look_again
from mi6_tui.ingest.live.processes import Process, Processes

Step = Literal["interrupt", "request", "kill"]
ASK: Final[tuple[Step, ...]] = ("interrupt", "request")
"""What a process is sent in turn, each time with a while to end."""
KILL: Final[tuple[Step, ...]] = ("kill",)
"""The last resort: nothing can be saved."""
SIGNALS: Final[dict[Step, signal.Signals]] = {
    "interrupt": signal.SIGINT,
    "request": signal.SIGTERM,
    "kill": signal.SIGKILL,
}
GRACE: Final = 5.0
"""Seconds that a process has to end after each step."""
_LOOK_EVERY: Final = 0.05


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one process."""

    process: Process
    ended: Step | Literal["itself"] | None = None
    """By what it ended; `itself`: before anything was sent; None: it still runs."""
    problem: str = ""
    """Why nothing was sent."""
    left: tuple[Process, ...] = ()
    """Those of its children that outlived it."""


def send(process: Process, number: int, processes: Processes) -> None:
    """Send a signal to this very process. GoneError if it has ended; ActionError if it is not ours.

    Never to its group, nor to its children: how they end is the client's own business.
    """
    handle = _handle(process.pid)
    try:
        # Looked at while the handle is held: if the pid is still its own now, the handle is too.
        look_again(process.pid, process.identity, processes)
        if handle is None:
            os.kill(process.pid, number)
        else:
            signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        raise GoneError(f"process {process.pid} has ended") from None
    except PermissionError:
        raise ActionError(f"process {process.pid} may not be signalled") from None
    finally:
        if handle is not None:
            os.close(handle)


def _handle(pid: int) -> int | None:
    """A handle that stays with a process whatever becomes of its pid; None where there is none."""
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None  # it has ended, as will show, or the kernel knows no such handles


class Ending:
    """Ends some processes together. `stop`: set by whoever cannot wait until the last step is taken."""

    def __init__(
        self, subjects: Iterable[Process], processes: Processes, stop: threading.Event, grace: float = GRACE
    ) -> None:
        self._stop = stop
        self._processes = processes
        self._grace = grace
        self._families = {one.pid: descendants(one, processes) for one in subjects}
        self._outcomes = {one.pid: Outcome(process=one) for one in subjects}

    @property
    def running(self) -> list[Process]:
        """Those that could be sent something and have not ended."""
        return [one.process for one in self._outcomes.values() if one.ended is None and not one.problem]

    def carry_out(
        self, steps: Sequence[Step], told: Callable[[Step, int], object] = lambda step, number: None
    ) -> list[Outcome]:
        """Go through the steps until all have ended; what became of each.

        `told` hears of each step and of how many processes it goes to.
        """
        for step in steps:
            if not self.running or self._stop.is_set():
                break
            told(step, len(self.running))
            for process in self.running:
                self._take_step(process, step)
            self._wait(step)
        return list(self._outcomes.values())

    def _take_step(self, process: Process, step: Step) -> None:
        try:
            send(process, SIGNALS[step], self._processes)
        except GoneError as error:
            self._note(process, ended="itself", problem=error.message)
        except ActionError as error:
            self._note(process, problem=error.message)

    def _wait(self, step: Step) -> None:
        """Until all have ended, or the time is up."""
        until = time.monotonic() + self._grace
        while True:
            for process in self.running:
                if self._processes.alive(process.pid, process.identity) is False:
                    self._note(process, ended=step, left=self._left(process))
            if not self.running or time.monotonic() >= until or self._stop.wait(_LOOK_EVERY):
                return

    def _left(self, process: Process) -> tuple[Process, ...]:
        family = self._families[process.pid]
        return tuple(one for one in family if self._processes.alive(one.pid, one.identity))

    def _note(self, process: Process, **facts: object) -> None:
        self._outcomes[process.pid] = msgspec.structs.replace(self._outcomes[process.pid], **facts)
