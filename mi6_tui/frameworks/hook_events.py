"""What the events of one hook call have in common, and how far its payload is trusted."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec

from mi6_tui.frameworks.hooks import HookCall
from mi6_tui.frameworks.records import NOTHING, read
from mi6_tui.frameworks.text import clean, compact_json, one_line, printed
from mi6_tui.model import Event, EventType, Source

PAYLOAD_LIMIT: Final = 2048
"""Bytes of an event's payload."""
RESULT_LIMIT: Final = 300
_WORD_LIMIT: Final = 100
_PATH_LIMIT: Final = 4096
_PHASES: Final = {EventType.PRE_TOOL_USE: "pre", EventType.POST_TOOL_USE: "post"}
_CHILD_EVENTS: Final = (EventType.SUBAGENT_START, EventType.SUBAGENT_STOP)
_NAME: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._:-]{0,127}")


def name(text: str | None) -> str | None:
    """An id of a session, a subagent or a tool call, if it is one: nothing else may lead to a place."""
    return text if text is not None and _NAME.fullmatch(text) else None


def path(text: str | None) -> str | None:
    """An absolute path of a length that can be."""
    sane = text is not None and text.startswith("/") and len(text) <= _PATH_LIMIT and text.isprintable()
    return text if sane else None


def word(text: str | None) -> str | None:
    """A short text in one line; None for nothing."""
    return one_line(text, _WORD_LIMIT) or None if text else None


def shown(text: str | None, limit: int | None = None) -> str | None:
    """A text as an event's preview; None for nothing."""
    return (clean(text) if limit is None else clean(text, limit)) or None if text else None


def payload(field: str, text: str) -> str:
    """`text` under its name as an event's payload, cut to PAYLOAD_LIMIT."""
    while True:
        told = compact_json(**{field: text})
        size = len(told.encode())
        if size <= PAYLOAD_LIMIT:
            return told
        text = clean(text)
        text = text[: len(text) * PAYLOAD_LIMIT // size - 1]


class Payload(msgspec.Struct):
    """What the clients tell that follow Claude Code's example; the fields depend on the event."""

    session_id: str | None = None
    transcript_path: str | None = None
    cwd: str | None = None
    hook_event_name: str | None = None
    permission_mode: str | None = None
    model: str | None = None
    agent_id: str | None = None
    agent_type: str | None = None
    source: str | None = None
    reason: str | None = None
    trigger: str | None = None
    prompt: str | None = None
    tool_name: str | None = None
    tool_use_id: str | None = None
    tool_input: msgspec.Raw = NOTHING
    tool_response: msgspec.Raw = NOTHING
    last_assistant_message: str | None = None


class Heard(msgspec.Struct, kw_only=True):
    """A call in a session; `tell` adds its events. `agent_id` is the subagent that the call is from."""

    call: HookCall
    machine_id: str
    session_id: str
    agent_id: str | None = None
    transcript_path: str | None = None
    cwd: str | None = None
    model: str | None = None
    permission_mode: str | None = None
    events: list[Event] = []

    def tell(self, event_type: str, *, key: str | None = None, **fields: Any) -> None:
        """Add an event. `key` names, within the session, what other calls tell of too."""
        call = self.call
        place = f"{self.session_id}:{key}" if key else f"{self.machine_id}:{call.name}:{len(self.events)}"
        common: dict[str, Any] = {
            "agent_id": self.agent_id,
            "is_sidechain": self.agent_id is not None,
            # What is said of a subagent's own files and model says nothing of the session.
            "transcript_path": None if self.agent_id else self.transcript_path,
            "model": None if self.agent_id else self.model,
        }
        self.events.append(
            Event(
                machine_id=self.machine_id,
                timestamp=call.at,
                event_type=event_type,
                session_id=self.session_id,
                framework=call.framework,
                source=Source.HOOK,
                key=f"{call.framework}:hook:{place}",
                cwd=self.cwd,
                permission_mode=self.permission_mode,
                pid=call.pid,
                **(common | fields),
            )
        )

    def prompt(self, text: str | None) -> None:
        """The user asks; a subagent is asked by its parent."""
        if self.agent_id or not text or not text.strip():
            self.tell(EventType.TURN_START)
        else:
            self.tell(EventType.USER_PROMPT_SUBMIT, payload=payload("prompt", text))

    def child(self, event_type: str, agent_id: str | None, kind: str | None, **fields: Any) -> None:
        """A subagent of the session starts or stops: news of its parent."""
        self.tell(
            event_type,
            spawned_agent_id=name(agent_id),
            subagent_type=word(kind),
            agent_id=None,
            is_sidechain=False,
            transcript_path=None,
            model=None,
            **fields,
        )

    def tool(
        self,
        event_type: str,
        tool: str | None,
        command: str | None,
        *,
        tool_id: str | None = None,
        output: str | None = None,
        **fields: Any,
    ) -> None:
        """A tool is called, asks for a permission, or ended; `command` is a shell's, `output` what it gave.

        The two ends of a call are the same whoever tells of them.
        """
        known = name(tool_id)
        phase = _PHASES.get(event_type)
        self.tell(
            event_type,
            key=f"tool:{known}:{phase}" if known and phase else None,
            tool_use_id=known,
            tool_name=word(tool),
            payload=payload("command", command) if command else None,
            metadata=None if output is None else printed(command, output),
            **fields,
        )


_P = TypeVar("_P", bound=Payload)


def decode_call(
    kind: type[_P], call: HookCall, machine_id: str, tell: Callable[[Heard, str, _P], bool]
) -> list[Event]:
    """What a call with a payload of this `kind` says; none if it names no session, or an event nobody knows.

    `tell` adds the events of what it knows by the event's name; the rest is what several clients call alike.
    """
    told = read(kind, call.payload)
    session = name(told.session_id) if told else None
    if told is None or session is None or (told.agent_id and not name(told.agent_id)):
        return []
    event = told.hook_event_name or call.event
    heard = Heard(
        call=call,
        machine_id=machine_id,
        session_id=session,
        # A subagent's start and stop are told by its id too, but they are its parent's news.
        agent_id=None if event in _CHILD_EVENTS else name(told.agent_id),
        transcript_path=path(told.transcript_path),
        cwd=path(told.cwd),
        model=word(told.model),
        permission_mode=word(told.permission_mode),
    )
    if not tell(heard, event, told):
        _tell_common(heard, event, told)
    return heard.events


def _tell_common(heard: Heard, event: str, told: Payload) -> None:
    match event:
        case "SessionStart":
            heard.tell(EventType.SESSION_START, outcome=word(told.source))
        case "SessionEnd":
            heard.tell(EventType.SESSION_END, outcome=word(told.reason))
        case "UserPromptSubmit":
            heard.prompt(told.prompt)
        case "SubagentStart" | "SubagentStop":
            heard.child(event, told.agent_id, told.agent_type, preview=shown(told.last_assistant_message))
        case "PreCompact" | "PostCompact":
            heard.tell(event, outcome=word(told.trigger))
