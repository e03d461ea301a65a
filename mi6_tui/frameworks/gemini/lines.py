"""One message in its place: what every event of it has in common."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from mi6_tui.frameworks.gemini.state import State
from mi6_tui.frameworks.times import sortable
from mi6_tui.model import Event, Source

NAME: Final = "gemini"


class Line(msgspec.Struct, kw_only=True):
    """Where something stands and when it happened, with the memory of its file."""

    state: State
    machine_id: str
    path: str
    session_id: str
    agent_id: str | None
    """Subagent whose file this is."""
    document: bool
    """Whether it stands in an older `.json` file, which a `.jsonl` file with the same messages may follow."""
    at: int
    """ms."""
    order: tuple[int, int]
    """Place among the session's records."""
    version: str
    """Compares by text: a later telling of the same message is the larger one."""
    offset: int
    length: int
    events: list[Event]
    """Where its events go."""

    @property
    def sidechain(self) -> bool:
        """Whether a subagent wrote it."""
        return self.agent_id is not None

    @property
    def claim(self) -> str:
        """The smallest claim on a record owns it: main chain, then lines, then the earliest file."""
        return f"{self.sidechain:d}{self.document:d}{sortable(self.state.first)}"

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
            "is_sidechain": self.sidechain,
            "claim": self.claim,
            "order": self.order,
            "agent_id": self.agent_id,
            "byte_offset": self.offset,
            "byte_length": self.length,
        }
        self.events.append(Event(event_type=event_type, key=f"{NAME}:{key}", **(common | fields)))
