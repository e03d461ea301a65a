"""The shapes of transcript lines, and how to read one that may be damaged.

Only named fields are decoded; everything else in a line costs no more than the scan over it.
A `msgspec.Raw` field is decoded by whoever needs it.
"""

from __future__ import annotations

import json
import math
import re
from datetime import datetime
from typing import Any, Final, TypeVar, cast, get_type_hints

import msgspec

from mi6_tui.frameworks.claude import kinds

Json = msgspec.Raw | bytes
_S = TypeVar("_S", bound=msgspec.Struct)
_NOTHING: Final = msgspec.Raw(b"")
_INT64: Final = 2**63


class Origin(msgspec.Struct):
    """Who caused a user record."""

    kind: str | None = None


class Attachment(msgspec.Struct):
    """Something the client added to the conversation."""

    type: str | None = None
    prompt: msgspec.Raw = _NOTHING


class Record(msgspec.Struct, rename="camel"):
    """One line."""

    type: str | None = None
    subtype: str | None = None
    uuid: str | None = None
    session_id: str | None = None
    timestamp: datetime | None = None
    is_sidechain: bool | None = None
    agent_id: str | None = None
    cwd: str | None = None
    version: str | None = None
    git_branch: str | None = None
    entrypoint: str | None = None
    request_id: str | None = None
    request_session_id: str | None = None
    forked_from: msgspec.Raw = _NOTHING
    api_block_index: object = None
    is_meta: bool | None = None
    is_compact_summary: bool | None = None
    is_api_error_message: bool | None = None
    permission_mode: str | None = None
    origin: Origin | None = None
    prompt_source: str | None = None
    tool_denial_kind: str | None = None
    message: msgspec.Raw = _NOTHING
    tool_use_result: msgspec.Raw = _NOTHING
    error: msgspec.Raw = _NOTHING
    content: msgspec.Raw = _NOTHING
    attachment: Attachment | None = None
    compact_metadata: msgspec.Raw = _NOTHING
    duration_ms: object = None
    custom_title: str | None = None
    agent_name: str | None = None
    ai_title: str | None = None
    summary: str | None = None
    leaf_uuid: str | None = None
    relocated_cwd: str | None = None


class Message(msgspec.Struct):
    """`message` of a conversation record."""

    id: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    usage: msgspec.Raw = _NOTHING
    content: msgspec.Raw = _NOTHING


class Block(msgspec.Struct):
    """One block of a message's content."""

    type: str | None = None
    text: str | None = None
    id: str | None = None
    name: str | None = None
    input: msgspec.Raw = _NOTHING
    tool_use_id: str | None = None
    content: msgspec.Raw = _NOTHING
    is_error: bool | None = None


class Result(msgspec.Struct, rename="camel"):
    """`toolUseResult` where it is an object."""

    status: str | None = None
    is_async: bool | None = None
    agent_id: str | None = None
    interrupted: bool | None = None
    background_task_id: str | None = None
    duration_ms: object = None
    total_duration_ms: object = None
    stdout: msgspec.Raw = _NOTHING


class CompactMetadata(msgspec.Struct, rename="camel"):
    """`compactMetadata` of a compaction."""

    trigger: str | None = None
    pre_tokens: object = None
    post_tokens: object = None


class ErrorDetail(msgspec.Struct):
    """`error` of an `api_error` record where it is an object."""

    formatted: str | None = None
    message: str | None = None


class _Shape:
    """What is needed to decode one struct type, whole or field by field."""

    def __init__(self, cls: type[msgspec.Struct]) -> None:
        hints = get_type_hints(cls)
        self.whole: msgspec.json.Decoder[Any] = msgspec.json.Decoder(cls)
        self.fields = {
            field.encode_name: (field.name, None if hints[field.name] is msgspec.Raw else hints[field.name])
            for field in msgspec.structs.fields(cls)
        }


_SHAPES: Final[dict[type[msgspec.Struct], _Shape]] = {
    cls: _Shape(cls) for cls in (Record, Message, Block, Result, CompactMetadata, ErrorDetail)
}
_CONTENT: Final[msgspec.json.Decoder[str | list[Block]]] = msgspec.json.Decoder(str | list[Block])
_ITEMS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ANY: Final = msgspec.json.Decoder()


def parse(line: bytes) -> Record | None:
    """The record in `line`, values of a wrong type left out; None if it is no JSON object."""
    record = read(Record, line)
    # Most bytes are in records of which nothing is kept: they need no second look.
    if record is None or is_silent(record) or not (b"\\u0000" in line or b"\0" in line):
        return record
    repaired = _repair(line)
    return record if repaired is None else read(Record, repaired)


def is_silent(record: Record) -> bool:
    """Whether a record is of a known kind that tells nothing but its time."""
    kind = record.type
    if kind == "attachment":
        return record.attachment is not None and kinds.ignores_attachment(record.attachment.type or "")
    return kind is not None and kinds.ignores(kind)


def read(cls: type[_S], data: Json) -> _S | None:
    """The struct in `data`, values of a wrong type left out; None if it is no JSON object."""
    if data is _NOTHING:
        return None
    try:
        return cast(_S, _SHAPES[cls].whole.decode(data))
    except msgspec.ValidationError:
        if found := _read_by_field(cls, data):
            return found
    except (ValueError, RecursionError):
        pass
    repaired = _repair(data)
    return None if repaired is None else _read_by_field(cls, repaired)


def _read_by_field(cls: type[_S], data: Json) -> _S | None:
    try:
        fields = _FIELDS.decode(data)
    except (ValueError, RecursionError):
        return None
    found = cls()
    for encoded, (name, wanted) in _SHAPES[cls].fields.items():
        if encoded not in fields:
            continue
        raw = fields[encoded]
        if wanted is None:
            setattr(found, name, raw)
            continue
        try:
            setattr(found, name, msgspec.json.decode(raw, type=wanted))
        except (ValueError, RecursionError):
            continue
    return found


def value(data: Json) -> Any:
    """Any JSON value; None for none, or for one that cannot be read."""
    if data is _NOTHING:
        return None
    try:
        return _ANY.decode(data)
    except (ValueError, RecursionError):
        repaired = _repair(data)
        return None if repaired is None else _ANY.decode(repaired)


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


def count(number: object) -> int | None:
    """`number` if it is a whole number from 0 up to 64 bits (no bool, no float); else None: unknown."""
    return number if type(number) is int and 0 <= number < _INT64 else None


_UNSAFE: Final = re.compile("[\x00\ud800-\udfff]")


def _repair(data: Json) -> bytes | None:
    """`data` as plain JSON: no byte order mark, bad UTF-8, lone surrogate, NUL, NaN or huge number."""
    try:
        text = bytes(data).decode("utf-8", "replace").removeprefix("\ufeff")
        return msgspec.json.encode(_scrub(json.loads(text, strict=False)))
    except (ValueError, RecursionError):
        return None


def _scrub(found: Any) -> Any:
    if isinstance(found, str):
        return _UNSAFE.sub(lambda match: "" if match[0] == "\0" else "\ufffd", found)
    if isinstance(found, dict):
        return {_scrub(key): _scrub(item) for key, item in found.items()}
    if isinstance(found, list):
        return [_scrub(item) for item in found]
    if isinstance(found, float) and not math.isfinite(found):
        return None
    if isinstance(found, int) and not -_INT64 <= found < 2 * _INT64:
        return None
    return found
