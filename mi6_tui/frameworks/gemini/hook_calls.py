"""What a call of one of Gemini CLI's hooks means. A subagent's calls cannot be told from its parent's."""

from __future__ import annotations

from typing import Any

import msgspec

from mi6_tui.frameworks import hook_events
from mi6_tui.frameworks.gemini import tools
from mi6_tui.frameworks.hook_events import RESULT_LIMIT, Heard, decode_call, shown, word
from mi6_tui.frameworks.hooks import HookCall
from mi6_tui.frameworks.pieces import fields
from mi6_tui.frameworks.records import NOTHING
from mi6_tui.model import Event, EventType

_SHELL = "run_shell_command"


class Payload(hook_events.Payload):
    """What this client tells besides."""

    prompt_response: str | None = None
    message: str | None = None
    notification_type: str | None = None
    details: msgspec.Raw = NOTHING


def decode(call: HookCall, machine_id: str) -> list[Event]:
    """What a call says, as events; none for an event nobody knows, or without a session."""
    return decode_call(Payload, call, machine_id, _tell)


def _tell(heard: Heard, event: str, told: Payload) -> bool:
    """Tell of what this client alone tells so; False if the event is another."""
    match event:
        case "BeforeAgent":
            heard.prompt(told.prompt)
        case "AfterAgent":
            heard.tell(EventType.STOP, preview=shown(told.prompt_response))
        case "BeforeTool":
            _tool(heard, EventType.PRE_TOOL_USE, told)
        case "AfterTool":
            result = fields(told.tool_response)
            output = result.get("llmContent")
            _tool(
                heard,
                EventType.POST_TOOL_USE,
                told,
                output=output if isinstance(output, str) else "",
                outcome="error" if result.get("error") else "ok",
            )
        case "Notification":
            details = fields(told.details)
            texts = [details.get(name) for name in ("command", "fileName", "title")]
            about = next((text for text in texts if isinstance(text, str) and text), told.message)
            heard.tell(
                EventType.NOTIFICATION,
                outcome=word(told.notification_type),
                preview=shown(about, RESULT_LIMIT),
            )
        case _:
            return False
    return True


def _tool(heard: Heard, event_type: str, told: Payload, *, output: str | None = None, **more: Any) -> None:
    arguments = fields(told.tool_input)
    command = arguments.get("command") if told.tool_name == _SHELL else None
    heard.tool(
        event_type,
        told.tool_name,
        command if isinstance(command, str) else None,
        tool_id=told.tool_use_id,
        output=output,
        preview=shown(output, RESULT_LIMIT) or tools.summary(arguments),
        **more,
    )
