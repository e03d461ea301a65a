"""The shapes of a thread and of what is in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import msgspec

from mi6_tui.frameworks.pieces import fields
from mi6_tui.frameworks.records import NOTHING, Json, Name, token_count


class Thread(msgspec.Struct, rename="camel"):
    """One document."""

    id: Name | None = None
    v: object = None
    """Version of the thread, larger after each change."""
    created: object = None
    title: str | None = None
    messages: msgspec.Raw = NOTHING
    env: msgspec.Raw = NOTHING
    usage_ledger: msgspec.Raw = NOTHING


class Message(msgspec.Struct, rename="camel"):
    """One message of the conversation."""

    role: str | None = None
    message_id: object = None
    content: msgspec.Raw = NOTHING
    state: msgspec.Raw = NOTHING
    usage: msgspec.Raw = NOTHING
    meta: msgspec.Raw = NOTHING


class Usage(msgspec.Struct, rename="camel"):
    """What a reply cost."""

    model: Name | None = None
    timestamp: datetime | None = None


class Block(msgspec.Struct, rename="camel"):
    """One part of a message."""

    type: str | None = None
    text: str | None = None
    id: Name | None = None
    name: Name | None = None
    input: msgspec.Raw = NOTHING
    tool_use_id: Name | None = msgspec.field(name="toolUseID", default=None)
    run: msgspec.Raw = NOTHING


class Ledger(msgspec.Struct):
    """Requests, as older versions kept them."""

    events: msgspec.Raw = NOTHING


class Spent(msgspec.Struct, rename="camel"):
    """One request of the ledger."""

    id: Name | None = None
    timestamp: datetime | None = None
    model: Name | None = None
    tokens: msgspec.Raw = NOTHING
    to_message_id: object = None


_OF_REPLY: Final = ("inputTokens", "outputTokens", "cacheReadInputTokens", "cacheCreationInputTokens")
_OF_LEDGER: Final = ("input", "output", "cacheReadInputTokens", "cacheCreationInputTokens")

Numbers = tuple[int | None, int | None, int | None, int | None]
"""Fresh input, output, cache read and written."""


def of_reply(usage: Json) -> Numbers:
    """The numbers that stand with a reply."""
    return _numbers(fields(usage), _OF_REPLY)


def of_ledger(told: Json) -> Numbers:
    """The numbers of a request in the ledger, which need not tell the cache."""
    return _numbers(fields(told), _OF_LEDGER)


def _numbers(found: dict[str, Any], names: tuple[str, str, str, str]) -> Numbers:
    sent, said, read, written = (token_count(found.get(name)) for name in names)
    return sent, said, read, written


def tokens(numbers: Numbers) -> dict[str, Any]:
    """The token fields of an event."""
    names = ("tokens_input", "tokens_output", "tokens_cache_read", "tokens_cache_write")
    return dict(zip(names, numbers, strict=True)) | {"tokens_incomplete": None in numbers}


def folder_of(env: Json) -> str | None:
    """The first folder that a thread was begun in."""
    trees = fields(env).get("initial")
    found = trees.get("trees") if isinstance(trees, dict) else None
    uris = [tree.get("uri") for tree in found if isinstance(tree, dict)] if isinstance(found, list) else []
    for uri in uris:
        if isinstance(uri, str) and uri.startswith("file:///"):
            try:
                return unquote(urlsplit(uri).path)
            except ValueError:
                continue
    return None


def version_of(env: Json) -> str | None:
    """The client that began a thread."""
    initial = fields(env).get("initial")
    platform = initial.get("platform") if isinstance(initial, dict) else None
    found = platform.get("clientVersion") if isinstance(platform, dict) else None
    return found if isinstance(found, str) else None
