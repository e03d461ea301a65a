"""Tool calls in a few words, for clients whose tools are called with named arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from mi6_tui.frameworks.spot import Spot
from mi6_tui.frameworks.text import clean, compact_json, one_line, printed
from mi6_tui.model import EventType

RESULT_LIMIT: Final = 300
_INPUT_LIMIT: Final = 300
_REMEMBERED: Final = 256
_TELLING: Final = (
    "command",
    "cmd",
    "pattern",
    "glob_pattern",
    "file_path",
    "path",
    "target_file",
    "url",
    "query",
    "search_term",
    "description",
    "prompt",
)
"""Arguments that a person wants to know, the most telling first."""

Calls = dict[str, tuple[str, str]]
"""Calls without a result by id, oldest first: the tool's name, and the command it was called with."""


def about(arguments: dict[str, Any]) -> str | None:
    """What a call is about: its command, file, pattern, question, ..."""
    return next((one_line(text, _INPUT_LIMIT) for text in _telling(arguments) if text.strip()), None)


def _telling(arguments: dict[str, Any]) -> Iterator[str]:
    told = [arguments.get(name) for name in _TELLING]
    questions = arguments.get("questions")
    first = questions[0] if isinstance(questions, list) and questions else None
    told.append(first.get("question") if isinstance(first, dict) else None)
    yield from (text for text in told if isinstance(text, str))


def called(
    spot: Spot, key: str, tool_id: str | None, tool: str, arguments: dict[str, Any], shell: str, calls: Calls
) -> None:
    """A tool is called; `shell` is the tool that runs commands, `calls` takes a note of it."""
    command = command_of(arguments) if tool == shell else None
    if tool_id:
        calls[tool_id] = tool, clean(command or "")
        if len(calls) > _REMEMBERED:
            del calls[next(iter(calls))]
    spot.emit(
        EventType.PRE_TOOL_USE,
        f"tool:{key}:pre",
        tool_use_id=tool_id,
        tool_name=tool,
        payload=compact_json(command=command) if command else None,
        preview=about(arguments),
    )


def ended(
    spot: Spot, key: str, tool_id: str | None, tool: str | None, outcome: str, output: str, calls: Calls
) -> None:
    """A tool ended; what it was called with stands in `calls`, if anywhere."""
    called_as, command = calls.pop(tool_id or "", (None, ""))
    spot.emit(
        EventType.POST_TOOL_USE,
        f"tool:{key}:post",
        tool_use_id=tool_id,
        tool_name=tool or called_as,
        outcome=outcome,
        payload=compact_json(command=command) if command else None,
        metadata=printed(command, output),
        preview=clean(output, RESULT_LIMIT) or None,
    )


def command_of(arguments: dict[str, Any]) -> str | None:
    """The command that a shell is called with."""
    found = arguments.get("command", arguments.get("cmd"))
    return found if isinstance(found, str) and found.strip() else None
