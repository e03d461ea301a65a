"""Sessions of which nobody said a process: found among those that run, or shown to have none."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from mi6_tui.frameworks.base import Framework
from mi6_tui.ingest.live.known import Open
from mi6_tui.ingest.live.processes import Process, Processes, called

EVERY: Final = 10_000
"""ms between two scans of all processes."""
GRACE: Final = 10_000
"""ms since its last activity after which a session without a process is over."""
_TELLING: Final = 12
"""Characters that an id has at least, if it is found in a command line and not by chance."""
NONE_RUNS: Final = "no process of this client runs"
NONE_FREE: Final = "every process of this client holds another session"


class Client(NamedTuple):
    """One client, and those of its sessions whose process nobody knows."""

    framework: Framework
    sessions: Sequence[Open]
    registered: bool
    """Whether a registry tells which sessions its processes hold, one each."""


class Sighting(NamedTuple):
    """What a scan says of one session: its process, or why it has none."""

    session: Open
    process: Process | None
    why: str = ""


class Sightings:
    """Scans the processes now and then, as long as there is something to find."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._scanned: int | None = None
        self._fruitless: object = None
        """What a scan looked at that found nothing, and will not by time alone."""

    def due(self, now: int) -> bool:
        """Whether it is time for a scan at `now` (ms), whichever way the clock was set."""
        return self._scanned is None or abs(now - self._scanned) >= EVERY

    def scan(self, clients: Iterable[Client], taken: set[tuple[int, str]], now: int) -> list[Sighting]:
        """What one look at all processes says; `taken` are those that hold other sessions."""
        clients = [client for client in clients if client.sessions]
        if not clients:
            return []
        self._scanned = now
        names = frozenset[str]().union(*(client.framework.program.names for client in clients))
        running = self._processes.named(names)
        folders = {(each.pid, each.identity): self._processes.cwd(each.pid) for each in running}
        seen = clients, taken, folders
        if seen == self._fruitless:
            return []
        found: list[Sighting] = []
        for client in clients:
            own = [process for process in running if called(process, client.framework.program.names)]
            found += self._of_client(client, own, taken, now)
        young = any(now - session.last_activity <= GRACE for client in clients for session in client.sessions)
        self._fruitless = None if found or young else seen
        return found

    def _of_client(
        self, client: Client, running: Sequence[Process], taken: set[tuple[int, str]], now: int
    ) -> list[Sighting]:
        parents = {process.parent for process in running}
        # A launcher waits for the client that it started; the session is its child's.
        clients = [process for process in running if process.pid not in parents]
        free = [process for process in clients if (process.pid, process.identity) not in taken]
        matched = self._matched(
            client.sessions, [process for process in free if process.owner == os.getuid()]
        )
        if not running:
            why = NONE_RUNS
        elif client.registered and not free:
            why = NONE_FREE
        else:
            return matched
        return matched + [
            Sighting(session, None, why)
            for session in client.sessions
            if now - session.last_activity > GRACE and could_run_here(session)
        ]

    def _matched(self, sessions: Sequence[Open], free: Sequence[Process]) -> list[Sighting]:
        """Sessions and processes that fit each other and nothing else.

        One whose command line names the session; else one that works in the session's folder, and did
        when the session was last active.
        """
        if not free:
            return []
        folder_of = cache(_folder)
        inside: dict[object, list[Open]] = {}
        for session in sessions:
            if session.cwd is not None:
                inside.setdefault(folder_of(session.cwd), []).append(session)
        telling = [session for session in sessions if len(session.session_id) >= _TELLING]
        named: list[tuple[Open, Process]] = []
        beside: list[tuple[Open, Process]] = []
        for process in free:
            words = "\0".join(process.command[1:])
            named += [(session, process) for session in telling if session.session_id in words]
            folder = self._processes.cwd(process.pid)
            there = inside.get(folder_of(folder), ()) if folder is not None else ()
            beside += [(session, process) for session in there if process.started_at <= session.last_activity]
        settled = {process.pid for _, process in named} | {session.session_id for session, _ in named}
        rest = [
            (session, process)
            for session, process in beside
            if process.pid not in settled and session.session_id not in settled
        ]
        return [Sighting(*pair) for pair in (*_unique(named), *_unique(rest))]


def could_run_here(session: Open) -> bool:
    """Whether its folder exists on this machine: else it runs in a container or elsewhere."""
    return session.cwd is not None and os.path.isdir(session.cwd)  # noqa: PTH112 (a fifth of what a Path costs)


def _folder(path: str) -> object:
    """What tells a folder from any other, whichever links lead there."""
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return path
    return status.st_dev, status.st_ino


def _unique(pairs: Sequence[tuple[Open, Process]]) -> list[tuple[Open, Process]]:
    sessions = Counter(session.session_id for session, _ in pairs)
    pids = Counter(process.pid for _, process in pairs)
    return [
        (session, process)
        for session, process in pairs
        if sessions[session.session_id] == 1 and pids[process.pid] == 1
    ]
