"""The full text behind events, from the rows of the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mi6_tui.frameworks.opencode.ask import tables_of
from mi6_tui.frameworks.opencode.messages import Call, Message, Prompt, Reply
from mi6_tui.frameworks.opencode.opened import ChangedError, Opened
from mi6_tui.frameworks.records import value
from mi6_tui.frameworks.words import fields_as_text
from mi6_tui.model import Event, EventType

_OF_CALLS: Final = (EventType.PRE_TOOL_USE, EventType.POST_TOOL_USE)


def in_full(path: str, events: Sequence[Event]) -> list[str | None] | None:
    """What each event says in full, None where its row does not say it (any more).

    None while the client is changing the database; TranscriptError if it is no such database.
    """
    try:
        with Opened(path) as opened:
            tables = tables_of(opened.connection)
            known: dict[str, Message | None] = {}
            for event in events:
                if event.uuid is not None and event.uuid not in known:
                    found = (table.message(event.uuid) for table in tables)
                    known[event.uuid] = next((message for message in found if message is not None), None)
    except ChangedError:
        return None
    return [_text(known.get(event.uuid or ""), event) for event in events]


def _text(message: Message | None, event: Event) -> str | None:
    match message.body if message is not None else None:
        case Prompt(text) if event.event_type == EventType.USER_PROMPT_SUBMIT:
            return text
        case Reply() as reply if event.tool_use_id is not None and event.event_type in _OF_CALLS:
            return next((_of_call(call, event) for call in reply.calls if call.id == event.tool_use_id), None)
        case Reply() as reply if event.event_type == EventType.ASSISTANT_MESSAGE:
            place = (event.key or "").rpartition(":")[2]
            known = place.isascii() and place.isdigit() and int(place) < len(reply.texts)
            return reply.texts[int(place)].text if known else None
    return None


def _of_call(call: Call, event: Event) -> str:
    if event.event_type == EventType.PRE_TOOL_USE:
        return fields_as_text(value(call.input))
    return call.error or call.output
