"""What an event says of what its session does."""

from __future__ import annotations

from typing import Final, Literal

from mi6_tui.judge.status import ALONE
from mi6_tui.model import Event, EventType, Source
from mi6_tui.model.event import decode_object

Authority = Literal["transcript", "otel", "hook"]

_AUTHORITIES: Final[dict[str, Authority]] = {
    Source.TRANSCRIPT: "transcript",
    Source.CODEX_SESSION: "transcript",
    Source.OTEL: "otel",
}
_WAITING_TOOLS: Final = {
    "askquestion": "question",
    "askuser": "question",
    "askuserquestion": "question",
    "exitplanmode": "plan",
    "question": "question",
    "requestuserinput": "question",
}
"""Tools that wait for the user; each client spells them in its own way: `AskUser`, `ask_user`."""
_NOTICES: Final = {
    "permission_prompt": "permission",
    "worker_permission_prompt": "permission",
    "ToolPermission": "permission",
    "elicitation_dialog": "question",
    "elicitation_url_dialog": "question",
    "agent_needs_input": "question",
}
"""Notifications that say that somebody waits for the user."""
_BACKGROUND: Final = {"subagent": "agent"}
_SUBJECT_LIMIT: Final = 100
"""Characters kept of what a witness's word is about."""


def authority_of(source: str | None) -> Authority:
    """Which kind of witness a `source` is."""
    return _AUTHORITIES.get(source or "", "hook")


Word = tuple[str | None, str, str]
"""Kind (None: it says nothing), detail and subject."""


def word_of(event: Event) -> Word:
    """What an event says of what its session does."""
    tool = event.tool_name or ""
    subject = (event.preview or "")[:_SUBJECT_LIMIT]
    match event.event_type:
        case EventType.USER_PROMPT_SUBMIT | EventType.TURN_START:
            return "prompt", "", ""
        case EventType.PRE_TOOL_USE:
            return _waits_for(tool) or "tool", tool, subject
        case EventType.POST_TOOL_USE:
            return "tool_end", tool, ""
        case EventType.API_REQUEST if event.outcome is not None:
            return ("reply" if event.outcome == "tool_use" else "reply_end"), event.outcome, ""
        case EventType.API_REQUEST if authority_of(event.source) == "transcript":
            return "reply", "", ""
        case EventType.PERMISSION_REQUEST if event.outcome is None:
            return _waits_for(tool) or "permission", tool, subject
        case EventType.STOP | EventType.TURN_COMPLETE:
            return "stop", _background_of(event), ""
        case EventType.INTERRUPT:
            return "interrupt", "", ""
        case EventType.API_ERROR:
            return ("retry" if event.outcome == "retrying" else "error"), _error_of(event, subject), ""
        case EventType.COMPACTION:
            return ("stop" if event.outcome == "manual" else "compacting"), "", ""
        case EventType.SESSION_END:
            return "end", event.outcome or "", ""
    return _further_evidence_of(event, tool, subject)


def _waits_for(tool: str) -> str | None:
    return _WAITING_TOOLS.get(tool.replace("_", "").lower())


def _error_of(event: Event, subject: str) -> str:
    """The client's word for it; its text, where it has no word."""
    return event.outcome if event.outcome not in (None, "unknown") else subject or "error"


def _further_evidence_of(event: Event, tool: str, subject: str) -> Word:
    """What only hooks tell."""
    match event.event_type:
        case EventType.NOTIFICATION:
            return _NOTICES.get(event.outcome or ""), tool, subject
        case EventType.PRE_COMPACT:
            return "compacting", "", ""
        case EventType.ELICITATION:
            return "question", "form", subject
        case EventType.ELICITATION_RESULT:
            return "tool_end", "", ""
    return None, "", ""


def _background_of(event: Event) -> str:
    """What a turn's end leaves running: `2 agents, 1 shell`; ALONE; empty where it does not say."""
    background = decode_object(event.metadata).get("background")
    if not isinstance(background, dict):
        return ""
    parts = []
    for kind, number in sorted(background.items()):
        if isinstance(number, int) and number > 0:
            word = _BACKGROUND.get(kind, kind)
            parts.append(f"{number} {word}{'s' if number > 1 else ''}")
    return ", ".join(parts)[:_SUBJECT_LIMIT] or ALONE
