"""What a call of one of Qwen Code's hooks means."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from mi6_tui.frameworks import hook_events
from mi6_tui.frameworks.hook_events import RESULT_LIMIT, Heard, decode_call, shown, word
from mi6_tui.frameworks.hooks import HookCall
from mi6_tui.frameworks.pieces import fields, many
from mi6_tui.frameworks.qwen.conversation import SHELL
from mi6_tui.frameworks.records import NOTHING, Json, value
from mi6_tui.frameworks.tool_calls import about, command_of
from mi6_tui.model import Event, EventType

_MOST_CALLS: Final = 256
"""Of one batch."""
_AT_REST: Final = "idle_prompt"
"""The notification that the client waits for a prompt: also after an interrupt and a refusal, which no other
hook tells."""
_OUTCOMES: Final = {"success": "ok", "cancelled": "denied", "error": "error"}


class Payload(hook_events.Payload):
    """What this client tells besides."""

    tool_call_id: str | None = None
    tool_calls: msgspec.Raw = NOTHING
    error: str | None = None
    error_details: str | None = None
    message: str | None = None
    notification_type: str | None = None
    background_tasks: msgspec.Raw = NOTHING


class _Ended(msgspec.Struct):
    """One call of a batch."""

    tool_name: str | None = None
    tool_call_id: str | None = None
    tool_input: msgspec.Raw = NOTHING
    status: str | None = None
    tool_response: msgspec.Raw = NOTHING


def decode(call: HookCall, machine_id: str) -> list[Event]:
    """What a call says, as events; none for an event nobody knows, or without a session."""
    return decode_call(Payload, call, machine_id, _tell)


def _tell(heard: Heard, event: str, told: Payload) -> bool:
    """Tell of what this client alone tells so; False if the event is another."""
    match event:
        case "PreToolUse":
            _called(heard, EventType.PRE_TOOL_USE, told)
        case "PermissionRequest":
            _called(heard, EventType.PERMISSION_REQUEST, told)
        case "PostToolBatch":
            for ended in many(_Ended, told.tool_calls)[:_MOST_CALLS]:
                _ended(heard, ended)
        case "Stop":
            metadata = _background(told.background_tasks)
            heard.tell(EventType.STOP, metadata=metadata, preview=shown(told.last_assistant_message))
        case "StopFailure":
            text = told.error_details or told.last_assistant_message
            heard.tell(EventType.API_ERROR, outcome=word(told.error) or "error", preview=shown(text))
        case "Notification" if told.notification_type == _AT_REST:
            heard.tell(EventType.STOP)
        case "Notification":
            kind = word(told.notification_type)
            heard.tell(EventType.NOTIFICATION, outcome=kind, preview=shown(told.message, RESULT_LIMIT))
        case _:
            return False
    return True


def _called(heard: Heard, event_type: str, told: Payload) -> None:
    arguments = fields(told.tool_input)
    heard.tool(
        event_type,
        told.tool_name,
        _command(told.tool_name, arguments),
        tool_id=told.tool_call_id,
        preview=about(arguments),
    )


def _ended(heard: Heard, ended: _Ended) -> None:
    response = fields(ended.tool_response)
    output = response.get("result_display")
    heard.tool(
        EventType.POST_TOOL_USE,
        ended.tool_name,
        _command(ended.tool_name, fields(ended.tool_input)),
        tool_id=ended.tool_call_id,
        output=output if isinstance(output, str) else "",
        outcome=_OUTCOMES.get(ended.status or ""),
        preview=shown(output, RESULT_LIMIT) if isinstance(output, str) else None,
    )


def _command(tool: str | None, arguments: dict[str, Any]) -> str | None:
    return command_of(arguments) if tool == SHELL else None


def _background(tasks: Json) -> str | None:
    """What runs on after the turn; None if the client does not say."""
    found = value(tasks)
    if not isinstance(found, list):
        return None
    running = [task for task in found if isinstance(task, dict) and task.get("status") == "running"]
    background = {"subagent": len(running)} if running else {}
    return msgspec.json.encode({"background": background}).decode()
