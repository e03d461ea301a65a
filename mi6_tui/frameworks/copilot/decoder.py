"""Lines of one transcript to events, in file order, stopping and going on anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import Final

from mi6_tui.frameworks.activity import Activity
from mi6_tui.frameworks.base import Decoded
from mi6_tui.frameworks.base import Line as RawLine
from mi6_tui.frameworks.copilot import conversation, requests, tools
from mi6_tui.frameworks.copilot.lines import NAME, Line
from mi6_tui.frameworks.copilot.records import Fields, Record, is_silent, parse
from mi6_tui.frameworks.copilot.state import State
from mi6_tui.frameworks.memory import dump, load
from mi6_tui.frameworks.times import milliseconds

_TELLING: Final[dict[str, Callable[[Line], None]]] = {
    "abort": conversation.aborted,
    "assistant.message": conversation.reply,
    "assistant.turn_end": conversation.turn_ended,
    "permission.completed": tools.permission_answered,
    "permission.requested": tools.permission_asked,
    "session.compaction_complete": conversation.compacted,
    "session.context_changed": conversation.moved,
    "session.error": conversation.failed,
    "session.model_change": conversation.model_changed,
    "session.resume": conversation.began,
    "session.shutdown": conversation.ended,
    "session.start": conversation.began,
    "session.usage_record": requests.usage_record,
    "subagent.completed": tools.agent_ended,
    "subagent.failed": tools.agent_ended,
    "subagent.started": tools.agent_started,
    "tool.execution_complete": tools.ended,
    "tool.execution_start": tools.started,
    "user.message": conversation.prompt,
}


class CopilotDecoder:
    """Decoder of the file at `path`, at its start or where `memory` left off."""

    def __init__(self, path: str, machine_id: str, memory: bytes | None) -> None:
        self._path = path
        self._machine_id = machine_id
        self._state = load(State, memory, path)
        self._fallback = PurePath(path).parent.name or "unknown"

    def state(self) -> bytes:
        """What must be remembered to go on after the last line read."""
        return dump(self._state)

    def decode(self, lines: Iterable[RawLine]) -> Decoded:
        """The events and facts of the next lines; never raises on what a line holds."""
        out = Decoded()
        activity = Activity()
        for offset, data in lines:
            if not data or data.isspace():
                continue
            record = parse(data)
            if record is None:
                out.malformed += 1
                continue
            line = self._one(record, offset, len(data), out)
            if line is not None:
                activity.saw(line.session_id, line.at)
        activity.tell(out, self._machine_id, NAME)
        return out

    def _one(self, record: Record, offset: int, length: int, out: Decoded) -> Line | None:
        memory = self._state
        at = milliseconds(record.timestamp)
        if at is None:
            at = memory.last
        if at is None:
            out.odd("line without a time")
            return None
        memory.note_time(at)
        kind = record.type or "(no type)"
        handler = _TELLING.get(kind)
        data = Fields.of(record) if handler else Fields(None)
        if kind == "session.start":
            memory.session = data.name("sessionId") or memory.session
        line = Line(
            record=record,
            data=data,
            state=memory,
            machine_id=self._machine_id,
            path=self._path,
            session_id=memory.session or self._fallback,
            at=at,
            offset=offset,
            length=length,
            events=out.events,
            facts=out.facts,
        )
        if handler is not None:
            handler(line)
        elif not is_silent(kind):
            out.odd(kind)
        out.last_uuid = record.id or out.last_uuid
        return line
