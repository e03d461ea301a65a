"""The full text behind an event, from its line or from the document that holds all of them."""

from __future__ import annotations

from collections.abc import Iterator

from mi6_tui.frameworks.gemini import conversation, tools
from mi6_tui.frameworks.gemini.records import Message, Record, messages, parse, tool_calls
from mi6_tui.frameworks.pieces import fields, texts
from mi6_tui.frameworks.records import read
from mi6_tui.frameworks.words import fields_as_text
from mi6_tui.model import Event, EventType


def in_full(line: bytes, event: Event) -> str | None:
    """What `event`, which was read from `line`, says in full; None if the line does not say it (any more)."""
    record = parse(line)
    if record is None:
        return None
    for message in _messages(record):
        if event.tool_use_id is not None:
            told = _of_call(message, event)
        elif event.uuid is None or message.id != event.uuid:
            told = None
        elif event.event_type == EventType.USER_PROMPT_SUBMIT:
            told = conversation.prompt_of(message)
        else:
            told = "\n".join(texts(message.content))
        if told is not None:
            return told
    return None


def _messages(record: Record) -> Iterator[Message]:
    yield record
    yield from messages(record.messages)
    patch = read(Record, record.patch)
    if patch is not None:
        yield from messages(patch.messages)


def _of_call(message: Message, event: Event) -> str | None:
    for call in tool_calls(message.tool_calls):
        if call.id == event.tool_use_id:
            if event.event_type == EventType.PRE_TOOL_USE:
                return fields_as_text(fields(call.args))
            return tools.shown(call) or tools.result(call)
    return None
