"""The full text behind an event, from its line."""

from __future__ import annotations

from mi6_tui.frameworks.codex import tools
from mi6_tui.frameworks.codex.records import EventMessage, Item, ResponseItem, parse, text_of
from mi6_tui.frameworks.records import NOTHING, Json, read, value
from mi6_tui.frameworks.words import fields_as_text
from mi6_tui.model import Event, EventType


def in_full(line: bytes, event: Event) -> str | None:
    """What `event`, which was read from `line`, says in full; None if the line does not say it (any more)."""
    record = parse(line)
    if record is None:
        return None
    if record.type == "event_msg":
        return _said(read(EventMessage, record.payload) or EventMessage(), event)
    item = read(ResponseItem, record.payload) if record.type == "response_item" else None
    if item is None or (event.tool_use_id and event.tool_use_id not in (item.call_id, item.id)):
        return None
    if event.event_type == EventType.PRE_TOOL_USE:
        return _asked(item)
    if event.event_type == EventType.POST_TOOL_USE:
        return "" if item.output is NOTHING else tools.output_of(item.output).text
    return None


def _said(message: EventMessage, event: Event) -> str | None:
    if event.event_type not in (EventType.USER_PROMPT_SUBMIT, EventType.ASSISTANT_MESSAGE):
        return None
    if message.type == "item_completed":
        item = read(Item, message.item) or Item()
        return text_of(item.content) if item.id == event.uuid else None
    return message.message if isinstance(message.message, str) else None


def _asked(item: ResponseItem) -> str | None:
    for told in (item.arguments, item.input, item.action):
        if told is not NOTHING:
            return _readable(told)
    return None


def _readable(told: Json) -> str:
    """Arguments are JSON written as a text; other inputs are a text, or JSON as it is."""
    found = value(told)
    inner = value(found.encode("utf-8", "replace")) if isinstance(found, str) else found
    return fields_as_text(inner if isinstance(inner, dict) else found)
