"""The shape of transcript lines, and which kinds are known."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from mi6_tui.frameworks.records import NOTHING, Name, holds_nul, read, repair, value


class Record(msgspec.Struct, rename="camel"):
    """One line. `data` differs by type."""

    type: str | None = None
    id: Name | None = None
    timestamp: datetime | None = None
    agent_id: Name | None = None
    """Subagent that wrote it, or that it is about."""
    data: msgspec.Raw = NOTHING


_LONGEST_NAME: Final = 4096
_SILENT: Final = frozenset(
    {
        "assistant.intent",
        "assistant.reasoning",
        "assistant.turn_start",
        "binary_asset",
        "external_tool.completed",
        "external_tool.requested",
        "session.binary_asset",
        "session.compaction_start",
        "session.handoff",
        "session.info",
        "session.mode_changed",
        "session.plan_changed",
        "session.snapshot_rewind",
        "session.task_complete",
        "session.truncation",
        "session.usage_checkpoint",
        "session.warning",
        "session.workspace_file_changed",
        "skill.invoked",
        "subagent.configured",
        "subagent.deselected",
        "subagent.selected",
        "system.message",
        "system.notification",
        "tool.execution_partial_result",
        "tool.execution_progress",
        "tool.user_requested",
    }
)


def is_silent(kind: str) -> bool:
    """Whether a record of this type tells nothing but its time."""
    return kind in _SILENT or kind.startswith("hook.")


def parse(line: bytes) -> Record | None:
    """The record in `line`, values of a wrong type left out; None if it is no JSON object."""
    record = read(Record, line)
    # Most bytes are in records of which nothing is kept: they need no second look.
    if record is None or is_silent(record.type or "") or not holds_nul(line):
        return record
    plain = repair(line)
    return record if plain is None else read(Record, plain)


class Fields:
    """An object whose fields may be missing or of a wrong type."""

    def __init__(self, found: object) -> None:
        self._found: dict[str, Any] = found if isinstance(found, dict) else {}

    @classmethod
    def of(cls, record: Record) -> Fields:
        """What a record tells."""
        return cls(value(record.data))

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def text(self, name: str) -> str | None:
        """A text that is not empty, else None."""
        found = self._found.get(name)
        return found if isinstance(found, str) and found else None

    def name(self, name: str) -> str | None:
        """A text that is not empty and short enough for an id, a name or a path, else None."""
        found = self.text(name)
        return found if found is not None and len(found) <= _LONGEST_NAME else None

    def object(self, name: str) -> Fields:
        """An inner object, empty if there is none."""
        return Fields(self._found.get(name))

    def objects(self) -> list[tuple[str, Fields]]:
        """All inner objects by name."""
        return [(name, Fields(found)) for name, found in self._found.items() if isinstance(found, dict)]

    def any(self, name: str) -> Any:
        """Whatever is there, None if nothing is."""
        return self._found.get(name)
