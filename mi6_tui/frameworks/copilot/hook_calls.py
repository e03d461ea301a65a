"""What a call of one of Copilot CLI's hooks means. Most payloads do not tell the event's name."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from mi6_tui.frameworks.copilot import tools
from mi6_tui.frameworks.copilot.records import Fields
from mi6_tui.frameworks.hook_events import RESULT_LIMIT, Heard, name, path, shown, word
from mi6_tui.frameworks.hooks import HookCall
from mi6_tui.frameworks.records import NOTHING, read, value
from mi6_tui.model import Event, EventType

_SHELLS: Final = ("bash", "powershell")


class Payload(msgspec.Struct, rename="camel"):
    """What the client tells; which fields there are depends on the event."""

    session_id: str | None = None
    cwd: str | None = None
    transcript_path: str | None = None
    agent_id: str | None = None
    agent_type: str | None = None
    parent_agent_id: str | None = None
    source: str | None = None
    reason: str | None = None
    trigger: str | None = None
    prompt: str | None = None
    tool_name: str | None = None
    tool_args: msgspec.Raw = NOTHING
    tool_input: msgspec.Raw = NOTHING
    tool_result: msgspec.Raw = NOTHING
    error: msgspec.Raw = NOTHING
    recoverable: bool | None = None
    response: str | None = None
    message: str | None = None
    notification_type: str | None = msgspec.field(name="notification_type", default=None)


def decode(call: HookCall, machine_id: str) -> list[Event]:
    """What a call says, as events; none for an event nobody knows, or without a session."""
    told = read(Payload, call.payload)
    # A subagent's call bears its own id as the session's; to whom it belongs stands beside it.
    inside = told is not None and told.agent_id is not None and told.session_id == told.agent_id
    session = name(told.parent_agent_id if inside else told.session_id) if told else None
    if told is None or session is None or (told.agent_id and not name(told.agent_id)):
        return []
    heard = Heard(
        call=call,
        machine_id=machine_id,
        session_id=session,
        agent_id=None if call.event in ("subagentStart", "subagentStop") else name(told.agent_id),
        transcript_path=path(told.transcript_path),
        cwd=path(told.cwd),
    )
    if not _tool(heard, call.event, told):
        _turn(heard, call.event, told)
    return heard.events


def _turn(heard: Heard, event: str, told: Payload) -> None:
    match event:
        case "sessionStart":
            heard.tell(EventType.SESSION_START, outcome=word(told.source))
        case "sessionEnd":
            heard.tell(EventType.SESSION_END, outcome=word(told.reason))
        case "userPromptSubmitted":
            heard.prompt(told.prompt)
        case "agentStop":
            heard.tell(EventType.STOP)
        case "subagentStart":
            heard.child(EventType.SUBAGENT_START, told.agent_id, told.agent_type)
        case "subagentStop":
            preview = shown(told.response)
            heard.child(EventType.SUBAGENT_STOP, told.agent_id, told.agent_type, preview=preview)
        case "preCompact":
            heard.tell(EventType.PRE_COMPACT, outcome=word(told.trigger))
        case "notification":
            kind = word(told.notification_type)
            heard.tell(EventType.NOTIFICATION, outcome=kind, preview=shown(told.message, RESULT_LIMIT))
        case "errorOccurred":
            error = Fields(value(told.error))
            # It says so of every failed request, also of the last; that it gives up stands in the transcript.
            kind = "retrying" if told.recoverable else word(error.text("name")) or "error"
            heard.tell(EventType.API_ERROR, outcome=kind, preview=shown(error.text("message")))


def _tool(heard: Heard, event: str, told: Payload) -> bool:
    """Tell of a tool call; False if the event is about none."""
    match event:
        case "preToolUse":
            _about(heard, EventType.PRE_TOOL_USE, told)
        case "permissionRequest":
            # It comes before the rules that may allow the tool without a question.
            _about(heard, EventType.PERMISSION_REQUEST, told, outcome="undecided")
        case "postToolUse":
            output = Fields(value(told.tool_result)).text("textResultForLlm")
            _about(heard, EventType.POST_TOOL_USE, told, output=output or "", outcome="ok")
        case "postToolUseFailure":
            error = value(told.error)
            text = error if isinstance(error, str) else Fields(error).text("message")
            _about(heard, EventType.POST_TOOL_USE, told, output=text or "", outcome="error")
        case _:
            return False
    return True


def _about(heard: Heard, event_type: str, told: Payload, *, output: str | None = None, **more: Any) -> None:
    raw = value(told.tool_args if told.tool_args is not NOTHING else told.tool_input)
    arguments = Fields(raw)
    heard.tool(
        event_type,
        told.tool_name,
        arguments.text("command") if told.tool_name in _SHELLS else None,
        output=output,
        preview=shown(output, RESULT_LIMIT) or tools.summary(arguments, raw),
        **more,
    )
