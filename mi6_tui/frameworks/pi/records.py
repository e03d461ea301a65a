"""The shapes of transcript lines and of what is in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from mi6_tui.frameworks.pieces import fields
from mi6_tui.frameworks.records import NOTHING, Folder, Json, Name, token_count

SILENT: Final = frozenset({"custom", "custom_message", "label", "thinking_level_change"})
"""Entries that tell nothing but their time."""
SILENT_ROLES: Final = frozenset(
    {"bashExecution", "branchSummary", "compactionSummary", "custom", "hookMessage", "system"}
)
_LARGEST_COST: Final = 1e6


class Entry(msgspec.Struct, rename="camel"):
    """One line: the header, or an entry of the session's tree."""

    type: str | None = None
    id: Name | None = None
    timestamp: datetime | None = None
    cwd: Folder | None = None
    message: msgspec.Raw = NOTHING
    name: str | None = None
    provider: Name | None = None
    model: Name | None = None
    model_id: Name | None = None
    target_id: Name | None = None
    usage: msgspec.Raw = NOTHING


class Message(msgspec.Struct, rename="camel"):
    """What an entry of the conversation holds; the fields depend on the role."""

    role: str | None = None
    content: msgspec.Raw = NOTHING
    model: Name | None = None
    usage: msgspec.Raw = NOTHING
    stop_reason: Name | None = None
    error_message: str | None = None
    tool_call_id: Name | None = None
    tool_name: Name | None = None
    is_error: bool | None = None


class Block(msgspec.Struct):
    """One part of a reply."""

    type: str | None = None
    text: str | None = None
    id: Name | None = None
    name: Name | None = None
    arguments: msgspec.Raw = NOTHING


_COUNTS: Final = {
    "tokens_input": "input",
    "tokens_output": "output",
    "tokens_cache_read": "cacheRead",
    "tokens_cache_write": "cacheWrite",
}


def tokens(usage: Json) -> dict[str, Any]:
    """The token fields of an event, and its cost as the client reckons it.

    The client knows no price where it reckons nothing.
    """
    found = fields(usage)
    numbers = {ours: token_count(found.get(theirs)) for ours, theirs in _COUNTS.items()}
    cost = found.get("cost")
    total = cost.get("total") if isinstance(cost, dict) else None
    known = isinstance(total, int | float) and not isinstance(total, bool) and 0 < total < _LARGEST_COST
    return {
        **numbers,
        "tokens_cache_write_1h": token_count(found.get("cacheWrite1h")),
        "tokens_reasoning": token_count(found.get("reasoning")),
        "tokens_incomplete": None in numbers.values(),
        "cost_usd": float(total) if known and total is not None else None,
    }
