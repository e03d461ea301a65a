"""Tool calls in a few words, and how they ended."""

from __future__ import annotations

from typing import Any, Final

from mi6_tui.frameworks.gemini.lines import Line
from mi6_tui.frameworks.gemini.records import Message, ToolCall, tool_calls
from mi6_tui.frameworks.pieces import fields
from mi6_tui.frameworks.records import value
from mi6_tui.frameworks.text import clean, compact_json, one_line, printed
from mi6_tui.frameworks.times import milliseconds
from mi6_tui.model import EventType

_SHELL: Final = "run_shell_command"
_RESULT_LIMIT: Final = 300
_INPUT_LIMIT: Final = 300
_TELLING: Final = ("command", "file_path", "path", "pattern", "url", "query", "agent_name", "prompt")
_OUTCOMES: Final = {"success": "ok", "error": "error", "cancelled": "interrupted"}


def calls(line: Line, message: Message) -> None:
    """The events of a reply's tool calls."""
    for index, call in enumerate(tool_calls(message.tool_calls)):
        _call(line, call, f"{message.id}:{call.id or index}", index)


def _call(line: Line, call: ToolCall, identity: str, index: int) -> None:
    arguments = fields(call.args)
    command = arguments.get("command") if call.name == _SHELL else None
    payload = compact_json(command=command) if isinstance(command, str) else None
    common: dict[str, Any] = {"tool_use_id": call.id, "tool_name": call.name, "payload": payload}
    line.emit(
        EventType.PRE_TOOL_USE,
        f"tool:{identity}:pre",
        preview=summary(arguments)
        or (one_line(call.description, _INPUT_LIMIT) if call.description else None),
        **common,
    )
    at = milliseconds(call.timestamp)
    at = line.at if at is None else at
    # One line tells both ends of a call: the second counts as the later one, whatever the clock says.
    later = {"timestamp": at, "order": (max(line.order[0], at), line.order[1] + 1 + index)}
    if call.status == "awaiting_approval":
        line.emit(EventType.PERMISSION_REQUEST, f"permission:{identity}", **common, **later)
    outcome = _OUTCOMES.get(call.status or "")
    if outcome is None:
        return
    line.state.latest = max(line.state.latest, at)
    text = result(call)
    if outcome == "interrupted" and "denied" in text:
        outcome = "denied"
    line.emit(
        EventType.POST_TOOL_USE,
        f"tool:{identity}:post",
        outcome=outcome,
        version=line.version,
        metadata=printed(command, shown(call)) if isinstance(command, str) else None,
        preview=clean(shown(call) or text, _RESULT_LIMIT) or None,
        **common,
        **later,
    )
    if call.agent_id:
        line.emit(
            EventType.SUBAGENT_STOP,
            f"agent:{call.agent_id}:stop",
            spawned_agent_id=call.agent_id,
            outcome="completed" if outcome == "ok" else outcome,
            **later,
        )


def summary(arguments: dict[str, Any]) -> str | None:
    """What a person wants to know of a call: its command, file, pattern, question, ..."""
    told = [arguments.get(name) for name in _TELLING]
    questions = arguments.get("questions")
    if isinstance(questions, list) and questions and isinstance(questions[0], dict):
        told.append(questions[0].get("question"))
    return next(
        (one_line(text, _INPUT_LIMIT) for text in told if isinstance(text, str) and text.strip()), None
    )


def result(call: ToolCall) -> str:
    """What the model was told."""
    found = value(call.result)
    for part in found if isinstance(found, list) else []:
        response = part.get("functionResponse") if isinstance(part, dict) else None
        told = response.get("response") if isinstance(response, dict) else None
        for name in ("error", "output"):
            text = told.get(name) if isinstance(told, dict) else None
            if isinstance(text, str):
                return text
    return ""


def shown(call: ToolCall) -> str:
    """What the user was shown."""
    found = value(call.result_display)
    return found if isinstance(found, str) else ""
