"""The shapes of transcript lines and of what is in them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from mi6_tui.frameworks import pieces
from mi6_tui.frameworks.records import NOTHING, Json, Name


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
    return pieces.parse(Record, line)


def messages(data: Json) -> list[Message]:
    """The messages in a list; empty for anything else."""
    return pieces.many(Message, data)


def tool_calls(data: Json) -> list[ToolCall]:
    """The calls in a list; empty for anything else."""
    return pieces.many(ToolCall, data)
