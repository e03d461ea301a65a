"""What the clients' own registries and the processes say that the sessions do, as claims in the store.

A registry tells a session's state and its process. A process is followed by its identity until it is
gone, so that neither a file that a killed client left behind nor a pid that is used again says
anything. Where no registry tells it, a hook names the process, or the folder that it works in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from pathlib import Path

from mi6_tui.frameworks.base import Framework
from mi6_tui.ingest.discover import OnProblem
from mi6_tui.ingest.live.attribution import process_by_hook
from mi6_tui.ingest.live.holders import Holders, claim
from mi6_tui.ingest.live.known import Known, Open
from mi6_tui.ingest.live.processes import Processes
from mi6_tui.ingest.live.register import Register
from mi6_tui.ingest.live.registries import Registries
from mi6_tui.ingest.live.sightings import Client, Sightings
from mi6_tui.ingest.live.tools import Tools
from mi6_tui.model import Session
from mi6_tui.storage.protocol import Storage


class Witnesses:
    """A side of the scanner (see `Side`). Nobody else records what it records."""

    every = 1.0
    """Seconds between two looks."""

    def __init__(
        self,
        storage: Storage,
        frameworks: Sequence[Framework],
        machine_id: str,
        *,
        env: Mapping[str, str],
        home: Path,
        processes: Processes,
    ) -> None:
        self._frameworks = {framework.name: framework for framework in frameworks}
        self._processes = processes
        self._known = Known(storage, machine_id)
        self._holders = Holders(self._known, processes)
        self._registries = Registries(frameworks, env, home)
        self._register = Register(self._registries, self._known, self._holders, processes)
        self._sightings = Sightings(processes)
        self._tools = Tools(processes)
        self._restored = False
        self._clients: Sequence[Client] = ()
        """The clients with sessions of which nothing tells the process."""
        self._found_for: object = None
        """What they follow from; None: they are to be found anew."""

    def folders(self) -> list[str]:
        """The existing folders of registries, resolved."""
        return self._registries.folders()

    def look(self, now: int, on_problem: OnProblem) -> int:
        """Record what is new at `now` (ms); how many claims and facts that were."""
        changed = self._known.refresh()
        if not self._restored:
            self._holders.restore()
            self._restored = True
        ended = self._holders.ended()
        self._register.look(ended, now, on_problem)
        if ended:
            self._holders.bury(ended, now)
        self._follow(changed.values(), now)
        self._register.tell_stale(now)
        if self._sightings.due(now):
            self._search(now)
        self._look_at_tools(now)
        return self._known.record()

    def _follow(self, changed: Iterable[Session], now: int) -> None:
        """Take up the processes that hooks named, and let go of those whose session ended."""
        for session in changed:
            session_id = session.session_id
            framework = self._frameworks.get(session.framework or "")
            if framework is None or self._register.names(session_id):
                continue
            if not session.is_active:
                self._holders.drop(session_id)
                continue
            if session.pid is None or any(
                holder.pid == session.pid for holder in self._holders.of(session_id)
            ):
                continue
            names = framework.program.names
            process = process_by_hook(session.pid, session.last_activity, names, self._processes)
            if process is not None and not self._register.holds(process):
                self._holders.hold(session_id, framework.name, process, now)

    def _search(self, now: int) -> None:
        """Look among all processes for those of sessions of which nothing else tells one."""
        named, taken = self._register.named(), self._holders.all()
        covered = [framework for framework in self._frameworks.values() if self._registries.covers(framework)]
        found_for = self._known.revision, named, taken, covered
        if self._found_for != found_for:
            self._clients, self._found_for = self._lonely(named, covered), found_for
        for session, process, why in self._sightings.scan(self._clients, taken, now):
            self._found_for = None
            session_id, name = session.session_id, session.framework or ""
            if process is not None:
                self._holders.hold(session_id, name, process, now)
            else:
                self._holders.gone(session_id, name, None, why, now)

    def _lonely(self, named: Set[str], covered: Collection[Framework]) -> Sequence[Client]:
        """The clients with sessions that no entry names, nobody holds and nobody declared dead since."""
        alone: dict[str, list[Open]] = {}
        for session_id, session in self._known.active.items():
            name, last = session.framework or "", self._known.last(session_id, "process")
            over = last is not None and last.kind == "gone" and last.at >= session.last_activity
            if name in self._frameworks and not (over or session_id in named or self._holders.of(session_id)):
                alone.setdefault(name, []).append(session)
        pairs = [(self._frameworks[name], sessions) for name, sessions in alone.items()]
        return [Client(framework, sessions, framework in covered) for framework, sessions in pairs]

    def _look_at_tools(self, now: int) -> None:
        """Whether a permission that a hook asked for was given: then the tool runs."""
        asking = set()
        for session_id, session in self._known.asking.items():
            since, holders = session.asks_since, self._holders.of(session_id)
            if since is None or len(holders) != 1 or self._register.tells(session_id):
                continue
            asking.add(session_id)
            tool = self._tools.look(session_id, holders[0].pid, since, now)
            if tool is not None:
                at = min(max(tool.started_at, since + 1), now)
                claim(self._known, session.framework, session_id, ("child", "tool", tool.name), at, None)
        self._tools.forget(asking)
