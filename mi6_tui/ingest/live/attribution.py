"""Which process an entry of a registry means, or a hook."""

from __future__ import annotations

import os
from typing import Final, Literal

from mi6_tui.frameworks.live import Live
from mi6_tui.ingest.live.processes import Process, Processes, called

SLACK: Final = 2_000
"""ms by which times that are told by different clocks may differ."""
_ANCESTORS: Final = 5
"""A hook may name the shell that ran it: the client stands at most that far above."""

Place = Literal["gone", "elsewhere", "unknown"]


def process_of(live: Live, names: frozenset[str], processes: Processes) -> Process | Place:
    """The process of an entry; `gone`; `elsewhere`: its pid counts in another container or on another
    machine; `unknown`: it cannot be told.

    Without the process's own start in the entry, a process that started later is another one; if it
    runs the client too, the clock may have been set instead.
    """
    if not processes.here(live.domain):
        return "elsewhere"
    try:
        process = processes.find(live.pid)
    except OSError:
        return "unknown"
    if process is None:
        return "gone"
    identity = None if live.ticks is None else processes.identity(live.ticks)
    if identity is not None:
        return process if process.identity == identity else "gone"
    since = live.at if live.started_at is None else live.started_at
    if process.started_at <= since + SLACK:
        return process
    return "unknown" if called(process, names) else "gone"


def process_by_hook(pid: int, at: int, names: frozenset[str], processes: Processes) -> Process | None:
    """The client's process that a hook named at `at` (ms) or a bit before; None if that pid is no such.

    It runs the client, belongs to this user and started before; or an ancestor of it does.
    """
    for _ in range(_ANCESTORS + 1):
        try:
            process = processes.find(pid)
        except OSError:
            return None
        if process is None or process.started_at > at + SLACK:
            return None
        if process.owner == os.getuid() and called(process, names):
            return process
        pid = process.parent
    return None
