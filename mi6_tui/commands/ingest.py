"""`ingest event`: record one hook call, for tools that the hooks' script does not serve."""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import Final
from uuid import uuid4

from mi6_tui.clock import now_ms
from mi6_tui.commands.store import opened
from mi6_tui.errors import DONE, UsageError
from mi6_tui.frameworks import framework, names
from mi6_tui.ingest.git.side import GitSide
from mi6_tui.ingest.spool.file import FILE_LIMIT, VARIABLES, call_of
from mi6_tui.ingest.spool.record import CallError, CallRecorder, heard
from mi6_tui.paths import machine_id

_PART: Final = 1 << 20
_MOST_PARTS: Final = 1 << 10
"""Beyond that nobody is a client that would be hurt by a closed pipe."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("what", choices=("event",), help="one call of a hook, its payload on stdin")
    parser.add_argument(
        "--framework", metavar="F", required=True, help=f"whose hook it is: {', '.join(names())}"
    )
    parser.add_argument("--event", metavar="NAME", default="", help="which, where the payload does not tell")


def run(args: argparse.Namespace) -> int:
    """Record, and print nothing: what a hook prints goes to the model."""
    client = framework(args.framework).name
    if sys.stdin is None:  # it was closed by who called
        raise CallError("stdin is closed", "pipe the payload of a hook into it")
    if sys.stdin.isatty():
        raise UsageError("stdin is a terminal", "pipe the payload of a hook into it")
    payload = _payload()
    told = {name: os.environ[name] for name in VARIABLES if name in os.environ}
    call = call_of(
        uuid4().hex, time.time_ns(), now_ms(), payload, {**told, "framework": client, "event": args.event}
    )
    try:
        said = heard(call, machine_id())
    except CallError as error:
        raise CallError(f"stdin holds no hook call: {error.message}", "see --framework and --event") from None
    with opened(args, writing=True) as storage:
        CallRecorder(storage, machine_id(), GitSide(storage, machine_id()).spool_context).record([said])
    return DONE


def _payload() -> bytes:
    """All of stdin, read to its end, so that its writer never meets a closed pipe."""
    payload = sys.stdin.buffer.read(FILE_LIMIT)
    if sys.stdin.buffer.read(1):
        for _ in range(_MOST_PARTS):
            if not sys.stdin.buffer.read(_PART):
                break
        raise CallError(f"stdin holds more than {FILE_LIMIT >> 20} MB", "no hook call is as large")
    return payload
