"""What the messages of a thread mean."""

from __future__ import annotations

from typing import Final

import msgspec

from mi6_tui.frameworks.amp.records import (
    Block,
    Ledger,
    Message,
    Numbers,
    Spent,
    Usage,
    of_ledger,
    of_reply,
    tokens,
)
from mi6_tui.frameworks.pieces import fields, many
from mi6_tui.frameworks.records import NOTHING, Json, read
from mi6_tui.frameworks.spot import Spot
from mi6_tui.frameworks.text import clean, compact_json
from mi6_tui.frameworks.times import milliseconds
from mi6_tui.frameworks.tool_calls import Calls, called, ended
from mi6_tui.model import EventType

SHELL: Final = "Bash"
_ENDS: Final = {"done": "ok", "error": "error", "cancelled": "interrupted", "rejected-by-user": "denied"}
_OUTCOMES: Final = {"end_turn": "stop", "tool_use": "tool_use", "max_tokens": "length"}


class Reader:
    """Reads the messages of one thread in their order."""

    def __init__(self, thread: str) -> None:
        self._thread = thread
        self._calls: Calls = {}
        self._model: str | None = None
        self._told: list[tuple[object, str | None, Numbers]] = []
        """Message, model and numbers of the requests so far."""

    def message(self, spot: Spot, told: Message, index: int) -> bool:
        """The events of a message; whether its role is known."""
        identity = f"{self._thread}:{id_of(told, index)}"
        if told.role == "user":
            self._user(spot, told, identity)
        elif told.role == "assistant":
            self._reply(spot, told, identity)
        else:
            return False
        return True

    def _user(self, spot: Spot, told: Message, identity: str) -> None:
        blocks = many(Block, told.content)
        text = words_of(blocks)
        if text.strip():
            spot.emit(
                EventType.USER_PROMPT_SUBMIT,
                f"prompt:{identity}",
                uuid=identity,
                payload=compact_json(prompt=text),
            )
        for number, block in enumerate(block for block in blocks if block.type == "tool_result"):
            run = fields(block.run)
            outcome = _ENDS.get(str(run.get("status")))
            if outcome is not None:
                later = msgspec.structs.replace(spot, order=(spot.order[0], spot.order[1] + 1 + number))
                key = f"{identity}:{number}"
                ended(later, key, block.tool_use_id, None, outcome, result_of(block), self._calls)

    def _reply(self, spot: Spot, told: Message, identity: str) -> None:
        blocks, state = many(Block, told.content), fields(told.state)
        usage = read(Usage, told.usage)
        model = usage.model if usage else None
        text = clean(words_of(blocks))
        if text:
            spot.emit(
                EventType.ASSISTANT_MESSAGE, f"text:{identity}", uuid=identity, model=model, preview=text
            )
        kind, reason = state.get("type"), state.get("stopReason")
        outcome = _OUTCOMES.get(str(reason)) if kind == "complete" else None
        if usage is not None:
            self._request(spot, told, identity, usage, outcome)
        calls = (block for block in blocks if block.type == "tool_use")
        for number, block in enumerate(calls):
            later = msgspec.structs.replace(spot, order=(spot.order[0], spot.order[1] + 1 + number))
            key = f"{identity}:{number}"
            called(later, key, block.id, block.name or "", fields(block.input), SHELL, self._calls)
        last = msgspec.structs.replace(spot, order=(spot.order[0], spot.order[1] + 512))
        if kind == "cancelled":
            last.emit(EventType.INTERRUPT, f"interrupt:{identity}", uuid=identity)
        elif kind == "error":
            last.emit(EventType.API_ERROR, f"error:{identity}", uuid=identity, outcome="error")
        elif outcome == "stop":
            last.emit(EventType.TURN_COMPLETE, f"end:{identity}", uuid=identity)

    def _request(self, spot: Spot, told: Message, identity: str, usage: Usage, outcome: str | None) -> None:
        numbers = of_reply(told.usage)
        self._told.append((told.message_id, usage.model, numbers))
        if usage.model and self._model not in (None, usage.model):
            change = clean(f"{self._model} -> {usage.model}")
            spot.emit(EventType.MODEL_CHANGE, f"model:{identity}", model=usage.model, preview=change)
        self._model = usage.model or self._model
        spot.emit(
            EventType.API_REQUEST,
            f"req:{identity}",
            uuid=identity,
            model=usage.model,
            outcome=outcome,
            **tokens(numbers),
        )

    def ledger(self, spot: Spot, data: Json) -> None:
        """The requests of the ledger that stand with no reply."""
        ledger = read(Ledger, data) if data is not NOTHING else None
        told = list(self._told)
        for index, spent in enumerate(many(Spent, ledger.events) if ledger else ()):
            numbers = of_ledger(spent.tokens)
            same = next((one for one in told if _is_same(one, spent, numbers)), None)
            if same is not None:
                told.remove(same)
                continue
            at = milliseconds(spent.timestamp)
            at = spot.at if at is None else at
            spot.emit(
                EventType.API_REQUEST,
                f"req:{self._thread}:ledger:{spent.id or index}",
                timestamp=at,
                order=(at, 0),
                model=spent.model,
                outcome="stop",
                **tokens(numbers),
            )


def _is_same(one: tuple[object, str | None, Numbers], spent: Spent, numbers: Numbers) -> bool:
    message_id, model, own = one
    if type(spent.to_message_id) is int and type(message_id) is int:
        return spent.to_message_id == message_id
    return (model, own[:2]) == (spent.model, numbers[:2])


def id_of(told: Message, index: int) -> int:
    """What a message is called in its thread; `index` where it has no id."""
    return told.message_id if type(told.message_id) is int else index


def words_of(blocks: list[Block]) -> str:
    """The texts of a message."""
    return "\n".join(block.text for block in blocks if block.type == "text" and block.text)


def result_of(block: Block) -> str:
    """What a tool answered."""
    run = fields(block.run)
    told = run.get("result", run.get("error", run.get("reason")))
    if isinstance(told, dict):
        told = told.get("output", told.get("message"))
    return told if isinstance(told, str) else ""
