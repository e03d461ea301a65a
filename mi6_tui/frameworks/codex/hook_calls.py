"""What a call of one of Codex CLI's hooks means. Its session is the root thread, as in the rollouts."""

from __future__ import annotations

from typing import Any

import msgspec

from mi6_tui.frameworks.codex import tools
from mi6_tui.frameworks.codex.records import ResponseItem, fields
from mi6_tui.frameworks.hook_events import RESULT_LIMIT, Heard, Payload, decode_call, shown
from mi6_tui.frameworks.hooks import HookCall
from mi6_tui.model import Event, EventType


def decode(call: HookCall, machine_id: str) -> list[Event]:
    """What a call says, as events; none for an event nobody knows, or without a session."""
    return decode_call(Payload, call, machine_id, _tell)


def _tell(heard: Heard, event: str, told: Payload) -> bool:
    """Tell of what this client alone tells so; False if the event is another."""
    match event:
        case "Stop":
            heard.tell(EventType.STOP, preview=shown(told.last_assistant_message))
        case "Interrupt":
            heard.tell(EventType.INTERRUPT)
        case "PreToolUse" | "PermissionRequest":
            _tool(heard, event, told)
        case "PostToolUse":
            output = tools.output_of(told.tool_response)
            _tool(heard, event, told, outcome=output.outcome, output=output.text)
        case _:
            return False
    return True


def _tool(heard: Heard, event_type: str, told: Payload, *, output: str | None = None, **more: Any) -> None:
    call = _call(told)
    heard.tool(
        event_type,
        told.tool_name,
        call.command,
        tool_id=told.tool_use_id,
        output=output,
        preview=shown(output, RESULT_LIMIT) or call.preview,
        **more,
    )


def _call(told: Payload) -> tools.Call:
    """What is asked for, read as if it stood in a rollout."""
    patch = fields(told.tool_input).get("command")
    if told.tool_name == "apply_patch" and isinstance(patch, str):
        item = ResponseItem(type="custom_tool_call", name=told.tool_name, input=_raw(patch))
    else:
        arguments = _raw(bytes(told.tool_input).decode("utf-8", "replace"))
        item = ResponseItem(type="function_call", name=told.tool_name, arguments=arguments)
    return tools.call_of(item) or tools.Call(told.tool_name, None, None)


def _raw(text: str) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(text))
