"""What a call of Amp's plugin means."""

from __future__ import annotations

from typing import Final

import msgspec

from mi6_tui.frameworks.amp.conversation import SHELL
from mi6_tui.frameworks.hook_events import RESULT_LIMIT, Heard, name, path, shown
from mi6_tui.frameworks.hooks import HookCall
from mi6_tui.frameworks.records import read
from mi6_tui.model import Event, EventType

_SHELLS: Final = (SHELL, "shell_command")
_ENDS: Final = {"done": "ok", "error": "error", "cancelled": "interrupted"}


class Payload(msgspec.Struct):
    """What the plugin tells; which fields there are depends on the event."""

    thread: str | None = None
    cwd: str | None = None
    prompt: str | None = None
    status: str | None = None
    text: str | None = None
    tool: str | None = None
    call: str | None = None
    command: str | None = None
    path: str | None = None


def decode(call: HookCall, machine_id: str) -> list[Event]:
    """What a call says, as events; none for an event nobody knows, or without a thread."""
    told = read(Payload, call.payload)
    thread = name(told.thread) if told else None
    if told is None or thread is None:
        return []
    heard = Heard(call=call, machine_id=machine_id, session_id=thread, cwd=path(told.cwd))
    _tell(heard, call.event, told)
    return heard.events


def _tell(heard: Heard, event: str, told: Payload) -> None:
    match event:
        case "session.start":
            heard.tell(EventType.SESSION_START)
        case "agent.start":
            heard.prompt(told.prompt)
        case "tool.result":
            heard.tool(
                EventType.POST_TOOL_USE,
                told.tool,
                told.command if told.tool in _SHELLS else None,
                tool_id=told.call,
                outcome=_ENDS.get(told.status or ""),
                preview=shown(told.command or told.path, RESULT_LIMIT),
            )
        case "agent.end" if told.status in ("cancelled", "interrupted"):
            heard.tell(EventType.INTERRUPT)
        case "agent.end" if told.status == "error":
            heard.tell(EventType.API_ERROR, outcome="error")
        case "agent.end":
            heard.tell(EventType.STOP, preview=shown(told.text))
