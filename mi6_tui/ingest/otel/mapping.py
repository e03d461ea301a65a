"""What the clients' telemetry says of their sessions, each by its own names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple

import msgspec

from mi6_tui.ingest.otel.records import Record, Scalar, Signal
from mi6_tui.model import Telemetry
from mi6_tui.model.secrets import masked
from mi6_tui.model.telemetry import TelemetryKind

_SESSION: Final = re.compile(r"[\x21-\x7e]{1,200}")
_NS: Final = 1_000_000
_LONGEST: Final = 200
"""Characters that are kept of a name or a text."""
_READ: Final = 2048
"""Characters of a text that secrets are looked for in."""
_LARGEST: Final = 2**53
"""No count is as large, and no double above it is exact."""
_MOST_DOLLARS: Final = 1e9

Attributes = Mapping[str, Scalar]


class Said(NamedTuple):
    """What a record says. `id`: the client's own name of what it speaks of, once in a session."""

    framework: str
    kind: TelemetryKind
    id: str | None = None
    fields: Mapping[str, Any] = {}


class Mapped(NamedTuple):
    """What a request told, and how many of its records name no session or say nothing that is kept."""

    records: tuple[Telemetry, ...]
    unused: int


def mapped(records: Iterable[Record], signal: Signal, machine_id: str, now: int) -> Mapped:
    """What `records`, which came at `now` (ms), tell."""
    read = {"logs": _of_log, "metrics": _of_point, "traces": _of_span}[signal]
    kept: list[Telemetry] = []
    unused = 0
    for record in records:
        said, session = read(record), _session(record.attributes)
        if said is None or session is None:
            unused += 1
            continue
        kept.append(
            Telemetry(
                machine_id=machine_id,
                session_id=session,
                framework=said.framework,
                identity=_identity(machine_id, session, said, record),
                kind=said.kind,
                at=_time(record, now),
                received_at=now,
                **said.fields,
            )
        )
    return Mapped(tuple(kept), unused)


def _session(attributes: Attributes) -> str | None:
    for name in ("session.id", "conversation.id", "gen_ai.conversation.id"):
        found = attributes.get(name)
        if isinstance(found, str) and _SESSION.fullmatch(found):
            return found
    return None


def _identity(machine_id: str, session: str, said: Said, record: Record) -> str:
    """Of what is spoken of, if it has a name; else of the record, which a client sends again unchanged."""
    parts: list[Any] = [machine_id, session, said.framework, said.kind]
    if said.id is not None:
        parts.append(said.id)
    else:
        at = record.start if record.cumulative else (record.start, record.at, record.observed)
        attributes = sorted((name, str(value)) for name, value in record.attributes.items())
        parts += [record.name, at, attributes, None if said.kind == "sum" else record.value]
    return sha256(msgspec.json.encode(parts)).hexdigest()[:40]


def _time(record: Record, now: int) -> int:
    """When it was (ms); some clients tell it in an attribute alone."""
    if record.at:
        return record.at // _NS
    told = record.attributes.get("event.timestamp")
    if isinstance(told, str):
        try:
            moment = datetime.fromisoformat(told)
        except ValueError:
            pass
        else:
            return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000)
    return record.observed // _NS or now


# Logs.


def _of_log(record: Record) -> Said | None:
    event = record.attributes.get("event.name")
    read = _LOGS.get(record.name) or (_LOGS.get(event) if isinstance(event, str) else None)
    return read(record.attributes) if read is not None else None


def _claude_request(told: Attributes) -> Said:
    request = _name(told, "request_id")
    fields = _known(
        request_id=request,
        model=_name(told, "model"),
        tokens_input=_count(told, "input_tokens"),
        tokens_output=_count(told, "output_tokens"),
        tokens_cache_read=_count(told, "cache_read_tokens"),
        tokens_cache_write=_count(told, "cache_creation_tokens"),
        tokens_cache_write_1h=_count(told, "cache_creation_1h_tokens"),
        cost_usd=_dollars(told, "cost_usd"),
        duration_ms=_count(told, "duration_ms"),
        what=_name(told, "query_source"),
    )
    return Said("claude", "request", request, fields)


def _codex_response(told: Attributes) -> Said | None:
    """The end of a streamed reply; it comes twice, once without numbers."""
    if told.get("event.kind") != "response.completed" or "input_token_count" not in told:
        return None
    read, written = _count(told, "cached_token_count"), _count(told, "cache_write_token_count")
    fields = _known(
        model=_name(told, "model"),
        tokens_input=_rest(_count(told, "input_token_count"), read, written),
        tokens_output=_count(told, "output_token_count"),
        tokens_cache_read=read,
        tokens_cache_write=written,
        tokens_reasoning=_count(told, "reasoning_token_count"),
    )
    return Said("codex", "request", None, fields)


def _codex_call(told: Attributes) -> Said | None:
    """A request on its way; of use where it failed."""
    status = _count(told, "http.response.status_code")
    if "error.message" not in told and (status is None or status < 400):
        return None
    what = _text(told, "error.message") or f"HTTP {status}"
    return Said("codex", "error", None, _known(model=_name(told, "model"), what=what))


def _gemini_response(told: Attributes) -> Said:
    read, thoughts = _count(told, "cached_content_token_count"), _count(told, "thoughts_token_count")
    said = _count(told, "output_token_count")
    prompt, tool = _count(told, "input_token_count"), _count(told, "tool_token_count")
    fields = _known(
        model=_name(told, "model"),
        tokens_input=_rest(None if prompt is None else prompt + (tool or 0), read),
        tokens_output=None if said is None else said + (thoughts or 0),
        tokens_cache_read=read,
        tokens_reasoning=thoughts,
        duration_ms=_count(told, "duration_ms"),
        what=_name(told, "role"),
    )
    return Said("gemini", "request", None, fields)


def _prompt(framework: str) -> Callable[[Attributes], Said]:
    return lambda told: Said(framework, "prompt", None, {})


def _tool(framework: str, name: str, called: str | None) -> Callable[[Attributes], Said]:
    return lambda told: Said(
        framework,
        "tool",
        _name(told, called) if called else None,
        _known(what=_name(told, name), duration_ms=_count(told, "duration_ms")),
    )


def _error(framework: str) -> Callable[[Attributes], Said]:
    def read(told: Attributes) -> Said:
        request = _name(told, "request_id")
        what = _text(told, "error") or _text(told, "error.message")
        return Said(
            framework, "error", None, _known(request_id=request, model=_name(told, "model"), what=what)
        )

    return read


_LOGS: Final[Mapping[str, Callable[[Attributes], Said | None]]] = {
    "claude_code.api_request": _claude_request,
    "claude_code.user_prompt": _prompt("claude"),
    "claude_code.tool_result": _tool("claude", "tool_name", "tool_use_id"),
    "claude_code.api_error": _error("claude"),
    "codex.sse_event": _codex_response,
    "codex.api_request": _codex_call,
    "codex.user_prompt": _prompt("codex"),
    "codex.tool_result": _tool("codex", "tool_name", "call_id"),
    "gemini_cli.api_response": _gemini_response,
    "gemini_cli.user_prompt": _prompt("gemini"),
    "gemini_cli.tool_call": _tool("gemini", "function_name", None),
    "gemini_cli.api_error": _error("gemini"),
}


# Metrics: Claude Code's alone tell of a session what its log records need not have told.

_CLAUDE_TYPES: Final = {
    "input": "tokens_input",
    "output": "tokens_output",
    "cacheRead": "tokens_cache_read",
    "cacheCreation": "tokens_cache_write",
}


def _of_point(record: Record) -> Said | None:
    told, value = record.attributes, record.value
    if value is None:
        return None
    if record.name == "claude_code.cost.usage" and 0 <= value <= _MOST_DOLLARS:
        number: dict[str, Any] = {"cost_usd": value}
    elif record.name == "claude_code.token.usage" and 0 <= value <= _LARGEST:
        field = _CLAUDE_TYPES.get(str(told.get("type")))
        if field is None:
            return None
        number = {field: int(value)}
    else:
        return None
    what = _name(told, "query_source")
    return Said("claude", "sum", None, number | _known(model=_name(told, "model"), what=what))


# Traces: Copilot tells of its requests nowhere else.


def _of_span(record: Record) -> Said | None:
    told = record.attributes
    if told.get("gen_ai.operation.name") != "chat" or told.get("gen_ai.provider.name") != "github":
        return None
    response = _name(told, "gen_ai.response.id")
    read = _count(told, "gen_ai.usage.cache_read.input_tokens")
    written = _count(told, "gen_ai.usage.cache_write.input_tokens")
    fields = _known(
        request_id=response,
        model=_name(told, "gen_ai.response.model") or _name(told, "gen_ai.request.model"),
        tokens_input=_rest(_count(told, "gen_ai.usage.input_tokens"), read, written),
        tokens_output=_count(told, "gen_ai.usage.output_tokens"),
        tokens_cache_read=read,
        tokens_cache_write=written,
        tokens_reasoning=_count(told, "gen_ai.usage.reasoning.output_tokens"),
        duration_ms=max(0, record.at - record.start) // _NS if record.start else None,
        what=_name(told, "github.copilot.initiator"),
    )
    return Said("copilot", "request", response, fields)


# Values: clients write numbers as texts, too.


def _known(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _name(told: Attributes, name: str) -> str | None:
    value = told.get(name)
    return value[:_LONGEST] if isinstance(value, str) and value else None


def _text(told: Attributes, name: str) -> str | None:
    """What was written for people, without secrets."""
    value = told.get(name)
    return masked(value[:_READ])[:_LONGEST] if isinstance(value, str) and value else None


def _count(told: Attributes, name: str) -> int | None:
    value = _number(told.get(name))
    return int(value) if value is not None and 0 <= value <= _LARGEST else None


def _dollars(told: Attributes, name: str) -> float | None:
    value = _number(told.get(name))
    return float(value) if value is not None and 0 <= value <= _MOST_DOLLARS else None


def _number(value: Scalar | None) -> float | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        return float(value[:_LONGEST] if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None


def _rest(whole: int | None, *parts: int | None) -> int | None:
    """What is left of a whole without its parts; None if it is less than they are."""
    if whole is None:
        return None
    rest = whole - sum(part or 0 for part in parts)
    return rest if rest >= 0 else None
