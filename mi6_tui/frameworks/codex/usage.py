"""Tokens. The client counts cached and written tokens within the input, and reasoning within the output."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from mi6_tui.frameworks.codex.lines import Line
from mi6_tui.frameworks.codex.records import TokenInfo, UsageRecord, fields
from mi6_tui.frameworks.codex.state import Vector
from mi6_tui.frameworks.records import Json, read, token_count
from mi6_tui.frameworks.text import compact_json
from mi6_tui.model import EventType

_INPUT: Final = "input_tokens"
_CACHED: Final = "cached_input_tokens"
_WRITTEN: Final = "cache_write_input_tokens"
_OUTPUT: Final = "output_tokens"
_REASONING: Final = "reasoning_output_tokens"
_NAMES: Final = (_INPUT, _CACHED, _WRITTEN, _OUTPUT, _REASONING)
_LATER: Final = (_WRITTEN, _REASONING)
"""Fields that older clients do not write."""
_ZERO: Final[Vector] = (0, 0, 0, 0, 0)


def tokens(usage: dict[str, Any]) -> dict[str, Any]:
    """The token fields of an event.

    A number that is missing or no count is unknown; so is fresh input where the parts are larger than
    the whole. An older client that writes no field for cache writes has them within the fresh input.
    """
    found = {name: token_count(usage.get(name)) for name in _NAMES}
    whole, cached, written = found[_INPUT], found[_CACHED], found[_WRITTEN]
    fresh = None
    if whole is not None and cached is not None and (written is not None or _WRITTEN not in usage):
        fresh = whole - cached - (written or 0)
    if fresh is not None and fresh < 0:
        fresh = None
    bad = any(found[name] is None for name in _LATER if name in usage)
    return {
        "tokens_input": fresh,
        "tokens_output": found[_OUTPUT],
        "tokens_cache_read": cached,
        "tokens_cache_write": written,
        "tokens_reasoning": found[_REASONING],
        "tokens_incomplete": bad or None in (fresh, cached, found[_OUTPUT]),
        "context_size": token_count(usage.get("total_tokens")),
    }


def recorded(line: Line, record: UsageRecord) -> None:
    """A response and its bill. A record of another thread is a copy."""
    if record.thread_id in (None, line.thread):
        line.state.records = True
        line.state.response = record.response_id
        _request(line, f"req:{line.named(record.response_id)}", fields(record.usage), **_billed(line, record))


def repeated(line: Line, record: UsageRecord) -> None:
    """The last bill as a compaction repeats it: told only where the record itself is missing."""
    own = record.thread_id in (None, line.thread)
    if own and record.response_id and record.response_id != line.state.response:
        numbers = tokens(fields(record.usage))
        key = f"req:{line.named(record.response_id)}"
        line.emit(EventType.API_REQUEST, key, **numbers, **(_billed(line, record) | {"version": "0"}))


def _billed(line: Line, record: UsageRecord) -> dict[str, Any]:
    return {
        "version": "1",
        "uuid": record.response_id,
        "model": line.state.model_of(record.turn_id),
        "price_terms": _price_terms(line),
    }


def _price_terms(line: Line) -> str | None:
    tier = line.state.tier
    return compact_json(service_tier=tier) if tier else None


def counted(line: Line, info: Json) -> None:
    """Running totals, told after a response (and repeated at other times)."""
    found = read(TokenInfo, info)
    if found is None:
        return
    line.fact("context_window", token_count(found.model_context_window))
    last = fields(found.last_token_usage)
    if _measures_context(last):
        _resized(line, token_count(last.get("total_tokens")))
    if line.state.records:
        return
    total = _vector(fields(found.total_token_usage))
    if total is None:
        line.out.odd("token_count without totals")
        return
    step = _step(line, total, last)
    if step.get(_INPUT) == 0 and step.get(_OUTPUT) == 0:
        return
    numbers = ".".join(map(str, total))
    key = f"req:{line.thread}/{line.state.counter.epoch}:{numbers}"
    _request(line, key, step, version="1", model=line.state.model, price_terms=_price_terms(line))


def inherited(line: Line, info: Json) -> None:
    """Totals that a fork has from its parent: what is its own is counted from there."""
    found = read(TokenInfo, info)
    total = _vector(fields(found.total_token_usage)) if found else None
    if total is not None:
        line.state.counter.total = total
        line.state.counter.own_only = True


def _step(line: Line, total: Vector, last: dict[str, Any]) -> dict[str, Any]:
    """What was used since the totals before; nothing where they are only repeated."""
    counter = line.state.counter
    before, counter.total = counter.total, total
    if not counter.own_only:
        # The parent's share of the totals is not told: the last response is all that is certain.
        counter.own_only = True
        return last
    grown = tuple(new - old for new, old in zip(total, before or _ZERO, strict=True))
    if min(grown) < 0:
        # A compaction lowers the totals without setting them to nothing.
        counter.epoch += 1
        return last
    step: dict[str, Any] = dict(zip(_NAMES, grown, strict=True))
    for name in _LATER:
        if name not in last and not step[name]:
            del step[name]
    return step | {"total_tokens": last.get("total_tokens")}


def _vector(usage: dict[str, Any]) -> Vector | None:
    found = [token_count(usage.get(name, 0 if name in _LATER else None)) for name in _NAMES]
    return None if None in found else msgspec.convert(found, Vector)


def _measures_context(last: dict[str, Any]) -> bool:
    """Whether a "last response" used nothing and has a size all the same: an estimate of the window."""
    return last.get(_INPUT) == 0 and last.get(_OUTPUT) == 0 and bool(token_count(last.get("total_tokens")))


def _resized(line: Line, size: int | None) -> None:
    """Say how large the conversation is after its compaction."""
    summary = line.state.summary
    if summary is not None:
        line.state.summary = None
        line.emit(
            EventType.COMPACTION,
            summary.key,
            version="1",
            timestamp=summary.at,
            byte_offset=summary.offset,
            byte_length=summary.length,
            context_size=size,
        )


def _request(line: Line, key: str, usage: dict[str, Any], **more: Any) -> None:
    state = line.state
    state.summary = None
    order, state.replied = state.replied or line.order, None
    line.emit(EventType.API_REQUEST, key, order=order, **tokens(usage), **more)
