"""Threads for work beside the screen, none of which keeps the program from ending."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar
from weakref import WeakSet

_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")

_PATIENCE: Final = 3.0
"""Seconds at the end for what is under way: it may be writing what the user asked for."""


class Aside(ThreadPoolExecutor):
    """Runs every work at once, in a thread of its own.

    Those of a pool are waited for without end when the program ends: a disk over a network that does not
    answer would keep it.
    """

    def __init__(self) -> None:
        super().__init__(1)  # none of its own is ever started
        self._under_way: WeakSet[threading.Thread] = WeakSet()

    def submit(
        self, work: Callable[_Given, _Found], /, *args: _Given.args, **named: _Given.kwargs
    ) -> Future[_Found]:
        """See `Executor`."""
        future: Future[_Found] = Future()
        done = partial(_do, future, partial(work, *args, **named))
        thread = threading.Thread(target=done, name="aside", daemon=True)
        self._under_way.add(thread)
        thread.start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for what is under way, but not for long."""
        until = time.monotonic() + _PATIENCE
        for thread in list(self._under_way) if wait else ():
            thread.join(max(0.0, until - time.monotonic()))


def _do(future: Future[Any], work: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = work()
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(result)
