"""The shapes of transcript lines and of what is in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from mi6_tui.frameworks.records import NOTHING, Json, Name, holds_nul, read, repair, value

_ITEMS: Final = msgspec.json.Decoder(list[msgspec.Raw])


class Message(msgspec.Struct, rename="camel"):
    """One message of the conversation; a reply is told again in full when it changes."""

    id: Name | None = None
    type: str | None = None
    timestamp: datetime | None = None
    content: msgspec.Raw = NOTHING
    tool_calls: msgspec.Raw = NOTHING
    tokens: msgspec.Raw = NOTHING
    model: Name | None = None


class Record(Message, rename="camel"):
    """One line: a message, a header, a patch or a rewind. A document is a header with its messages."""

    session_id: Name | None = None
    start_time: datetime | None = None
    last_updated: datetime | None = None
    summary: str | None = None
    messages: msgspec.Raw = NOTHING
    patch: msgspec.Raw = msgspec.field(default=NOTHING, name="$set")
    rewind: msgspec.Raw = msgspec.field(default=NOTHING, name="$rewindTo")


class ToolCall(msgspec.Struct, rename="camel"):
    """One call of a tool, told with its result."""

    id: Name | None = None
    name: Name | None = None
    args: msgspec.Raw = NOTHING
    result: msgspec.Raw = NOTHING
    status: str | None = None
    timestamp: datetime | None = None
    agent_id: Name | None = None
    result_display: msgspec.Raw = NOTHING
    description: str | None = None


def parse(line: bytes) -> Record | None:
    """The record in `line`, values of a wrong type left out; None if it is no JSON object."""
    record = read(Record, line)
    if record is None or not holds_nul(line):
        return record
    plain = repair(line)
    return record if plain is None else read(Record, plain)


def messages(data: Json) -> list[Message]:
    """The messages in a list; empty for anything else."""
    return [found for item in _items(data) if (found := read(Message, item)) is not None]


def tool_calls(data: Json) -> list[ToolCall]:
    """The calls in a list; empty for anything else."""
    return [found for item in _items(data) if (found := read(ToolCall, item)) is not None]


def texts(content: Json) -> list[str]:
    """The texts in a content, which is a text, a part or a list of parts."""
    found = value(content)
    parts: list[Any] = found if isinstance(found, list) else [found]
    told = [part.get("text") if isinstance(part, dict) else part for part in parts]
    return [text for text in told if isinstance(text, str)]


def fields(data: Json) -> dict[str, Any]:
    """An object's fields; empty when it is none."""
    found = value(data)
    return found if isinstance(found, dict) else {}


def _items(data: Json) -> list[msgspec.Raw] | list[bytes]:
    try:
        return _ITEMS.decode(data) if data is not NOTHING else []
    except (ValueError, RecursionError):
        found = value(data)
        return [msgspec.json.encode(item) for item in found] if isinstance(found, list) else []
