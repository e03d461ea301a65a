"""What the entries of the clients' registries say of their sessions, as long as their processes run."""

from __future__ import annotations

from collections.abc import Set
from typing import Final, NamedTuple

from mi6_tui.frameworks.live import Live
from mi6_tui.ingest.discover import OnProblem
from mi6_tui.ingest.live.attribution import Place, process_of
from mi6_tui.ingest.live.holders import Holder, Holders, Key, claim, holder_of
from mi6_tui.ingest.live.known import Known
from mi6_tui.ingest.live.processes import Process, Processes
from mi6_tui.ingest.live.registries import Entry, Registries
from mi6_tui.ingest.live.sightings import could_run_here

_YOUNG: Final = 2_000
"""ms for which an entry without a state says nothing of a session that nobody knows: a client makes one
before it opens the session that it resumes."""


class _Judged(NamedTuple):
    """An entry, and what was found of its process."""

    entry: Entry
    holder: Holder | Place

    @property
    def live(self) -> Live:
        return self.entry.live

    @property
    def known(self) -> Holder | None:
        return self.holder if isinstance(self.holder, Holder) else None

    @property
    def holds(self) -> bool:
        """Whether it still counts: a process that is gone says nothing."""
        return self.holder != "gone"


class Register:
    """All entries, and what follows from each change."""

    def __init__(self, registries: Registries, known: Known, holders: Holders, processes: Processes) -> None:
        self._registries = registries
        self._known = known
        self._holders = holders
        self._processes = processes
        self._entries: dict[str, _Judged] = {}
        """By path."""
        self._doubtful: dict[str, Entry] = {}
        """To be judged again at the next look."""

    def named(self) -> set[str]:
        """The sessions that entries which count name."""
        return {judged.live.session_id for judged in self._entries.values() if judged.holds}

    def names(self, session_id: str) -> bool:
        """Whether an entry that counts names the session."""
        return any(judged.holds for judged in self._entries_of(session_id))

    def tells(self, session_id: str) -> bool:
        """Whether one even says what the session does."""
        return any(judged.holds and judged.live.state for judged in self._entries_of(session_id))

    def holds(self, process: Process) -> bool:
        """Whether an entry names the process: this very one, whenever its start is by the clock of today."""
        wanted = process.pid, process.identity
        holders = (judged.known for judged in self._entries.values())
        return any(holder is not None and (holder.pid, holder.identity) == wanted for holder in holders)

    def look(self, ended: Set[Key], now: int, on_problem: OnProblem) -> None:
        """Say what changed in the registries; the processes `ended` were gone before.

        In that order: a client takes its entry away before it ends.
        """
        told, removed, lost = self._registries.look(on_problem)
        touched: set[str] = set()
        for path in (*removed, *lost):
            self._doubtful.pop(path, None)
            before = self._entries.pop(path, None)
            if before is not None and before.holds and path in removed:
                self._end(before.live.session_id, before.entry, before.known, "left", now)
                touched.add(before.live.session_id)
        if ended:
            touched |= self._bury(ended)
        for path, entry in {**self._doubtful, **told}.items():
            touched.add(self._judge(path, entry, now))
        for session_id in touched:
            self._tell_state(session_id, now)

    def _bury(self, ended: Set[Key]) -> set[str]:
        touched = set()
        for path, judged in self._entries.items():
            holder = judged.known
            if holder is not None and (holder.pid, holder.identity) in ended:
                self._entries[path] = judged._replace(holder="gone")
                touched.add(judged.live.session_id)
        return touched

    def _judge(self, path: str, entry: Entry, now: int) -> str:
        """Find the process of an entry that is new or says something else; its session."""
        live, framework = entry.live, entry.framework
        before = self._entries.get(path)
        young = live.state is None and abs(now - live.at) < _YOUNG
        if before is None and young and self._known.session(live.session_id) is None:
            self._doubtful[path] = entry
            return live.session_id
        process = process_of(live, framework.program.names, self._processes)
        self._doubtful.pop(path, None)
        if process == "unknown":
            self._doubtful[path] = entry
        judged = _Judged(entry, holder_of(process) if isinstance(process, Process) else process)
        self._entries[path] = judged
        if before is not None and before.holds and before.live.session_id != live.session_id:
            self._end(before.live.session_id, entry, before.known, "moved on", now)
        if judged.holds:
            self._introduce(entry)
        if isinstance(process, Process):
            for other in self._holders.sessions(process):
                if other != live.session_id and not self.names(other):
                    self._holders.drop(other, (process.pid, process.identity))
                    self._end(other, entry, judged.known, "moved on", now)
            self._holders.hold(live.session_id, framework.name, process, now, live.terminal)
        return live.session_id

    def _end(self, session_id: str, entry: Entry, holder: Holder | None, how: str, now: int) -> None:
        """The client let go of a session; said once, and not while another entry names it."""
        last = self._known.last(session_id, "registry")
        if self.names(session_id) or (last is not None and last.kind == "end"):
            return
        at = max(now, self._known.latest(session_id))
        claim(self._known, entry.framework.name, session_id, ("registry", "end", how), at, holder)

    def _tell_state(self, session_id: str, now: int) -> None:
        """What a session does, by the entry that changed last of those that count."""
        telling = [judged for judged in self._entries_of(session_id) if judged.holds and judged.live.state]
        judged = max(telling, key=lambda found: found.live.at, default=None)
        state = judged.live.state if judged is not None else None
        if judged is None or state is None:
            return
        framework, said = judged.entry.framework.name, judged.live
        at = min(said.at, now)
        claim(self._known, framework, session_id, ("registry", state, said.detail), at, judged.known)

    def tell_stale(self, now: int) -> None:
        """An entry that a killed client left behind ends its session, if the store takes that for open."""
        for judged in self._entries.values():
            live = judged.live
            session = self._known.active.get(live.session_id)
            if judged.holds or session is None or self._holders.of(live.session_id):
                continue
            last = self._known.last(live.session_id, "process")
            told = last is not None and last.kind == "gone" and last.pid == live.pid
            # Who does not say where its pid counts may run in a container that shares our files.
            if not told and (live.domain is not None or could_run_here(session)):
                dead = Holder(live.pid, None)
                self._holders.gone(live.session_id, judged.entry.framework.name, dead, "", now, live.at)

    def _introduce(self, entry: Entry) -> None:
        """What an entry says of a session of which the store knows less."""
        live, known = entry.live, self._known.session(entry.live.session_id)
        at = live.at if live.started_at is None else live.started_at
        for name, value in (("cwd", live.cwd), ("entrypoint", live.entrypoint)):
            if value is not None and (known is None or getattr(known, name) is None):
                self._known.note(live.session_id, entry.framework.name, name, value, at)

    def _entries_of(self, session_id: str) -> list[_Judged]:
        return [judged for judged in self._entries.values() if judged.live.session_id == session_id]
