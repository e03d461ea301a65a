"""The full text behind an event, from its line."""

from __future__ import annotations

from mi6_tui.frameworks.pi.records import Block, Entry, Message
from mi6_tui.frameworks.pieces import fields, many, parse, texts
from mi6_tui.frameworks.records import read
from mi6_tui.frameworks.words import fields_as_text
from mi6_tui.model import Event, EventType


def in_full(line: bytes, event: Event) -> str | None:
    """What `event`, which was read from `line`, says in full; None if the line does not say it (any more)."""
    record = parse(Entry, line)
    message = read(Message, record.message) if record else None
    if record is None or message is None or (event.uuid and record.id != event.uuid):
        return None
    if event.event_type == EventType.API_ERROR:
        return message.error_message
    if event.event_type == EventType.PRE_TOOL_USE:
        calls = (block for block in many(Block, message.content) if block.id == event.tool_use_id)
        return next((fields_as_text(fields(call.arguments)) for call in calls), None)
    if event.event_type == EventType.POST_TOOL_USE and message.tool_call_id != event.tool_use_id:
        return None
    return "\n".join(texts(message.content)) or None
