"""One line in its place: what every event of it has in common."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from mi6_tui.frameworks.copilot.records import Fields, Record
from mi6_tui.frameworks.copilot.state import State
from mi6_tui.frameworks.times import sortable
from mi6_tui.model import Event, SessionFact, Source

NAME: Final = "copilot"


class Line(msgspec.Struct, kw_only=True):
    """A record with its session, time and place, and the memory of its file."""

    record: Record
    data: Fields
    state: State
    machine_id: str
    path: str
    session_id: str
    at: int
    """ms."""
    offset: int
    length: int
    events: list[Event]
    """Where its events go."""
    facts: list[SessionFact]

    @property
    def sidechain(self) -> bool:
        """Whether a subagent wrote it."""
        return self.record.agent_id is not None

    @property
    def order(self) -> tuple[int, int]:
        """Place among the session's records."""
        return self.state.latest, self.offset

    @property
    def identity(self) -> str:
        """The record's own id; for want of one its place."""
        return self.record.id or f"{self.session_id}@{self.offset}"

    @property
    def claim(self) -> str:
        """The smallest claim on a record owns it: main chain, then the earliest file."""
        return f"{self.sidechain:d}{sortable(self.state.first)}"

    def emit(self, event_type: str, key: str, **fields: Any) -> None:
        """Add an event; `key` is its identity among the client's."""
        common: dict[str, Any] = {
            "machine_id": self.machine_id,
            "timestamp": self.at,
            "session_id": self.session_id,
            "framework": NAME,
            "source": Source.TRANSCRIPT,
            "transcript_path": self.path,
            "cwd": self.state.cwd,
            "git_branch": self.state.branch,
            "is_sidechain": self.sidechain,
            "claim": self.claim,
            "order": self.order,
            "uuid": self.record.id,
            "agent_id": self.record.agent_id,
            "byte_offset": self.offset,
            "byte_length": self.length,
        }
        self.events.append(Event(event_type=event_type, key=f"{NAME}:{key}", **(common | fields)))

    def tell(self, name: str, value: str | int | None) -> None:
        """Add a fact about the session, unless it is known."""
        if value is not None and self.state.tell(name, value):
            self.fact(name, value)

    def fact(self, name: str, value: str | int | None, *, later: int = 0) -> None:
        """Add a value that holds from here on; `later`: bytes into the line."""
        latest, offset = self.order
        self.facts.append(
            SessionFact(
                machine_id=self.machine_id,
                session_id=self.session_id,
                framework=NAME,
                name=name,
                value=value,
                timestamp=self.at,
                order=(latest, offset + later),
            )
        )
