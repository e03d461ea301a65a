"""What was said and done: prompts, replies, tool calls."""

from __future__ import annotations

from typing import Final

from mi6_tui.frameworks.codex import tools
from mi6_tui.frameworks.codex.lines import Line
from mi6_tui.frameworks.codex.records import EventMessage, Item, ResponseItem, text_of
from mi6_tui.frameworks.codex.state import Tool
from mi6_tui.frameworks.records import Json, value
from mi6_tui.frameworks.text import clean, compact_json, printed
from mi6_tui.model import EventType

_INJECTED: Final = (
    "# AGENTS.md",
    "<environment_context>",
    "<permissions instructions>",
    "<subagent_notification>",
    "<turn_aborted>",
    "<user_instructions>",
)
"""How texts begin that the client itself puts where a prompt stands."""
_ENDED_AT_ONCE: Final = ("web_search_call", "image_generation_call")
"""Calls the model's side carries out: they have no output item."""


def prompt(line: Line, text: str, own_id: str | None) -> None:
    """The user asks; what a subagent is asked comes from its parent."""
    if line.state.child or not text.strip() or text.lstrip().startswith(_INJECTED):
        return
    line.emit(
        EventType.USER_PROMPT_SUBMIT,
        f"prompt:{line.named(own_id)}",
        uuid=own_id,
        model=line.state.models.get(line.state.turn or ""),
        payload=compact_json(prompt=text),
    )


def shown_prompt(line: Line, message: EventMessage) -> None:
    """A prompt as older clients note it."""
    pictures = "[image]" if isinstance(message.images, list) and message.images else ""
    prompt(line, (message.message if isinstance(message.message, str) else "") or pictures, None)


def reply(line: Line, text: str, own_id: str | None) -> None:
    """The agent says something."""
    preview = clean(text)
    if preview:
        line.emit(EventType.ASSISTANT_MESSAGE, f"text:{line.named(own_id)}", uuid=own_id, preview=preview)


def called(line: Line, item: ResponseItem) -> None:
    """The model asks for a tool."""
    call = tools.call_of(item)
    if call is None:
        return
    own_id = item.call_id or item.id
    state = line.state
    state.replied = state.replied or line.order
    payload = compact_json(command=call.command) if call.command else None
    line.emit(
        EventType.PRE_TOOL_USE,
        f"tool:{line.named(own_id)}:pre",
        tool_use_id=own_id,
        tool_name=call.name,
        payload=payload,
        preview=call.preview,
    )
    if item.type in _ENDED_AT_ONCE:
        outcome = "error" if item.status == "failed" else "ok"
        _ended(line, own_id, Tool(name=call.name, command=call.command), outcome, "")
    elif own_id:
        state.open_tool(own_id, Tool(name=call.name, command=clean(call.command) if call.command else None))


def answered(line: Line, item: ResponseItem) -> None:
    """A tool's output goes back to the model."""
    tool = line.state.tools.pop(item.call_id or "", None) or Tool()
    output = tools.output_of(item.output)
    tool.duration_ms = output.duration_ms if tool.duration_ms is None else tool.duration_ms
    _ended(
        line,
        item.call_id,
        tool,
        "error" if tool.failed and output.outcome == "ok" else output.outcome,
        output.text,
    )


def _ended(line: Line, own_id: str | None, tool: Tool, outcome: str, text: str) -> None:
    line.emit(
        EventType.POST_TOOL_USE,
        f"tool:{line.named(own_id)}:post",
        tool_use_id=own_id,
        tool_name=tool.name,
        duration_ms=tool.duration_ms,
        outcome=outcome,
        payload=compact_json(command=tool.command) if tool.command else None,
        metadata=printed(tool.command, text),
        preview=clean(text, tools.RESULT_LIMIT) or None,
    )


def ran(line: Line, own_id: str | None, failed: bool, duration: Json) -> None:
    """How the work of a call went, told apart from its output and mostly before it.

    What a script's `exec` call runs has ids of its own: it counts for the call if that is the only one.
    """
    open_calls = line.state.tools
    tool = open_calls.get(own_id or "")
    if tool is None:
        scripts = [call for call in open_calls.values() if call.name == tools.SCRIPT]
        tool = scripts[0] if len(scripts) == 1 else None
    elif (took := tools.milliseconds(value(duration))) is not None:
        tool.duration_ms = took
    if tool is not None:
        tool.failed = tool.failed or failed


def item_ran(line: Line, item: Item) -> None:
    """`ran`, as newer clients tell it."""
    ran(line, item.id, item.status in ("failed", "error"), item.duration)


def said(line: Line, item: Item) -> None:
    """A reply, as newer clients tell it."""
    reply(line, text_of(item.content), item.id)


def asked(line: Line, item: Item) -> None:
    """A prompt, as newer clients tell it."""
    prompt(line, text_of(item.content), item.id)
