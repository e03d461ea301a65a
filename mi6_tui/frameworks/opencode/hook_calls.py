"""What an event means that our plugin hands on from opencode.

The payload is the client's event, `{"type": ..., "properties": {...}}`. For a subagent's session the plugin
adds `root`, the session that a person started: to that one belongs what the subagent does.
"""

from __future__ import annotations

from typing import Final

import msgspec

from mi6_tui.frameworks.hook_events import RESULT_LIMIT, Heard, name, path, payload, shown, word
from mi6_tui.frameworks.hooks import HookCall
from mi6_tui.frameworks.opencode.shapes import ABORTED
from mi6_tui.frameworks.records import read
from mi6_tui.model import Event, EventType

_SETTLES: Final = 250
"""ms after an error within which the client says that it is idle, which is no news then."""
_SHELL: Final = "bash"
_QUESTION: Final = "question"


class _Status(msgspec.Struct):
    type: str | None = None
    message: str | None = None


class _Info(msgspec.Struct, rename={"parent_id": "parentID"}):
    id: str | None = None
    parent_id: str | None = None
    directory: str | None = None
    title: str | None = None


class _Data(msgspec.Struct):
    message: str | None = None


class _Error(msgspec.Struct):
    name: str | None = None
    data: _Data | None = None


class _Question(msgspec.Struct):
    question: str | None = None


class _Metadata(msgspec.Struct):
    command: str | None = None


class _Tool(msgspec.Struct, rename={"call_id": "callID"}):
    call_id: str | None = None


class _Properties(msgspec.Struct, rename={"session_id": "sessionID"}):
    session_id: str | None = None
    status: _Status | None = None
    info: _Info | None = None
    error: _Error | None = None
    permission: str | None = None
    type: str | None = None
    """What `permission` is called in older clients."""
    title: str | None = None
    patterns: list[str] = []
    metadata: _Metadata | None = None
    tool: _Tool | None = None
    questions: list[_Question] = []
    reply: str | None = None
    response: str | None = None
    """What `reply` is called in older clients."""


class _Payload(msgspec.Struct):
    type: str | None = None
    properties: msgspec.Raw = msgspec.Raw()
    root: str | None = None


def decode(call: HookCall, machine_id: str) -> list[Event]:
    """What a call says, as events; none for an event nobody knows, or without a session."""
    told = read(_Payload, call.payload)
    properties = read(_Properties, told.properties) if told else None
    session = name(properties.session_id or (properties.info or _Info()).id) if properties else None
    if told is None or properties is None or session is None:
        return []
    parent = name((properties.info or _Info()).parent_id)
    root = name(told.root) or parent or session
    heard = Heard(
        call=call,
        machine_id=machine_id,
        session_id=root,
        agent_id=session if root != session else None,
        cwd=path((properties.info or _Info()).directory),
    )
    event = told.type or call.event
    if not _asked(heard, event, properties):
        _tell(heard, event, properties)
    return heard.events


def _tell(heard: Heard, event: str, told: _Properties) -> None:
    match event:
        case "session.created" if heard.agent_id:
            heard.child(EventType.SUBAGENT_START, heard.agent_id, None, preview=_title(told))
        case "session.created":
            heard.tell(EventType.SESSION_START)
        case "session.status" if told.status is not None:
            _status(heard, told.status)
        case "session.idle":
            _status(heard, _Status(type="idle"))
        case "session.error":
            error = told.error or _Error()
            order = (heard.call.at + _SETTLES, 0)
            if error.name == ABORTED:
                heard.tell(EventType.INTERRUPT, order=order)
            else:
                text = shown(error.data.message if error.data else None)
                heard.tell(
                    EventType.API_ERROR, order=order, outcome=word(error.name) or "error", preview=text
                )


def _status(heard: Heard, status: _Status) -> None:
    match status.type:
        case "busy":
            heard.tell(EventType.TURN_START)
        case "idle" if heard.agent_id:
            heard.child(EventType.SUBAGENT_STOP, heard.agent_id, None)
        case "idle":
            heard.tell(EventType.STOP)
        case "retry":
            heard.tell(EventType.API_ERROR, outcome="retrying", preview=shown(status.message))


def _asked(heard: Heard, event: str, told: _Properties) -> bool:
    """Tell of a question to the user or its answer; False if the event is about none."""
    match event:
        case "permission.asked" | "permission.updated":
            tool = told.permission or told.type
            command = told.metadata.command if told.metadata else None
            about = command or ", ".join(told.patterns) or told.title
            heard.tell(
                EventType.PERMISSION_REQUEST,
                tool_use_id=name(told.tool.call_id) if told.tool else None,
                tool_name=word(tool),
                payload=payload("command", command) if command and tool == _SHELL else None,
                preview=shown(about, RESULT_LIMIT),
            )
        case "question.asked":
            first = next((item.question for item in told.questions if item.question), None)
            heard.tell(EventType.PERMISSION_REQUEST, tool_name=_QUESTION, preview=shown(first, RESULT_LIMIT))
        case "permission.replied" | "question.replied":
            answer = told.reply or told.response or "answered"
            heard.tell(EventType.ELICITATION_RESULT, outcome=word(answer))
        case "question.rejected":
            heard.tell(EventType.ELICITATION_RESULT, outcome="rejected")
        case _:
            return False
    return True


def _title(told: _Properties) -> str | None:
    return shown(told.info.title if told.info else None, RESULT_LIMIT)
