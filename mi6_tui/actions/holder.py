"""The process that holds a session, for certain or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

from mi6_tui.actions.errors import ActionError, GoneError
from mi6_tui.frameworks.text import one_line
from mi6_tui.ingest.live.processes import Process, Processes
from mi6_tui.model import Claim, Session
from mi6_tui.paths import machine_id

_ANCESTORS: Final = 50
_DESCENDANTS: Final = 100


def name_of(session: Session) -> str:
    """What a person calls it, in quotes."""
    return repr(one_line(session.name, 60))


def check_here(session: Session) -> None:
    """ActionError if the session belongs to another machine."""
    if session.machine_id != machine_id():
        raise ActionError(f"{name_of(session)} runs on another machine, {one_line(session.machine_id, 60)}")


def holder(session: Session, claims: Iterable[Claim], processes: Processes) -> Process:
    """The process that holds the session, as it is at this moment.

    ActionError unless all is certain: it is of this machine, its witness saw it alive, its pid still has the
    identity that was seen, and it belongs to this user.
    """
    check_here(session)
    claim = next((claim for claim in claims if claim.witness == "process"), None)
    if claim is None or claim.pid is None:
        if session.pid is None:
            raise ActionError("nothing tells its process")
        raise ActionError(f"only its pid is known, {session.pid}: that may be another's by now")
    if claim.kind == "gone" or claim.process is None:
        raise GoneError("its process has ended")
    return look_again(claim.pid, claim.process, processes)


def look_again(pid: int, identity: str, processes: Processes) -> Process:
    """The process of that identity. GoneError if it has ended, ActionError else, as `holder`."""
    alive = processes.alive(pid, identity)
    if alive is None:
        raise ActionError(f"process {pid} counts in another container, or cannot be looked at")
    try:
        found = processes.find(pid)
    except OSError:
        raise ActionError(f"process {pid} cannot be looked at") from None
    if found is None:
        raise GoneError(f"process {pid} has ended")
    if not alive or found.identity != identity:
        raise GoneError(f"process {pid} has ended, and its number belongs to another one now")
    if found.owner != os.geteuid():
        raise ActionError(f"process {pid} belongs to another user")
    return found


def ancestors(process: Process, processes: Processes) -> list[Process]:
    """Its parent, its grandparent and so on, as far as they can be looked at."""
    above: list[Process] = []
    parent = process.parent
    while parent > 1 and len(above) < _ANCESTORS:
        try:
            found = processes.find(parent)
        except OSError:
            break
        if found is None:
            break
        above.append(found)
        parent = found.parent
    return above


def descendants(process: Process, processes: Processes) -> list[Process]:
    """The processes that it started, and those that these did; of very many only the first."""
    below: list[Process] = []
    pids = [process.pid]
    seen = {process.pid}
    while pids and len(below) < _DESCENDANTS:
        for child in processes.children(pids.pop(0)):
            if child.pid not in seen:
                seen.add(child.pid)
                below.append(child)
                pids.append(child.pid)
    return below[:_DESCENDANTS]
