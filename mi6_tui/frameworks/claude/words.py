"""The full text behind an event, from its line."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mi6_tui.frameworks.claude import user
from mi6_tui.frameworks.claude.records import Block, Message, parse, text_or_blocks
from mi6_tui.frameworks.records import read, value
from mi6_tui.frameworks.words import fields_as_text
from mi6_tui.model import Event, EventType


def in_full(line: bytes, event: Event) -> str | None:
    """What `event`, which was read from `line`, says in full; None if the line does not say it (any more)."""
    record = parse(line)
    if record is None or (event.uuid and record.uuid != event.uuid):
        return None
    message = read(Message, record.message)
    content = [] if message is None else text_or_blocks(message.content)
    blocks = [] if isinstance(content, str) else content
    match event.event_type:
        case EventType.USER_PROMPT_SUBMIT | EventType.INTERRUPT:
            return user.text_of(content) or None
        case EventType.ASSISTANT_MESSAGE | EventType.API_ERROR:
            return user.text_of([block for block in blocks if block.type == "text"]) or (
                content if isinstance(content, str) else None
            )
        case EventType.PRE_TOOL_USE:
            call = _one(blocks, "tool_use", lambda block: block.id == event.tool_use_id)
            return None if call is None else fields_as_text(value(call.input))
        case EventType.POST_TOOL_USE:
            result = _one(blocks, "tool_result", lambda block: block.tool_use_id == event.tool_use_id)
            return None if result is None else user.text_of(text_or_blocks(result.content))
    return None


def _one(blocks: Iterable[Block], kind: str, fits: Callable[[Block], bool]) -> Block | None:
    return next((block for block in blocks if block.type == kind and fits(block)), None)
