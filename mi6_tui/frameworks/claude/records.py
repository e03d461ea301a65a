"""The shapes of transcript lines."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from mi6_tui.frameworks.claude import kinds
from mi6_tui.frameworks.records import NOTHING, Folder, Json, Name, holds_nul, read, repair, value


class Origin(msgspec.Struct):
    """Who caused a user record."""

    kind: str | None = None


class Attachment(msgspec.Struct):
    """Something the client added to the conversation."""

    type: str | None = None
    prompt: msgspec.Raw = NOTHING


class Record(msgspec.Struct, rename="camel"):
    """One line."""

    type: str | None = None
    subtype: str | None = None
    uuid: Name | None = None
    session_id: Name | None = None
    timestamp: datetime | None = None
    is_sidechain: bool | None = None
    agent_id: Name | None = None
    cwd: Folder | None = None
    version: Name | None = None
    git_branch: Name | None = None
    entrypoint: Name | None = None
    request_id: Name | None = None
    request_session_id: Name | None = None
    forked_from: msgspec.Raw = NOTHING
    api_block_index: object = None
    is_meta: bool | None = None
    is_compact_summary: bool | None = None
    is_api_error_message: bool | None = None
    permission_mode: Name | None = None
    origin: Origin | None = None
    prompt_source: str | None = None
    tool_denial_kind: str | None = None
    message: msgspec.Raw = NOTHING
    tool_use_result: msgspec.Raw = NOTHING
    error: msgspec.Raw = NOTHING
    content: msgspec.Raw = NOTHING
    attachment: Attachment | None = None
    compact_metadata: msgspec.Raw = NOTHING
    duration_ms: object = None
    custom_title: str | None = None
    agent_name: str | None = None
    ai_title: str | None = None
    summary: str | None = None
    leaf_uuid: Name | None = None
    relocated_cwd: Folder | None = None
    total_cost_usd: float | None = msgspec.field(name="totalCostUSD", default=None)


class Message(msgspec.Struct):
    """`message` of a conversation record."""

    id: Name | None = None
    model: Name | None = None
    stop_reason: Name | None = None
    usage: msgspec.Raw = NOTHING
    content: msgspec.Raw = NOTHING


class Block(msgspec.Struct):
    """One block of a message's content."""

    type: str | None = None
    text: str | None = None
    id: Name | None = None
    name: Name | None = None
    input: msgspec.Raw = NOTHING
    tool_use_id: Name | None = None
    content: msgspec.Raw = NOTHING
    is_error: bool | None = None


class Result(msgspec.Struct, rename="camel"):
    """`toolUseResult` where it is an object."""

    status: str | None = None
    is_async: bool | None = None
    agent_id: Name | None = None
    interrupted: bool | None = None
    background_task_id: Name | None = None
    duration_ms: object = None
    total_duration_ms: object = None
    stdout: msgspec.Raw = NOTHING


class CompactMetadata(msgspec.Struct, rename="camel"):
    """`compactMetadata` of a compaction."""

    trigger: str | None = None
    pre_tokens: object = None
    post_tokens: object = None


class ErrorDetail(msgspec.Struct):
    """`error` of an `api_error` record where it is an object."""

    formatted: str | None = None
    message: str | None = None


_CONTENT: Final[msgspec.json.Decoder[str | list[Block]]] = msgspec.json.Decoder(str | list[Block])
_ITEMS: Final = msgspec.json.Decoder(list[msgspec.Raw])


def parse(line: bytes) -> Record | None:
    """The record in `line`, values of a wrong type left out; None if it is no JSON object."""
    record = read(Record, line)
    # Most bytes are in records of which nothing is kept: they need no second look.
    if record is None or is_silent(record) or not holds_nul(line):
        return record
    repaired = repair(line)
    return record if repaired is None else read(Record, repaired)


def is_silent(record: Record) -> bool:
    """Whether a record is of a known kind that tells nothing but its time."""
    kind = record.type
    if kind == "attachment":
        return record.attachment is not None and kinds.ignores_attachment(record.attachment.type or "")
    return kind is not None and kinds.ignores(kind)


def text_or_blocks(data: Json) -> str | list[Block]:
    """Content, which is a text or a list of blocks; an empty list for anything else."""
    try:
        return _CONTENT.decode(data)
    except (ValueError, RecursionError):
        pass
    try:
        items = _ITEMS.decode(data)
    except (ValueError, RecursionError):
        found = value(data)
        return found if isinstance(found, str) else []
    return [block for item in items if (block := read(Block, item)) is not None]
