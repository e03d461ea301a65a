"""Token numbers of a reply."""

from __future__ import annotations

from typing import Any

from mi6_tui.frameworks.pieces import fields
from mi6_tui.frameworks.records import Json, token_count


def tokens(data: Json) -> dict[str, Any]:
    """The token fields of an event.

    `input` holds what was read from the cache but not what a tool added to the prompt; `output` does
    not hold the thoughts. `thoughts` and `tool` are left out where there are none. The client is never
    charged for writing to the cache.
    """
    found = fields(data)
    prompt, cached, said = (token_count(found.get(name)) for name in ("input", "cached", "output"))
    thoughts, tool = (token_count(found.get(name, 0)) for name in ("thoughts", "tool"))
    fresh = None if prompt is None or cached is None else prompt - cached
    if fresh is not None and fresh < 0:
        fresh = None
    return {
        "tokens_input": None if fresh is None else fresh + (tool or 0),
        "tokens_output": None if said is None else said + (thoughts or 0),
        "tokens_cache_read": cached,
        "tokens_cache_write": 0 if found else None,
        "tokens_reasoning": thoughts if "thoughts" in found else None,
        "tokens_incomplete": None in (fresh, cached, said, thoughts, tool),
    }
