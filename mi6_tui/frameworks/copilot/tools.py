"""Tool calls, the permissions they ask for, and subagents."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from mi6_tui.frameworks.copilot.lines import Line
from mi6_tui.frameworks.copilot.records import Fields
from mi6_tui.frameworks.copilot.state import Tool
from mi6_tui.frameworks.records import count
from mi6_tui.frameworks.text import clean, compact_json, one_line, printed
from mi6_tui.model import EventType

_SHELLS: Final = ("bash", "powershell", "shell")
_INPUT_LIMIT: Final = 300
_RESULT_LIMIT: Final = 300
_TELLING: Final = (
    "command",
    "path",
    "pattern",
    "url",
    "query",
    "question",
    "message",
    "description",
    "prompt",
)
_DENIALS: Final = ("denied", "rejected")


def started(line: Line) -> None:
    """A tool runs, or waits for its permission."""
    data = line.data
    tool_id = data.name("toolCallId") or line.identity
    name = data.name("toolName")
    arguments = data.object("arguments")
    command = arguments.text("command") if name in _SHELLS else None
    tool = Tool(
        name=name,
        command=clean(command) if command else None,
        preview=summary(arguments, data.any("arguments")),
        at=line.at,
    )
    line.state.open_tool(tool_id, tool)
    _runs(line, tool_id, tool)


def _runs(line: Line, tool_id: str, tool: Tool) -> None:
    line.emit(
        EventType.PRE_TOOL_USE,
        f"tool:{tool_id}:pre",
        timestamp=tool.at,
        tool_use_id=tool_id,
        preview=tool.preview,
        **_named(tool),
    )


def ended(line: Line) -> None:
    """A tool gave its result."""
    data = line.data
    tool_id = data.name("toolCallId") or line.identity
    tool = line.state.tools.pop(tool_id, None) or Tool(name=data.name("toolName"))
    error = data.object("error")
    if data.any("success") is True:
        outcome, text = "ok", data.object("result").text("content")
    else:
        text = error.text("message")
        outcome = "denied" if _is_denial(error.name("code")) else "error"
    _post(line, tool_id, tool, outcome, text, certain=True)


def permission_asked(line: Line) -> None:
    """A tool may not run until the user says so."""
    data = line.data
    asked = data.object("permissionRequest")
    tool_id = asked.name("toolCallId") or data.name("toolCallId")
    tool = line.state.tools.get(tool_id or "") or Tool(
        name=asked.name("toolName") or asked.name("kind"), command=asked.text("fullCommandText")
    )
    told = (asked.text(name) for name in ("fullCommandText", "intention", "path", "fileName", "url"))
    shown = next((text for text in told if text), tool.preview)
    line.emit(
        EventType.PERMISSION_REQUEST,
        f"permission:{data.text('requestId') or line.identity}",
        tool_use_id=tool_id,
        preview=one_line(shown, _INPUT_LIMIT) if shown else None,
        **_named(tool),
    )
    if not line.sidechain:
        line.tell("permission_mode", data.name("permissionMode"))


def permission_answered(line: Line) -> None:
    """The user, or an interruption, answered: the tool runs, or has ended."""
    tool_id = line.data.name("toolCallId")
    tool = line.state.tools.get(tool_id or "")
    if tool_id is None or tool is None:
        return
    answer = line.data.object("result")
    kind = answer.name("kind") or ""
    if kind == "cancelled" or _is_denial(kind):
        outcome = "denied" if _is_denial(kind) else "interrupted"
        _post(line, tool_id, tool, outcome, answer.text("reason"), certain=False)
    else:
        _runs(line, tool_id, tool)


def _post(line: Line, tool_id: str, tool: Tool, outcome: str, text: str | None, *, certain: bool) -> None:
    line.emit(
        EventType.POST_TOOL_USE,
        f"tool:{tool_id}:post",
        # What the tool itself reports is worth more than what its permission led to expect.
        version=f"{certain:d}",
        tool_use_id=tool_id,
        outcome=outcome,
        duration_ms=count(line.at - tool.at) if tool.at else None,
        metadata=printed(tool.command, text or ""),
        preview=clean(text, _RESULT_LIMIT) or None if text else None,
        **_named(tool),
    )


def agent_started(line: Line) -> None:
    """A subagent was launched."""
    _agent(line, EventType.SUBAGENT_START, "start", preview=_described(line))


def agent_ended(line: Line) -> None:
    """A subagent is done, or failed."""
    _agent(
        line,
        EventType.SUBAGENT_STOP,
        "stop",
        outcome=(line.record.type or "").removeprefix("subagent."),
        duration_ms=count(line.data.any("durationMs")),
    )


def _agent(line: Line, event_type: str, phase: str, **fields: Any) -> None:
    agent, tool_id = line.record.agent_id, line.data.name("toolCallId")
    name = line.data.name("agentName")
    line.emit(
        event_type,
        f"agent:{tool_id or agent or line.identity}:{phase}",
        tool_use_id=tool_id,
        spawned_agent_id=agent,
        subagent_type=one_line(name, 100) if name else None,
        # The news is the spawner's, although it bears the subagent's name.
        agent_id=None,
        is_sidechain=False,
        **fields,
    )


def _described(line: Line) -> str | None:
    text = line.data.text("agentDescription") or line.data.text("agentDisplayName")
    return one_line(text, _INPUT_LIMIT) if text else None


def _named(tool: Tool) -> dict[str, Any]:
    return {
        "tool_name": tool.name,
        "payload": compact_json(command=tool.command) if tool.command else None,
    }


def _is_denial(word: str | None) -> bool:
    return any(part in (word or "") for part in _DENIALS)


def summary(arguments: Fields, raw: Any) -> str | None:
    """What a person wants to know of a call; of a tool nobody knows, how its arguments begin."""
    told = next((text for name in _TELLING if (text := arguments.text(name))), None)
    if told is None and raw:
        told = raw if isinstance(raw, str) else msgspec.json.encode(raw).decode()
    return one_line(told, _INPUT_LIMIT) or None if told else None
