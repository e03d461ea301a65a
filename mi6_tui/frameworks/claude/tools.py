"""Tool calls in a few words, and how they ended."""

from __future__ import annotations

from typing import Any, Final

from mi6_tui.frameworks.claude.records import Record, Result, text_or_blocks
from mi6_tui.frameworks.records import Json, count, read, value
from mi6_tui.frameworks.text import one_line

SPAWNING: Final = ("Agent", "Task")
"""Tools that start a subagent."""
RESULT_LIMIT: Final = 300
_INPUT_LIMIT: Final = 300
_TELLING: Final = (
    "command",
    "file_path",
    "notebook_path",
    "pattern",
    "url",
    "query",
    "description",
    "subject",
    "skill",
    "prompt",
    "plan",
)
_REJECTED: Final = "User rejected tool use"


def input_fields(data: Json) -> dict[str, Any]:
    """A call's input; empty when it is no object."""
    found = value(data)
    return found if isinstance(found, dict) else {}


def summary(fields: dict[str, Any], data: Json) -> str | None:
    """What a person wants to know of a call's input: its command, file, pattern, question, ...

    Of a tool nobody knows: the start of the input as it is written, `data`.
    """
    told = [fields.get(name) for name in _TELLING]
    questions = fields.get("questions")
    if isinstance(questions, list) and questions and isinstance(questions[0], dict):
        told.append(questions[0].get("question"))
    for text in told:
        if isinstance(text, str) and text.strip():
            return one_line(text, _INPUT_LIMIT)
    return one_line(bytes(data).decode("utf-8", "replace"), _INPUT_LIMIT) if fields else None


def result_of(record: Record) -> Result:
    """The structured result of a record; empty where there is none."""
    return read(Result, record.tool_use_result) or Result()


def result_text(content: Json) -> str:
    """The first text in a result's content; empty if it has none."""
    found = text_or_blocks(content)
    if isinstance(found, str):
        return found
    return next((block.text for block in found if block.text), "")


def outcome(record: Record, result: Result, is_error: bool | None) -> str:
    """How a call ended: ok, error, denied, interrupted, or background when it goes on unseen."""
    if record.tool_denial_kind == "interrupted" or result.interrupted:
        return "interrupted"
    if record.tool_denial_kind or (is_error and value(record.tool_use_result) == _REJECTED):
        return "denied"
    if is_error:
        return "error"
    if result.is_async or result.status == "async_launched" or result.background_task_id:
        return "background"
    return "ok"


def duration(result: Result) -> int | None:
    """How long the call took, in ms, where the client says so."""
    known = count(result.duration_ms)
    return count(result.total_duration_ms) if known is None else known
