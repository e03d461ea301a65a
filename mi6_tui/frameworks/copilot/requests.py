"""What was asked of the model, and what it counted.

Newer clients write a record for each request. Older ones tell of a request only the reply's tokens, and
at the end of a run the totals of each model: such a run is one event a model, a lower bound that the
totals correct. Where both are told, the event holds what the totals have above the records, such as
requests whose record was lost.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from mi6_tui.frameworks.copilot.lines import Line
from mi6_tui.frameworks.copilot.records import Fields
from mi6_tui.frameworks.copilot.state import Counted, add, note
from mi6_tui.frameworks.records import count, token_count
from mi6_tui.frameworks.text import one_line
from mi6_tui.model import EventType

_UNKNOWN_MODEL = ""
_INPUT: Final = "inputTokens"
_OUTPUT: Final = "outputTokens"
_READ: Final = "cacheReadTokens"
_WRITTEN: Final = "cacheWriteTokens"
_TOLD: Final = (_INPUT, _OUTPUT, _READ, _WRITTEN)


def usage_record(line: Line) -> None:
    """One request."""
    usage = line.data.object("usage")
    state = line.state
    model = usage.name("model")
    state.records = True
    add(state.recorded, model or _UNKNOWN_MODEL, _counted(usage, requests=1))
    reason = usage.name("finishReason")
    call = usage.name("apiCallId") or usage.object("accounting").name("usageId")
    line.emit(
        EventType.API_REQUEST,
        f"req:{call or line.identity}",
        version=f"{line.offset:020d}",
        model=model,
        duration_ms=count(usage.any("duration")),
        outcome="tool_use" if reason == "tool_calls" else one_line(reason, 100) if reason else None,
        **_tokens(usage),
    )
    if not line.sidechain:
        line.tell("context_window", token_count(usage.any("maxPromptTokens")) or None)


def reply(line: Line, *, calls: bool) -> None:
    """A reply of a client that writes no usage records: only its output is told as yet."""
    output = token_count(line.data.any("outputTokens"))
    state = line.state
    if state.records or output is None:
        return
    model = line.data.name("model") or state.model or _UNKNOWN_MODEL
    lump = add(state.lumped, model, Counted(requests=1, output=output))
    ending = None if line.sidechain else "tool_use" if calls else "stop"
    _lump(line, model, lump, outcome=ending, unknown=(_INPUT, _READ, _WRITTEN))


def totals(line: Line) -> None:
    """The totals of each model when a process ends: since the session began, or of the run alone."""
    state = line.state
    whole = "usageAccountingWatermarks" in line.data or "accountingSnapshot" in line.data
    for model, metrics in line.data.object("modelMetrics").objects():
        known = Counted()
        for sums in (state.recorded, state.before) if whole else (state.recorded,):
            known.add(sums.get(model, Counted()))
        usage = metrics.object("usage")
        total = _counted(usage, metrics.object("requests").any("count"))
        rest = total.beyond(known)
        if rest or model in state.lumped:
            note(state.lumped, model, rest)
            unknown = [name for name in _TOLD if token_count(usage.any(name)) is None]
            _lump(line, model, rest, outcome="totals", unknown=unknown)
            # The sum of many prompts is no context.
            line.fact("context:transcript", token_count(line.data.any("currentTokens")), later=1)


def _lump(line: Line, model: str, lump: Counted, *, outcome: str | None, unknown: Collection[str]) -> None:
    """A run's requests to one model that have no record of their own, as one event."""
    fresh = lump.input - lump.cache_read - lump.cache_write
    known = fresh >= 0 and not any(name in unknown for name in (_INPUT, _READ, _WRITTEN))
    line.emit(
        EventType.API_REQUEST,
        f"run:{line.state.run or line.session_id}:{model}",
        version=f"{line.offset:020d}",
        model=model or None,
        outcome=outcome,
        tokens_input=fresh if known else None,
        tokens_output=None if _OUTPUT in unknown else lump.output,
        tokens_cache_read=None if _READ in unknown else lump.cache_read,
        tokens_cache_write=None if _WRITTEN in unknown else lump.cache_write,
        tokens_reasoning=lump.reasoning if known else None,
        tokens_incomplete=not known or bool(unknown),
        agent_id=None,
        is_sidechain=False,
    )


def _tokens(usage: Fields) -> dict[str, Any]:
    prompt, output, read, write = (token_count(usage.any(name)) for name in _TOLD)
    # The prompt counts what came from the cache or went into it.
    fresh = None if prompt is None or read is None or write is None else prompt - read - write
    if fresh is not None and fresh < 0:
        fresh = None
    return {
        "tokens_input": fresh,
        "tokens_output": output,
        "tokens_cache_read": read,
        "tokens_cache_write": write,
        "tokens_reasoning": token_count(usage.any("reasoningTokens")),
        "tokens_incomplete": None in (fresh, output, read, write),
    }


def _counted(usage: Fields, requests: object) -> Counted:
    return Counted(
        token_count(requests) or 0,
        *(token_count(usage.any(name)) or 0 for name in (*_TOLD, "reasoningTokens")),
    )
