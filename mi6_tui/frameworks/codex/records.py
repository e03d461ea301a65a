"""The shapes of rollout lines."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from mi6_tui.frameworks.records import NOTHING, Folder, Json, Name, holds_nul, read, repair, value


class Record(msgspec.Struct):
    """The envelope of a line."""

    timestamp: datetime | None = None
    ordinal: object = None
    type: str | None = None
    payload: msgspec.Raw = NOTHING


class Git(msgspec.Struct):
    """Where the thread's folder stands in its repository."""

    branch: Name | None = None


class Meta(msgspec.Struct):
    """`session_meta`: what a thread is."""

    id: Name | None = None
    session_id: Name | None = None
    """Of the thread at the root of a tree of subagents."""
    forked_from_id: Name | None = None
    parent_thread_id: Name | None = None
    cwd: Folder | None = None
    cli_version: Name | None = None
    source: msgspec.Raw = NOTHING
    """A word, or an object that says which kind of subagent it is."""
    agent_path: Name | None = None
    agent_role: Name | None = None
    git: Git | None = None
    history_mode: str | None = None
    subagent_history_start_ordinal: object = None


class TurnContext(msgspec.Struct):
    """`turn_context`: under which settings a turn runs."""

    turn_id: Name | None = None
    cwd: Folder | None = None
    model: Name | None = None
    approval_policy: Name | None = None


class UsageRecord(msgspec.Struct):
    """`token_usage_record`: what one response was billed."""

    thread_id: Name | None = None
    turn_id: Name | None = None
    response_id: Name | None = None
    usage: msgspec.Raw = NOTHING


class Compacted(msgspec.Struct):
    """`compacted`: the conversation so far was replaced by a summary."""

    latest_token_usage_record: msgspec.Raw = NOTHING


class Window(msgspec.Struct):
    """One of `rate_limits`: how much of what is allowed in a stretch of time is used."""

    used_percent: object = None
    window_minutes: object = None
    resets_at: object = None
    """Seconds since the epoch."""
    resets_in_seconds: object = None


class RateLimits(msgspec.Struct):
    """`rate_limits` of a `token_count` event."""

    limit_id: Name | None = None
    limit_name: Name | None = None
    primary: msgspec.Raw = NOTHING
    secondary: msgspec.Raw = NOTHING


class Settings(msgspec.Struct):
    """All settings of a thread from now on."""

    model: Name | None = None
    service_tier: Name | None = None


class EventMessage(msgspec.Struct):
    """`event_msg`: something the client showed or noted."""

    type: str | None = None
    turn_id: Name | None = None
    model_context_window: object = None
    message: object = None
    images: object = None
    item: msgspec.Raw = NOTHING
    info: msgspec.Raw = NOTHING
    rate_limits: msgspec.Raw = NOTHING
    error: msgspec.Raw = NOTHING
    reason: str | None = None
    duration_ms: object = None
    thread_settings: Settings | None = None
    event_id: Name | None = None
    kind: str | None = None
    agent_thread_id: Name | None = None
    agent_path: Name | None = None
    call_id: Name | None = None
    success: object = None
    duration: msgspec.Raw = NOTHING


class Item(msgspec.Struct):
    """`item` of an `item_completed` event."""

    type: str | None = None
    id: Name | None = None
    content: msgspec.Raw = NOTHING
    status: str | None = None
    duration: msgspec.Raw = NOTHING
    kind: str | None = None
    agent_thread_id: Name | None = None
    agent_path: Name | None = None


class ResponseItem(msgspec.Struct):
    """`response_item`: a piece of the conversation as the model sees it."""

    type: str | None = None
    id: Name | None = None
    call_id: Name | None = None
    name: Name | None = None
    namespace: Name | None = None
    status: str | None = None
    arguments: msgspec.Raw = NOTHING
    input: msgspec.Raw = NOTHING
    action: msgspec.Raw = NOTHING
    output: msgspec.Raw = NOTHING


class TokenInfo(msgspec.Struct):
    """`info` of a `token_count` event: running totals of the thread, and the last response."""

    total_token_usage: msgspec.Raw = NOTHING
    last_token_usage: msgspec.Raw = NOTHING
    model_context_window: object = None


class _Text(msgspec.Struct):
    type: str | None = None
    text: str | None = None


_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])


def parse(line: bytes) -> Record | None:
    """The envelope in `line`, values of a wrong type left out; None if it is no JSON object."""
    record = read(Record, line)
    if record is None or not holds_nul(line):
        return record
    repaired = repair(line)
    return record if repaired is None else read(Record, repaired)


def fields(data: Json) -> dict[str, Any]:
    """A JSON object; empty for anything else."""
    found = value(data)
    return found if isinstance(found, dict) else {}


def text_of(content: Json) -> str:
    """All text of a content, which is a text or a list of parts; a picture counts as `[image]`."""
    try:
        items = _ITEMS.decode(content)
    except (ValueError, RecursionError):
        found = value(content)
        return found if isinstance(found, str) else ""
    parts = [part for item in items if (part := read(_Text, item)) is not None]
    texts = (part.text or ("[image]" if "image" in (part.type or "").lower() else "") for part in parts)
    return "\n".join(text for text in texts if text)
