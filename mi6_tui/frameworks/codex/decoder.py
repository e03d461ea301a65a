"""Lines of one rollout to events, in file order, stopping and going on anywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import Final

from mi6_tui.frameworks.activity import Activity
from mi6_tui.frameworks.base import Decoded
from mi6_tui.frameworks.base import Line as RawLine
from mi6_tui.frameworks.codex import conversation, kinds, limits, origin, turns, usage
from mi6_tui.frameworks.codex.lines import NAME, Line
from mi6_tui.frameworks.codex.records import (
    Compacted,
    EventMessage,
    Item,
    Meta,
    Record,
    ResponseItem,
    TurnContext,
    UsageRecord,
    parse,
)
from mi6_tui.frameworks.codex.state import State
from mi6_tui.frameworks.memory import dump, load
from mi6_tui.frameworks.records import NOTHING, Json, read
from mi6_tui.frameworks.times import milliseconds

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class CodexDecoder:
    """Decoder of the file at `path`, at its start or where `memory` left off."""

    def __init__(self, path: str, machine_id: str, memory: bytes | None) -> None:
        self._path = path
        self._machine_id = machine_id
        self._state = load(State, memory, path)
        self._fallback_thread = _thread_named(PurePath(path))

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
            line = self._decode_line(offset, data, out)
            if line is not None:
                activity.saw(line.session_id, line.at)
        activity.tell(out, self._machine_id, NAME)
        return out

    def _decode_line(self, offset: int, data: bytes, out: Decoded) -> Line | None:
        """Read a line; it is returned if it has a time."""
        record = parse(data)
        if record is None:
            out.malformed += 1
            self._state.begun = True
            return None
        memory = self._state
        meta = read(Meta, record.payload) if record.type == "session_meta" else None
        at = milliseconds(record.timestamp)
        if at is None:
            at = memory.last
        if at is not None:
            memory.last, memory.latest = at, max(memory.latest, at)
        if memory.first is None:
            memory.first = memory.latest = at or 0
        if meta is not None:
            origin.note(memory, meta, at or 0, self._fallback_thread)
        memory.begun = True
        thread = memory.thread or self._fallback_thread
        line = Line(
            state=memory,
            machine_id=self._machine_id,
            path=self._path,
            thread=thread,
            session_id=memory.session or thread,
            at=at or 0,
            offset=offset,
            length=len(data),
            out=out,
        )
        if at is None:
            line.out.odd("line without a time")
            return None
        _dispatch(line, record, meta)
        return line


def _dispatch(line: Line, record: Record, meta: Meta | None) -> None:
    kind, payload = record.type or "(no type)", record.payload
    if kind == "token_usage_record":
        # Says itself whose it is.
        usage.recorded(line, read(UsageRecord, payload) or UsageRecord())
    elif origin.is_copy(line.state, record, line.at):
        _copied(line, kind, payload)
    elif meta is not None:
        origin.tell(line, meta)
    elif kind == "event_msg":
        _event(line, read(EventMessage, payload) or EventMessage())
    elif kind == "response_item":
        _response(line, read(ResponseItem, payload) or ResponseItem())
    elif kind == "turn_context":
        turns.context(line, read(TurnContext, payload) or TurnContext())
    elif kind == "compacted":
        turns.compacted(line, "compacted")
        found = read(Compacted, payload)
        latest = read(UsageRecord, found.latest_token_usage_record) if found else None
        if latest is not None:
            usage.repeated(line, latest)
    elif kind not in kinds.IGNORED:
        line.out.odd(kind)


def _copied(line: Line, kind: str, payload: Json) -> None:
    """Of what a fork has from its parent only the running totals matter."""
    if kind == "event_msg":
        message = read(EventMessage, payload)
        if message is not None and message.type == "token_count":
            usage.inherited(line, message.info)


def _event(line: Line, message: EventMessage) -> None:
    kind = message.type or "(no type)"
    if handler := _EVENTS.get(kind):
        handler(line, message)
    elif kind == "item_completed":
        item = read(Item, message.item) or Item()
        if item_handler := _ITEMS.get(item.type or ""):
            item_handler(line, item)
        elif item.type not in kinds.IGNORED_ITEMS:
            line.out.odd(f"item_completed:{item.type}")
    elif kind not in kinds.IGNORED_EVENTS:
        line.out.odd(f"event_msg:{kind}")


def _response(line: Line, item: ResponseItem) -> None:
    kind = item.type or "(no type)"
    if kind in kinds.OUTPUTS:
        conversation.answered(line, item)
    elif kind in kinds.CALLS:
        conversation.called(line, item)
    elif kind not in kinds.IGNORED_RESPONSES:
        line.out.odd(f"response_item:{kind}")


def _child_moved(line: Line, message: EventMessage) -> None:
    turns.child_moved(
        line,
        Item(
            id=message.event_id,
            kind=message.kind,
            agent_thread_id=message.agent_thread_id,
            agent_path=message.agent_path,
        ),
    )


def _counted(line: Line, message: EventMessage) -> None:
    usage.counted(line, message.info)
    limits.told(line, message.rate_limits)


_EVENTS: Final[dict[str, Callable[[Line, EventMessage], None]]] = {
    "agent_message": lambda line, message: conversation.reply(
        line, message.message if isinstance(message.message, str) else "", None
    ),
    "context_compacted": lambda line, _: turns.compacted(line, "item"),
    "mcp_tool_call_end": lambda line, message: conversation.ran(
        line, message.call_id, failed=False, duration=message.duration
    ),
    "patch_apply_end": lambda line, message: conversation.ran(
        line, message.call_id, failed=message.success is False, duration=NOTHING
    ),
    "sub_agent_activity": _child_moved,
    "task_complete": turns.completed,
    "task_started": turns.begun,
    "thread_settings_applied": turns.settings_applied,
    "token_count": _counted,
    "turn_aborted": turns.aborted,
    "turn_complete": turns.completed,
    "turn_started": turns.begun,
    "user_message": conversation.shown_prompt,
}
_ITEMS: Final[dict[str, Callable[[Line, Item], None]]] = {
    "AgentMessage": conversation.said,
    "CommandExecution": conversation.item_ran,
    "ContextCompaction": lambda line, _: turns.compacted(line, "item"),
    "FileChange": conversation.item_ran,
    "McpToolCall": conversation.item_ran,
    "SubAgentActivity": turns.child_moved,
    "UserMessage": conversation.asked,
}


def _thread_named(place: PurePath) -> str:
    found = _UUID.findall(place.name)
    return found[-1] if found else place.name.split(".")[0] or "unknown"
