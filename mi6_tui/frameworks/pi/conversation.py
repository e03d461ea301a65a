"""What the messages of a conversation mean."""

from __future__ import annotations

from typing import Final

from mi6_tui.frameworks.pi.records import Block, Message, tokens
from mi6_tui.frameworks.pi.state import State
from mi6_tui.frameworks.pieces import fields, many, texts
from mi6_tui.frameworks.spot import Spot
from mi6_tui.frameworks.text import clean, compact_json
from mi6_tui.frameworks.tool_calls import called, ended
from mi6_tui.model import EventType

SHELL: Final = "bash"
_OUTCOMES: Final = {"stop": "stop", "length": "length", "toolUse": "tool_use"}


def message(spot: Spot, state: State, told: Message, identity: str, entry_id: str) -> bool:
    """The events of a message; whether its role is known."""
    if told.role == "user":
        _prompt(spot, state, told, identity, entry_id)
    elif told.role == "assistant":
        _reply(spot, state, told, identity, entry_id)
    elif told.role == "toolResult":
        state.in_turn = True
        ended(
            spot,
            identity,
            told.tool_call_id,
            told.tool_name,
            "error" if told.is_error else "ok",
            "\n".join(texts(told.content)),
            state.calls,
        )
    else:
        return False
    return True


def _prompt(spot: Spot, state: State, told: Message, identity: str, entry_id: str) -> None:
    state.in_turn = True
    text = "\n".join(texts(told.content))
    spot.emit(
        EventType.USER_PROMPT_SUBMIT, f"prompt:{identity}", uuid=entry_id, payload=compact_json(prompt=text)
    )


def _reply(spot: Spot, state: State, told: Message, identity: str, entry_id: str) -> None:
    state.model = told.model or state.model
    state.failed = None
    blocks = many(Block, told.content)
    text = clean("\n".join(block.text for block in blocks if block.type == "text" and block.text))
    if text:
        spot.emit(
            EventType.ASSISTANT_MESSAGE,
            f"text:{identity}",
            uuid=entry_id,
            model=told.model,
            preview=text,
        )
    _request(spot, told, identity, entry_id)
    for index, block in enumerate(block for block in blocks if block.type == "toolCall"):
        key = f"{identity}:{index}"
        called(spot, key, block.id, block.name or "", fields(block.arguments), SHELL, state.calls)
    state.in_turn = told.stop_reason == "toolUse"
    if told.stop_reason == "aborted":
        spot.emit(EventType.INTERRUPT, f"interrupt:{identity}", uuid=entry_id)
    elif told.stop_reason == "error":
        error = clean(told.error_message or "") or None
        state.failed = entry_id, identity, error
        _failed(spot, identity, entry_id, "error", error)


def _request(spot: Spot, told: Message, identity: str, entry_id: str) -> None:
    numbers = tokens(told.usage)
    counted = any(numbers[name] for name in ("tokens_input", "tokens_output", "tokens_cache_read"))
    if told.stop_reason == "error" and not counted:
        return  # refused: there is nothing to pay for
    outcome = _OUTCOMES.get(told.stop_reason or "")
    spot.emit(
        EventType.API_REQUEST,
        f"req:{identity}",
        uuid=entry_id,
        model=told.model,
        outcome=outcome,
        # Of a reply that was cut short only what came until then is counted.
        **(numbers | {"tokens_incomplete": numbers["tokens_incomplete"] or outcome is None}),
    )


def _failed(spot: Spot, identity: str, entry_id: str, outcome: str, text: str | None) -> None:
    spot.emit(
        EventType.API_ERROR,
        f"error:{identity}",
        uuid=entry_id,
        outcome=outcome,
        version=str(int(outcome != "error")),
        preview=text,
    )


def edited(spot: Spot, state: State, target_id: str | None) -> None:
    """A message is left out of the context: done to a failed reply, when the client tries again."""
    if state.failed is not None and state.failed[0] == target_id:
        entry_id, identity, text = state.failed
        _failed(spot, identity, entry_id, "retrying", text)
        state.failed = None
        state.in_turn = True
