"""The full text behind an event, from its line."""

from __future__ import annotations

from mi6_tui.frameworks.pieces import fields, parse
from mi6_tui.frameworks.qwen import conversation
from mi6_tui.frameworks.qwen.records import Payload, Record, parts, text_of
from mi6_tui.frameworks.records import read
from mi6_tui.frameworks.words import fields_as_text
from mi6_tui.model import Event, EventType


def in_full(line: bytes, event: Event) -> str | None:
    """What `event`, which was read from `line`, says in full; None if the line does not say it (any more)."""
    record = parse(Record, line)
    if record is None or (event.uuid and record.uuid != event.uuid):
        return None
    match event.event_type:
        case EventType.USER_PROMPT_SUBMIT:
            return conversation.prompt_of(record) or None
        case EventType.API_ERROR:
            payload = read(Payload, record.system_payload)
            told = fields(payload.ui_event).get("error_message") if payload else None
            return told if isinstance(told, str) else None
        case EventType.PRE_TOOL_USE:
            calls = (part.function_call for part in parts(record.message))
            found = (call for call in calls if call and call.id == event.tool_use_id)
            return next((fields_as_text(fields(call.args)) for call in found), None)
        case EventType.POST_TOOL_USE:
            answers = (part.function_response for part in parts(record.message))
            told_by = (answer for answer in answers if answer and answer.id == event.tool_use_id)
            return next((conversation.output_of(fields(answer.response)) for answer in told_by), None)
    return text_of(parts(record.message)) or None
