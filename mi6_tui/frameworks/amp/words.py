"""The full text behind an event, from the thread that holds all of them."""

from __future__ import annotations

from mi6_tui.frameworks.amp.conversation import id_of, result_of, words_of
from mi6_tui.frameworks.amp.records import Block, Message, Thread
from mi6_tui.frameworks.pieces import fields, many, parse
from mi6_tui.frameworks.words import fields_as_text
from mi6_tui.model import Event, EventType


def in_full(line: bytes, event: Event) -> str | None:
    """What `event`, which was read from `line`, says in full; None if it does not say it (any more)."""
    thread = parse(Thread, line)
    if thread is None:
        return None
    for index, message in enumerate(many(Message, thread.messages), 1):
        blocks = many(Block, message.content)
        if event.tool_use_id is not None:
            told = _of_call(blocks, event)
            if told is not None:
                return told
        elif event.uuid == f"{event.session_id}:{id_of(message, index)}":
            return words_of(blocks) or None
    return None


def _of_call(blocks: list[Block], event: Event) -> str | None:
    for block in blocks:
        if event.event_type == EventType.PRE_TOOL_USE and block.id == event.tool_use_id:
            return fields_as_text(fields(block.input))
        if event.event_type == EventType.POST_TOOL_USE and block.tool_use_id == event.tool_use_id:
            return result_of(block)
    return None
