"""What the messages of a conversation mean."""

from __future__ import annotations

import re
from typing import Any, Final

from mi6_tui.frameworks.pieces import fields
from mi6_tui.frameworks.qwen import requests
from mi6_tui.frameworks.qwen.records import Part, Payload, Record, parts, text_of
from mi6_tui.frameworks.qwen.state import State
from mi6_tui.frameworks.records import read
from mi6_tui.frameworks.spot import Spot
from mi6_tui.frameworks.text import clean, compact_json, one_line
from mi6_tui.frameworks.tool_calls import called, ended
from mi6_tui.model import EventType

SHELL: Final = "run_shell_command"
_AGENT: Final = "agent"
_TYPED: Final = (None, "mid_turn_user_message")
"""Kinds of users' records that a person typed."""
_OUTCOMES: Final = {"success": "ok", "cancelled": "interrupted"}
_NOT_ALLOWED: Final = ("not allow", "permission was declined", "denied")
_WORD: Final = 80
_TASK: Final = re.compile(r"<task-id>([\w.:-]{1,128})</task-id>")
_STATUS: Final = re.compile(r"<status>(\w{1,40})</status>")


def record(spot: Spot, state: State, told: Record) -> bool:
    """The events of a record of the conversation; whether its type is known."""
    if told.type == "user":
        _user(spot, state, told)
    elif told.type == "assistant":
        _reply(spot, state, told)
    elif told.type == "tool_result":
        for index, part in enumerate(parts(told.message)):
            _answer(spot, state, told, part, f"{told.uuid}:{index}")
    else:
        return False
    return True


def _user(spot: Spot, state: State, told: Record) -> None:
    if told.subtype == "notification":
        notified(spot, told)
    text = prompt_of(told)
    if text and told.subtype in _TYPED and not spot.sidechain:
        spot.emit(
            EventType.USER_PROMPT_SUBMIT,
            f"prompt:{told.uuid}",
            uuid=told.uuid,
            git_branch=told.git_branch,
            payload=compact_json(prompt=text),
        )


def prompt_of(told: Record) -> str:
    """What the user typed."""
    payload = read(Payload, told.system_payload)
    return (payload.display_text if payload else None) or text_of(parts(told.message))


def _reply(spot: Spot, state: State, told: Record) -> None:
    found = parts(told.message)
    if told.model and not spot.sidechain:
        if state.model not in (None, told.model):
            change = clean(f"{state.model} -> {told.model}")
            spot.emit(EventType.MODEL_CHANGE, f"model:{told.uuid}", model=told.model, preview=change)
        state.model = told.model
    text = clean(text_of(found))
    if text:
        spot.emit(
            EventType.ASSISTANT_MESSAGE, f"text:{told.uuid}", uuid=told.uuid, model=told.model, preview=text
        )
    requests.reply(spot, state, told, found)
    for index, part in enumerate(found):
        call = part.function_call
        if call is not None:
            key = f"{told.uuid}:{index}"
            called(spot, key, call.id, call.name or "", fields(call.args), SHELL, state.calls)


def _answer(spot: Spot, state: State, told: Record, part: Part, key: str) -> None:
    answer = part.function_response
    if answer is None:
        return
    result = fields(told.tool_call_result)
    text = output_of(fields(answer.response))
    status = result.get("status")
    failed = "error" in fields(answer.response)
    outcome = _OUTCOMES.get(str(status), "error" if status == "error" or failed else "ok")
    if outcome != "ok" and any(words in text for words in _NOT_ALLOWED):
        outcome = "denied"
    ended(spot, key, answer.id, answer.name, outcome, _shown(result) or text, state.calls)
    if status == "cancelled" and not spot.sidechain:
        # A refusal ends the turn, as Esc does.
        spot.emit(EventType.INTERRUPT, f"interrupt:{key}", uuid=told.uuid)
    shown = result.get("resultDisplay")
    if answer.name == _AGENT and isinstance(shown, dict) and shown.get("executionMode") == "foreground":
        how = shown.get("status")
        agent_id = f"{shown.get('subagentName')}-{answer.id}"
        _child_ended(spot, agent_id, one_line(how, _WORD) if isinstance(how, str) else outcome)


def output_of(response: dict[str, Any]) -> str:
    """What the model was told of a tool."""
    told = (response.get("error"), response.get("output"))
    return next((text for text in told if isinstance(text, str)), "")


def _shown(result: dict[str, Any]) -> str:
    """What the user was shown of it: a text, or what a command printed."""
    shown = result.get("resultDisplay")
    printed = shown.get("output") if isinstance(shown, dict) else shown
    return printed if isinstance(printed, str) else ""


def notified(spot: Spot, told: Record) -> None:
    """The client tells the model that a task in the background ended."""
    text = text_of(parts(told.message))
    task, status = _TASK.search(text), _STATUS.search(text)
    if task and status and status[1] != "running":
        _child_ended(spot, task[1], status[1])


def _child_ended(spot: Spot, agent_id: str, outcome: str) -> None:
    spot.emit(
        EventType.SUBAGENT_STOP,
        f"agent:{spot.session_id}:{agent_id}:stop:{spot.at}",
        spawned_agent_id=agent_id,
        outcome=outcome,
    )
