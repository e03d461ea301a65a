"""Which processes hold which sessions, from their first sight until they are gone."""

from __future__ import annotations

from collections.abc import Set
from typing import NamedTuple

from mi6_tui.ingest.live.known import Known
from mi6_tui.ingest.live.processes import Process, Processes
from mi6_tui.ingest.live.terminals import VARIABLES, terminal_of
from mi6_tui.model import Claim, ClaimKind, Witness

Key = tuple[int, str]
"""A pid and its identity: what tells a process from all others."""


class Holder(NamedTuple):
    """A process that holds a session."""

    pid: int
    identity: str | None
    started: int | None = None
    """s since the epoch, if that is known."""


def holder_of(process: Process) -> Holder:
    """The process as a holder."""
    return Holder(process.pid, process.identity, process.started_at // 1000)


def claim(
    known: Known,
    framework: str | None,
    session_id: str,
    said: tuple[Witness, ClaimKind, str],
    at: int,
    holder: Holder | None,
) -> None:
    """Have it recorded that a witness says something (witness, kind, detail) of a session."""
    witness, kind, detail = said
    known.say(
        Claim(
            machine_id=known.machine_id,
            session_id=session_id,
            framework=framework,
            witness=witness,
            kind=kind,
            detail=detail,
            at=at,
            pid=holder.pid if holder else None,
            process=holder.identity if holder else None,
            process_start_time=holder.started if holder else None,
        )
    )


class Holders:
    """By session the processes that hold it."""

    def __init__(self, known: Known, processes: Processes) -> None:
        self._known = known
        self._processes = processes
        self._of: dict[str, dict[Key, Holder]] = {}

    def restore(self) -> None:
        """Go on with the processes of open sessions that the store knows."""
        for session_id in self._known.active:
            last = self._known.last(session_id, "process")
            if (
                last is not None
                and last.kind == "alive"
                and last.pid is not None
                and last.process is not None
            ):
                holder = Holder(last.pid, last.process, last.process_start_time)
                self._of.setdefault(session_id, {})[last.pid, last.process] = holder

    def hold(
        self, session_id: str, framework: str, process: Process, now: int, terminal: str | None = None
    ) -> None:
        """A process holds a session: said once. `terminal` is where that can be seen, if it cannot tell."""
        holders = self._of.setdefault(session_id, {})
        if (process.pid, process.identity) in holders:
            return
        holder = holders[process.pid, process.identity] = holder_of(process)
        claim(self._known, framework, session_id, ("process", "alive", ""), now, holder)
        terminal = terminal_of(self._processes.environment(process.pid, VARIABLES)) or terminal
        if terminal is not None:
            self._known.note(session_id, framework, "terminal", terminal, now)

    def drop(self, session_id: str, key: Key | None = None) -> None:
        """Let go of a session without a word; `key`: of that process alone."""
        holders = self._of.get(session_id, {})
        for held in list(holders) if key is None else [key]:
            holders.pop(held, None)
        if not holders:
            self._of.pop(session_id, None)

    def of(self, session_id: str) -> list[Holder]:
        """The processes that hold a session."""
        return list(self._of.get(session_id, {}).values())

    def sessions(self, process: Process) -> list[str]:
        """The sessions that a process holds."""
        key = process.pid, process.identity
        return [session_id for session_id, holders in self._of.items() if key in holders]

    def all(self) -> set[Key]:
        """All processes that hold a session."""
        return {key for holders in self._of.values() for key in holders}

    def ended(self) -> set[Key]:
        """Ask whether they still run: those that do not."""
        alive = self._processes.alive
        return {key for key in self.all() if alive(*key) is False}

    def bury(self, ended: Set[Key], now: int) -> None:
        """Forget processes that are gone; so is a session that has no other."""
        for session_id, holders in list(self._of.items()):
            lost = [holders.pop(key) for key in ended & holders.keys()]
            if not lost:
                continue
            framework = self._known.framework(session_id)
            if holders:
                rest = max(holders.values(), key=lambda holder: holder.started or 0)
                claim(self._known, framework, session_id, ("process", "alive", ""), now, rest)
            else:
                del self._of[session_id]
                self.gone(session_id, framework, lost[-1], "", now)

    def gone(
        self, session_id: str, framework: str | None, holder: Holder | None, why: str, now: int, seen: int = 0
    ) -> None:
        """No process holds a session any more; `seen`: when (ms) the last one lived for certain.

        It ended now, or before its pid went to another process, or before the system started anew; and
        never before the last word of the session.
        """
        at = now
        if holder is not None:
            seen = max(seen, (holder.started or 0) * 1000)
            at = min(at, self._successor(holder.pid, at))
            booted = self._processes.booted_at()
            at = min(at, booted) if 0 < seen < booted else at
        at = max(at, self._known.latest(session_id))
        claim(self._known, framework, session_id, ("process", "gone", why), at, holder)

    def _successor(self, pid: int, now: int) -> int:
        """Start of the process that has the pid by now."""
        try:
            process = self._processes.find(pid)
        except OSError:
            return now
        return now if process is None else process.started_at
