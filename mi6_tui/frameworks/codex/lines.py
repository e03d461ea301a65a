"""One line in its place: what every event of it has in common."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from mi6_tui.frameworks.base import Decoded
from mi6_tui.frameworks.codex.state import State
from mi6_tui.frameworks.times import sortable
from mi6_tui.model import Event, SessionFact, Source

NAME: Final = "codex"


class Line(msgspec.Struct):
    """The time and place of a line, and the memory of its file."""

    state: State
    machine_id: str
    path: str
    thread: str
    session_id: str
    at: int
    """ms."""
    offset: int
    length: int
    out: Decoded
    """Where its events and facts go."""

    @property
    def order(self) -> tuple[int, int]:
        """Place among the session's records."""
        return self.state.latest, self.offset

    def named(self, own: str | None) -> str:
        """Identity of something in this thread: its own id, for want of one its place."""
        return f"{self.thread}:{own}" if own else f"{self.thread}@{self.offset}"

    def emit(self, event_type: str, key: str, **fields: Any) -> None:
        """Add an event; `key` is its identity among the client's."""
        state = self.state
        mode = state.facts.get("permission_mode")
        common: dict[str, Any] = {
            "timestamp": self.at,
            "order": self.order,
            "byte_offset": self.offset,
            "byte_length": self.length,
        }
        self.out.events.append(
            Event(
                machine_id=self.machine_id,
                event_type=event_type,
                session_id=self.session_id,
                framework=NAME,
                source=Source.CODEX_SESSION,
                permission_mode=mode if isinstance(mode, str) else None,
                transcript_path=self.path,
                cwd=state.cwd,
                git_branch=state.branch,
                is_sidechain=state.child,
                key=f"{NAME}:{key}",
                claim=f"{state.child:d}{sortable(state.first)}",
                agent_id=self.thread if state.child else None,
                **(common | fields),
            )
        )

    def fact(self, name: str, told: str | int | None) -> None:
        """State a value of the session, unless it is the one last stated; a subagent states none."""
        if told and not self.state.child and self.state.tell(name, told):
            self.out.facts.append(
                SessionFact(
                    machine_id=self.machine_id,
                    session_id=self.session_id,
                    framework=NAME,
                    name=name,
                    value=told,
                    timestamp=self.at,
                    order=self.order,
                )
            )
