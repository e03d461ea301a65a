"""The full text behind an event, from its line."""

from __future__ import annotations

from mi6_tui.frameworks.copilot.records import Fields, parse
from mi6_tui.frameworks.words import fields_as_text
from mi6_tui.model import Event, EventType


def in_full(line: bytes, event: Event) -> str | None:
    """What `event`, which was read from `line`, says in full; None if the line does not say it (any more)."""
    record = parse(line)
    if record is None or (event.uuid and record.id != event.uuid):
        return None
    data = Fields.of(record)
    if event.tool_use_id and data.text("toolCallId") not in (None, event.tool_use_id):
        return None
    match record.type, event.event_type:
        case ("user.message", EventType.USER_PROMPT_SUBMIT) | (
            "assistant.message",
            EventType.ASSISTANT_MESSAGE,
        ):
            return data.text("content")
        case "session.error", EventType.API_ERROR:
            return data.text("message")
        case "tool.execution_start", EventType.PRE_TOOL_USE:
            return fields_as_text(data.any("arguments"))
        case "tool.execution_complete", EventType.POST_TOOL_USE:
            return data.object("result").text("content") or data.object("error").text("message") or ""
    # An answer to a permission stands for the call, or for its end, but holds neither.
    return event.text if record.type == "permission.completed" else None
