"""One record in its place: what every event of it has in common."""

from __future__ import annotations

from typing import Any

import msgspec

from mi6_tui.model import Event, Source


class Spot(msgspec.Struct, kw_only=True):
    """Where a record stands, when it was made, and where its events go. Identity as in Event."""

    framework: str
    machine_id: str
    path: str
    session_id: str
    agent_id: str | None = None
    """Subagent whose record it is."""
    cwd: str | None = None
    at: int
    """ms."""
    order: tuple[int, int]
    """Place among the session's records."""
    claim: str = ""
    version: str = ""
    offset: int
    length: int
    events: list[Event]

    @property
    def sidechain(self) -> bool:
        """Whether a subagent wrote it."""
        return self.agent_id is not None

    def emit(self, event_type: str, key: str, **fields: Any) -> None:
        """Add an event; `key` is its identity among the client's."""
        common: dict[str, Any] = {
            "machine_id": self.machine_id,
            "timestamp": self.at,
            "session_id": self.session_id,
            "framework": self.framework,
            "source": Source.TRANSCRIPT,
            "transcript_path": self.path,
            "cwd": self.cwd,
            "is_sidechain": self.sidechain,
            "claim": self.claim,
            "order": self.order,
            "agent_id": self.agent_id,
            "byte_offset": self.offset,
            "byte_length": self.length,
        }
        self.events.append(Event(event_type=event_type, key=f"{self.framework}:{key}", **(common | fields)))
