"""The process that reads a backlog for a dashboard: see `mi6_tui.ingest.apart`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from typing import Final

from mi6_tui import start
from mi6_tui.commands.store import opened, scanner
from mi6_tui.ingest.apart import GO, Word, sent
from mi6_tui.paths import Paths
from mi6_tui.stop import Stop

_CODE: Final = (
    "from mi6_tui import start; start.import_msgspec(); from mi6_tui.commands.apart import main; main()"
)
_STDIN, _STDOUT = 0, 1
_NICE: Final = 10
"""The processor is for the dashboard, as soon as it wants it."""


def command(where: Paths) -> tuple[str, ...]:
    """How it is started for a store."""
    return (sys.executable, "-c", _CODE, str(where.store))


def main() -> None:
    """Read all that is new in the transcripts, once told to; end with it, or with stdin."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICE)
    start.collect_rarely()
    args, stop = argparse.Namespace(db=sys.argv[1]), Stop()
    with opened(args, writing=True) as storage:
        worker = scanner(storage, args)
        _say(stop, Word())
        if os.read(_STDIN, len(GO)):
            threading.Thread(target=_await_end, args=(stop,), daemon=True).start()
            worker.run(
                stop,
                on_progress=lambda progress: _say(stop, Word(progress=progress)),
                on_problem=lambda problem: _say(stop, Word(problem=problem)),
                # Told when all that there was is read; or somebody else does it.
                on_state=lambda state: stop.set(),
            )


def _say(stop: threading.Event, word: Word) -> None:
    message = sent(word)
    try:
        while message:
            message = message[os.write(_STDOUT, message) :]
    except BrokenPipeError:  # there is no dashboard any more
        stop.set()


def _await_end(stop: threading.Event) -> None:
    while os.read(_STDIN, 1):
        pass
    stop.set()
