"""Token numbers of a reply, which the client tells twice: as telemetry, then with the reply itself."""

from __future__ import annotations

from typing import Any, Final

from mi6_tui.frameworks.records import token_count

_TELEMETRY: Final = (
    "input_token_count",
    "output_token_count",
    "cached_content_token_count",
    "thoughts_token_count",
    "total_token_count",
)
_REPLY: Final = (
    "promptTokenCount",
    "candidatesTokenCount",
    "cachedContentTokenCount",
    "thoughtsTokenCount",
    "totalTokenCount",
)

Numbers = tuple[int | None, int | None, int | None, int | None, int | None]
"""Prompt, output, cached, thoughts and total, as the client tells them."""


def of_telemetry(found: dict[str, Any]) -> Numbers:
    """The numbers of a response."""
    return _numbers(found, _TELEMETRY)


def of_reply(found: dict[str, Any]) -> Numbers:
    """The numbers that stand with a reply."""
    return _numbers(found, _REPLY)


def _numbers(found: dict[str, Any], names: tuple[str, ...]) -> Numbers:
    sent, said, cached, thoughts, total = (token_count(found.get(name)) for name in names)
    if sent is None and said is None:
        return None, None, cached, thoughts, total
    return sent, said, cached if names[2] in found else 0, thoughts if names[3] in found else 0, total


def tokens(numbers: Numbers) -> dict[str, Any]:
    """The token fields of an event.

    The prompt holds what was read from the cache. Whether the output holds the thoughts depends on the
    provider: the total tells. No provider of the client says what was written to a cache.
    """
    sent, said, cached, thoughts, total = numbers
    fresh = None if sent is None or cached is None or cached > sent else sent - cached
    if None not in (sent, said, thoughts, total) and total == (sent or 0) + (said or 0) + (thoughts or 0):
        said = (said or 0) + (thoughts or 0)
    return {
        "tokens_input": fresh,
        "tokens_output": said,
        "tokens_cache_read": cached,
        "tokens_cache_write": 0 if sent is not None else None,
        "tokens_reasoning": thoughts,
        "tokens_incomplete": None in (fresh, said, cached, thoughts),
    }
