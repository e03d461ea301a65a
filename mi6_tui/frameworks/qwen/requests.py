"""Requests to the model, each once.

The client notes every response as telemetry, in the session's file and whoever asked for it: the session, a
subagent, or the client itself for a summary or the like. Only to the session's own a reply follows, as a
record with the same numbers.
"""

from __future__ import annotations

import re
from typing import Any, Final

from mi6_tui.frameworks.pieces import fields
from mi6_tui.frameworks.qwen.records import Part, Record, text_of
from mi6_tui.frameworks.qwen.state import State
from mi6_tui.frameworks.qwen.usage import Numbers, of_reply, of_telemetry, tokens
from mi6_tui.frameworks.records import NOTHING
from mi6_tui.frameworks.spot import Spot
from mi6_tui.frameworks.text import clean, one_line
from mi6_tui.model import EventType

_TURN: Final = re.compile(r".*########.*|[0-9a-z]+")
"""How the client calls a prompt of the session itself."""
_LONGEST: Final = 512


def telemetry(spot: Spot, state: State, uuid: str, told: dict[str, Any]) -> None:
    """A response, or an error, as the client noted it."""
    event = told.get("event.name")
    agent = _name(told.get("subagent_id")) or _name(told.get("subagent_name"))
    main = agent is None and _TURN.fullmatch(str(told.get("prompt_id"))) is not None
    if event == "qwen-code.api_error" and main:
        message = told.get("error_message")
        spot.emit(
            EventType.API_ERROR,
            f"error:{uuid}",
            uuid=uuid,
            model=_name(told.get("model")),
            # Whether it is tried again is not told.
            outcome=one_line(str(told.get("error_type") or "error"), 80),
            preview=clean(message) if isinstance(message, str) else None,
        )
    elif event == "qwen-code.api_response":
        numbers = of_telemetry(told)
        if agent is None:
            state.pending = uuid, numbers
        aside: dict[str, Any] = {"is_sidechain": True, "agent_id": agent, "outcome": "stop"}
        _request(spot, uuid, uuid, "0", _name(told.get("model")), numbers, **({} if main else aside))


def reply(spot: Spot, state: State, record: Record, found: list[Part]) -> None:
    """A reply: the response that was noted before, if it is the same."""
    usage = of_reply(fields(record.usage_metadata))
    identity, noted = state.pending or (record.uuid or "", None)
    state.pending = None
    if spot.sidechain:
        return  # the session's file tells of it
    counted = record.usage_metadata is not NOTHING
    if noted is not None and counted and not _same(usage, noted):
        identity, noted = record.uuid or "", None
    calls = any(part.function_call for part in found)
    _request(
        spot,
        identity,
        record.uuid,
        "1",
        record.model,
        usage if counted or noted is None else noted,
        # Why a reply ended is not told. One that says nothing is about to call a tool.
        outcome="tool_use" if calls else "stop" if counted and text_of(found).strip() else None,
    )
    if noted is None and not counted and not calls:
        # No response was noted: it was cut short.
        spot.emit(EventType.INTERRUPT, f"interrupt:{record.uuid}", uuid=record.uuid)


def _same(one: Numbers, other: Numbers) -> bool:
    return one[:3] == other[:3]


def _request(
    spot: Spot,
    identity: str,
    uuid: str | None,
    version: str,
    model: str | None,
    numbers: Numbers,
    **more: Any,
) -> None:
    spot.emit(
        EventType.API_REQUEST,
        f"req:{identity}",
        uuid=uuid,
        version=version,
        model=model,
        **tokens(numbers),
        **more,
    )


def _name(found: object) -> str | None:
    return found if isinstance(found, str) and 0 < len(found) <= _LONGEST else None
