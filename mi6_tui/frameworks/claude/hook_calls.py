"""What a call of one of Claude Code's hooks means."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import msgspec

from mi6_tui.frameworks import hook_events
from mi6_tui.frameworks.claude import tools, user
from mi6_tui.frameworks.claude.records import Record, Result
from mi6_tui.frameworks.hook_events import RESULT_LIMIT, Heard, decode_call, shown, word
from mi6_tui.frameworks.hooks import HookCall
from mi6_tui.frameworks.records import NOTHING, Json, count, read, value
from mi6_tui.frameworks.text import clean
from mi6_tui.model import Event, EventType

_MOST_CALLS: Final = 256
"""Of one batch."""
_REFUSALS: Final = ("Permission to use ", "The user doesn't want to ")
"""How the answer of a tool begins that was not allowed to run."""


class Payload(hook_events.Payload):
    """What this client tells besides."""

    tool_calls: list[msgspec.Raw] = msgspec.field(default_factory=list)
    is_interrupt: bool | None = None
    duration_ms: object = None
    error: str | None = None
    error_details: str | None = None
    message: str | None = None
    notification_type: str | None = None
    background_tasks: msgspec.Raw = NOTHING
    action: str | None = None
    from_model: str | None = None
    to_model: str | None = None


def decode(call: HookCall, machine_id: str) -> list[Event]:
    """What a call says, as events; none for an event nobody knows, or without a session."""
    return decode_call(Payload, call, machine_id, lambda *about: _tool(*about) or _turn(*about))


def _turn(heard: Heard, event: str, told: Payload) -> bool:
    """Tell of a turn; False if the event is about something else."""
    match event:
        case "UserPromptSubmit" if user.is_notification(told.prompt or ""):
            # The end of a background task is told to the model as a prompt of its own.
            heard.prompt(None)
        case "Stop":
            heard.tell(
                EventType.STOP,
                metadata=_background(told.background_tasks),
                preview=shown(told.last_assistant_message),
            )
        case "StopFailure":
            text = told.error_details or told.last_assistant_message
            heard.tell(EventType.API_ERROR, outcome=word(told.error) or "error", preview=shown(text))
        case "Notification":
            kind = word(told.notification_type)
            heard.tell(EventType.NOTIFICATION, outcome=kind, preview=shown(told.message))
        case "Elicitation":
            heard.tell(EventType.ELICITATION, preview=shown(told.message))
        case "ElicitationResult":
            heard.tell(EventType.ELICITATION_RESULT, outcome=word(told.action))
        case "PostModelSwitch" if told.to_model:
            change = clean(f"{told.from_model} -> {told.to_model}") if told.from_model else None
            heard.tell(EventType.MODEL_CHANGE, model=word(told.to_model), preview=change)
        case _:
            return False
    return True


def _tool(heard: Heard, event: str, told: Payload) -> bool:
    """Tell of a tool call; False if the event is about none."""
    match event:
        case "PreToolUse":
            _called(heard, EventType.PRE_TOOL_USE, told)
        case "PermissionRequest":
            run = heard.call.entrypoint or ""
            nobody = heard.call.attended is False or (heard.call.attended is None and run.startswith("sdk"))
            _called(heard, EventType.PERMISSION_REQUEST, told, outcome="unattended" if nobody else None)
        case "PostToolUse":
            result = read(Result, told.tool_response) or Result()
            _ended(heard, told, tools.outcome(Record(), result, None), _output(told.tool_response))
        case "PostToolUseFailure":
            _ended(heard, told, "interrupted" if told.is_interrupt else "error", told.error)
        case "PermissionDenied":
            _ended(heard, told, "denied", told.reason)
        case "PostToolBatch":
            for item in told.tool_calls[:_MOST_CALLS]:
                one = read(Payload, item) or Payload()
                text = _output(one.tool_response)
                denied = text is not None and text.startswith(_REFUSALS)
                _ended(heard, one, "denied" if denied else None, text, certain=False)
        case _:
            return False
    return True


def _called(heard: Heard, event_type: str, told: Payload, **fields: Any) -> None:
    found = tools.input_fields(told.tool_input)
    agent = found.get("subagent_type") if told.tool_name in tools.SPAWNING else None
    heard.tool(
        event_type,
        told.tool_name,
        _command(told, found),
        tool_id=told.tool_use_id,
        subagent_type=word(agent) if isinstance(agent, str) else None,
        preview=tools.summary(found, told.tool_input),
        **fields,
    )


def _ended(
    heard: Heard, told: Payload, outcome: str | None, text: str | None, *, certain: bool = True
) -> None:
    """A tool gave its result; a batch tells it once more, and knows less of it."""
    found = tools.input_fields(told.tool_input)
    heard.tool(
        EventType.POST_TOOL_USE,
        told.tool_name,
        _command(told, found),
        tool_id=told.tool_use_id,
        output=text or "",
        version=f"{certain:d}",
        duration_ms=count(told.duration_ms),
        outcome=outcome,
        preview=shown(text, RESULT_LIMIT) or tools.summary(found, told.tool_input),
    )


def _command(told: Payload, found: dict[str, Any]) -> str | None:
    command = found.get("command") if told.tool_name == "Bash" else None
    return command if isinstance(command, str) else None


def _output(response: Json) -> str | None:
    """What a tool printed; None if that was something else than text."""
    found = value(response)
    text = found.get("stdout") if isinstance(found, dict) else found
    return text if isinstance(text, str) else None


def _background(tasks: Json) -> str | None:
    """What runs on after the turn, by kind; None if the client does not say."""
    found = value(tasks)
    if not isinstance(found, list):
        return None
    running: Counter[str] = Counter()
    for task in found:
        kind = task.get("type") if isinstance(task, dict) and task.get("status") == "running" else None
        if isinstance(kind, str) and (known := word(kind)):
            running[known] += 1
    return msgspec.json.encode({"background": dict(running)}).decode()
