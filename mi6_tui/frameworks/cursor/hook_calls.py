"""What a call of one of Cursor's hooks means. A payload also tells the user's e-mail, which is never read."""

from __future__ import annotations

from typing import Final

import msgspec

from mi6_tui.frameworks.cursor.decoder import SHELL
from mi6_tui.frameworks.hook_events import RESULT_LIMIT, Heard, name, path, shown, word
from mi6_tui.frameworks.hooks import HookCall
from mi6_tui.frameworks.pieces import fields
from mi6_tui.frameworks.records import NOTHING, read
from mi6_tui.frameworks.tool_calls import about, command_of
from mi6_tui.model import Event, EventType

_OUTCOMES: Final = {"permission_denied": "denied"}


class Payload(msgspec.Struct):
    """What the client tells; which fields there are depends on the event."""

    conversation_id: str | None = None
    session_id: str | None = None
    hook_event_name: str | None = None
    transcript_path: str | None = None
    workspace_roots: list[object] = msgspec.field(default_factory=list)
    cwd: str | None = None
    model: str | None = None
    prompt: str | None = None
    text: str | None = None
    status: str | None = None
    reason: str | None = None
    trigger: str | None = None
    error_message: str | None = None
    tool_name: str | None = None
    tool_use_id: str | None = None
    tool_input: msgspec.Raw = NOTHING
    tool_output: str | None = None
    failure_type: str | None = None
    is_interrupt: bool | None = None
    subagent_type: str | None = None
    summary: str | None = None


def decode(call: HookCall, machine_id: str) -> list[Event]:
    """What a call says, as events; none for an event nobody knows, or without a session."""
    told = read(Payload, call.payload)
    session = name(told.conversation_id or told.session_id) if told else None
    if told is None or session is None:
        return []
    root = next((found for found in told.workspace_roots if isinstance(found, str)), None)
    heard = Heard(
        call=call,
        machine_id=machine_id,
        session_id=session,
        transcript_path=path(told.transcript_path),
        # Where a tool runs may be any folder below.
        cwd=path(root) or path(told.cwd),
        model=word(told.model),
    )
    event = told.hook_event_name or call.event
    if not _tool(heard, event, told):
        _tell(heard, event, told)
    return heard.events


def _tell(heard: Heard, event: str, told: Payload) -> None:
    match event:
        case "sessionStart":
            heard.tell(EventType.SESSION_START)
        case "sessionEnd":
            heard.tell(EventType.SESSION_END, outcome=word(told.reason))
        case "beforeSubmitPrompt":
            heard.prompt(told.prompt)
        case "afterAgentResponse":
            heard.tell(EventType.ASSISTANT_MESSAGE, preview=shown(told.text))
        case "preCompact":
            heard.tell(EventType.PRE_COMPACT, outcome=word(told.trigger))
        case "subagentStop":
            heard.tell(
                EventType.SUBAGENT_STOP,
                subagent_type=word(told.subagent_type),
                outcome=word(told.status),
                preview=shown(told.summary),
            )
        case "stop" if told.status == "aborted":
            heard.tell(EventType.INTERRUPT)
        case "stop" if told.status == "error":
            heard.tell(EventType.API_ERROR, outcome="error", preview=shown(told.error_message))
        case "stop":
            heard.tell(EventType.STOP)


def _tool(heard: Heard, event: str, told: Payload) -> bool:
    """Tell of a tool that ended; False if the event is about none."""
    arguments = fields(told.tool_input)
    match event:
        case "postToolUse":
            outcome, output = "ok", told.tool_output
        case "postToolUseFailure":
            outcome = "interrupted" if told.is_interrupt else _OUTCOMES.get(told.failure_type or "", "error")
            output = told.error_message
        case _:
            return False
    heard.tool(
        EventType.POST_TOOL_USE,
        told.tool_name,
        command_of(arguments) if told.tool_name == SHELL else None,
        tool_id=told.tool_use_id,
        output=output or "",
        outcome=outcome,
        preview=shown(output, RESULT_LIMIT) or about(arguments),
    )
    return True
