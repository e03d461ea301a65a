"""Token numbers of a reply. One API response stands on several lines; see `version`."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from mi6_tui.frameworks.records import Json, count, token_count, value
from mi6_tui.frameworks.text import one_line

_STANDARD: Final = {
    "speed": ("", "standard"),
    "inference_geo": ("", "global", "not_available"),
    "service_tier": ("", "standard"),
}
_LONGEST_TERM: Final = 40
_LARGEST_COST: Final = 1e6
_SPLIT: Final = ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")


def tokens(usage: Json, stop_reason: str | None) -> dict[str, Any]:
    """The token fields of an event, and what changes their price.

    A number that is missing or no count is unknown. Without a stop reason the reply was cut, or its
    last line is still to come: the output is then a lower bound only.
    """
    found = _fields(value(usage))
    split, details = _fields(found.get("cache_creation")), _fields(found.get("output_tokens_details"))
    written, hour, doubtful = _cache_write(found.get("cache_creation_input_tokens"), split)
    thinking = token_count(details.get("thinking_tokens"))
    numbers = {
        "tokens_input": token_count(found.get("input_tokens")),
        "tokens_output": token_count(found.get("output_tokens")),
        "tokens_cache_read": token_count(found.get("cache_read_input_tokens")),
        "tokens_cache_write": written,
    }
    incomplete = (
        stop_reason is None
        or None in numbers.values()
        or doubtful
        or (thinking is None and "thinking_tokens" in details)
        or _advised(found.get("iterations"))
    )
    return {
        **numbers,
        "tokens_cache_write_1h": hour,
        "tokens_reasoning": thinking,
        "tokens_incomplete": incomplete,
        "price_terms": _price_terms(found),
    }


def _advised(iterations: object) -> bool:
    """Whether another model was asked within the reply: its tokens are in none of the numbers."""
    steps = iterations if isinstance(iterations, list) else []
    return any(_fields(step).get("type") == "advisor_message" for step in steps)


def _cache_write(flat: object, split: dict[str, Any]) -> tuple[int | None, int | None, bool]:
    """All cache writes, those kept for an hour, and whether the split by lifetime is in doubt.

    Some clients leave the flat number at 0 beside a split; where both are told and differ, the flat
    number holds.
    """
    total = token_count(flat)
    parts = [token_count(split.get(name)) for name in _SPLIT]
    told = [part for part, name in zip(parts, _SPLIT, strict=True) if name in split]
    if None in told:
        return (None if total == 0 else total), None, True
    known = sum(part for part in told if part is not None)
    if total == 0:
        total = known
    if len(told) == len(_SPLIT) and known != total:
        return total, None, True
    return total, parts[1], False


def _price_terms(found: dict[str, Any]) -> str | None:
    """What changes the price, as compact JSON; None where all is standard."""
    terms: dict[str, str | int] = {}
    for name, standard in _STANDARD.items():
        term = found.get(name)
        if isinstance(term, str) and term not in standard:
            terms[name] = one_line(term, _LONGEST_TERM)
    searches = count(_fields(found.get("server_tool_use")).get("web_search_requests"))
    if searches:
        terms["web_search_requests"] = searches
    return msgspec.json.encode(terms).decode() if terms else None


def nano_usd(dollars: float | None) -> int | None:
    """Billionths of a dollar; None for what can be no price."""
    return round(dollars * 1e9) if dollars is not None and 0 <= dollars < _LARGEST_COST else None


def _fields(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def version(output: int | None, block_index: object, offset: int) -> str:
    """Text that compares as: largest output, then highest block index, then last in the file."""
    known = -1 if output is None else output
    return f"{known + 1:020d}{count(block_index) or 0:020d}{offset:020d}"
