"""A session that asks for a permission is answered when its process starts a child: the tool."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Final, NamedTuple

from mi6_tui.ingest.live.holders import Key
from mi6_tui.ingest.live.processes import Process, Processes

_LASTING: Final = 1_000
"""ms after which a child is no hook, status line or the like."""


class _Question(NamedTuple):
    """What was there when a question was first looked at."""

    asked_at: int
    before: Set[Key]
    """The children that are older than the question."""
    new: Mapping[Key, int]
    """Those that are younger, and when (ms) they were seen first."""


class Tools:
    """Children of the processes of sessions that ask."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._asking: dict[str, _Question] = {}

    def look(self, session_id: str, pid: int, asked_at: int, now: int) -> Process | None:
        """The child that runs since the session asked at `asked_at` (ms), if one lasted for a while."""
        children = {(child.pid, child.identity): child for child in self._processes.children(pid)}
        question = self._asking.get(session_id)
        if question is None or question.asked_at != asked_at:
            # Later looks tell what is new by what was there, and not by a clock that may be set.
            older = {key for key, child in children.items() if child.started_at <= asked_at}
            question = _Question(asked_at, older, {})
        new = {key: question.new.get(key, now) for key in children.keys() - question.before}
        self._asking[session_id] = question._replace(new=new)
        lasting = [children[key] for key, seen in new.items() if abs(now - seen) >= _LASTING]
        return min(lasting, key=lambda child: child.started_at, default=None)

    def forget(self, asking: Set[str]) -> None:
        """Keep only what is known of the sessions that still ask."""
        if self._asking.keys() - asking:
            self._asking = {name: known for name, known in self._asking.items() if name in asking}
