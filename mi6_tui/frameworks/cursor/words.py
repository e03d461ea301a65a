"""The full text behind an event, from its line."""

from __future__ import annotations

from mi6_tui.frameworks.cursor.records import Block, Message, Record, prompt_of, reply_of
from mi6_tui.frameworks.pieces import fields, many, parse
from mi6_tui.frameworks.records import read
from mi6_tui.frameworks.words import fields_as_text
from mi6_tui.model import Event, EventType


def in_full(line: bytes, event: Event) -> str | None:
    """What `event`, which was read from `line`, says in full; None if the line does not say it (any more)."""
    record = parse(Record, line)
    message = read(Message, record.message) if record else None
    if record is None or message is None:
        return record.error if record and event.event_type == EventType.API_ERROR else None
    if event.event_type == EventType.USER_PROMPT_SUBMIT:
        return prompt_of(message.content) or None
    if event.event_type == EventType.PRE_TOOL_USE:
        calls = [block for block in many(Block, message.content) if block.type == "tool_use"]
        at = (event.key or "").rpartition(":pre")[0].rpartition(":")[2]
        index = int(at) if at.isdecimal() else len(calls)
        return fields_as_text(fields(calls[index].input)) if index < len(calls) else None
    return reply_of(message.content) or None
