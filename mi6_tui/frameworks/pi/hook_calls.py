"""What a call of Pi's extension means."""

from __future__ import annotations

from typing import Final

import msgspec

from mi6_tui.frameworks.hook_events import RESULT_LIMIT, Heard, name, path, shown, word
from mi6_tui.frameworks.hooks import HookCall
from mi6_tui.frameworks.pi.conversation import SHELL
from mi6_tui.frameworks.records import read
from mi6_tui.model import Event, EventType

_RELOAD: Final = "reload"
"""Why a session is left and taken up again in one moment."""


class Payload(msgspec.Struct):
    """What the extension tells; which fields there are depends on the event."""

    session: str | None = None
    file: str | None = None
    cwd: str | None = None
    reason: str | None = None
    prompt: str | None = None
    stop: str | None = None
    error: str | None = None
    text: str | None = None
    tool: str | None = None
    call: str | None = None
    command: str | None = None
    path: str | None = None
    failed: bool | None = None
    title: str | None = None
    idle: bool | None = None


def decode(call: HookCall, machine_id: str) -> list[Event]:
    """What a call says, as events; none for an event nobody knows, or without a session."""
    told = read(Payload, call.payload)
    session = name(told.session) if told else None
    if told is None or session is None:
        return []
    heard = Heard(
        call=call,
        machine_id=machine_id,
        session_id=session,
        transcript_path=path(told.file),
        cwd=path(told.cwd),
    )
    _tell(heard, call.event, told)
    return heard.events


def _tell(heard: Heard, event: str, told: Payload) -> None:
    match event:
        case "session_start" if told.reason != _RELOAD:
            heard.tell(EventType.SESSION_START, outcome=word(told.reason))
        case "session_shutdown" if told.reason != _RELOAD:
            heard.tell(EventType.SESSION_END, outcome=word(told.reason))
        case "before_agent_start":
            heard.prompt(told.prompt)
        case "agent_start":
            heard.tell(EventType.TURN_START)
        case "ui_prompt_end":
            heard.tell(EventType.STOP if told.idle else EventType.ELICITATION_RESULT)
        case "agent_end" if told.stop == "aborted":
            heard.tell(EventType.INTERRUPT)
        case "agent_end" if told.stop == "error":
            heard.tell(EventType.API_ERROR, outcome="error", preview=shown(told.error))
        case "agent_end":
            heard.tell(EventType.STOP, preview=shown(told.text))
        case "ui_prompt_start":
            heard.tell(EventType.ELICITATION, preview=shown(told.title, RESULT_LIMIT))
        case "session_before_compact":
            heard.tell(EventType.PRE_COMPACT, outcome=word(told.reason))
        case "tool_execution_start" | "tool_execution_end":
            _tool(heard, event == "tool_execution_start", told)


def _tool(heard: Heard, starts: bool, told: Payload) -> None:
    outcome = None if starts else "error" if told.failed else "ok"
    heard.tool(
        EventType.PRE_TOOL_USE if starts else EventType.POST_TOOL_USE,
        told.tool,
        told.command if told.tool == SHELL else None,
        tool_id=told.call,
        outcome=outcome,
        preview=shown(told.command or told.path, RESULT_LIMIT) if starts else None,
    )
