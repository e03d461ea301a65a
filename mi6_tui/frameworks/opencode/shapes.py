"""JSON that both generations of the client write alike."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from mi6_tui.frameworks.opencode.messages import Failure, Tokens
from mi6_tui.frameworks.records import NOTHING, Json, read, token_count, value
from mi6_tui.frameworks.times import instant

ABORTED: Final = "MessageAbortedError"
"""Name of the failure that the user caused."""
_LARGEST_COST: Final = 10**6
"""Dollars; no request costs as much."""


class _Tokens(msgspec.Struct):
    input: msgspec.Raw = NOTHING
    output: msgspec.Raw = NOTHING
    reasoning: msgspec.Raw = NOTHING
    cache: msgspec.Raw = NOTHING


class _Failure(msgspec.Struct):
    name: str | None = None
    type: str | None = None
    message: str | None = None
    data: msgspec.Raw = NOTHING


def times(data: Json) -> dict[str, int]:
    """The whole numbers in an object of times, in ms."""
    found = value(data)
    if not isinstance(found, dict):
        return {}
    return {name: at for name, at in found.items() if instant(at) is not None}


def tokens_of(data: Json) -> Tokens | None:
    """The tokens of a request; None where nothing is known.

    The client writes zeros before it knows, and where the provider tells nothing: no request has none at all.
    """
    found = read(_Tokens, data)
    if found is None:
        return None
    cache = value(found.cache)
    cache = cache if isinstance(cache, dict) else {}
    tokens = Tokens(
        input=token_count(value(found.input)),
        output=token_count(value(found.output)),
        reasoning=token_count(value(found.reasoning)),
        cache_read=token_count(cache.get("read")),
        cache_write=token_count(cache.get("write")),
    )
    return tokens if any(msgspec.structs.astuple(tokens)) else None


def cost_of(data: Json, tokens: Tokens | None) -> float | None:
    """Dollars as the client reckoned them; None where it has no price, which it writes as 0."""
    dollars = value(data)
    if tokens is None or isinstance(dollars, bool) or not isinstance(dollars, int | float):
        return None
    return float(dollars) if 0 < dollars < _LARGEST_COST else None


def failure_of(data: Json) -> Failure | None:
    """The error in a reply."""
    found = read(_Failure, data)
    if found is None:
        text = value(data)
        return Failure("error", text) if isinstance(text, str) else None
    detail = value(found.data)
    told = detail.get("message") if isinstance(detail, dict) else None
    return Failure(
        found.name or found.type or "error", told if isinstance(told, str) else found.message or ""
    )


def text_of(content: Any) -> str:
    """The first text in a tool's result, which is a text or a list of blocks."""
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    texts = (block.get("text") for block in blocks if isinstance(block, dict))
    return next((text for text in texts if isinstance(text, str) and text), "")


def name_of(model: Any) -> str | None:
    """The name of a model, which is a text or an object with an id."""
    if isinstance(model, dict):
        model = model.get("id") or model.get("modelID")
    return model if isinstance(model, str) and model else None
