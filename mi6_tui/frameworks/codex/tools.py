"""Tool calls in a few words, and how they ended."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from mi6_tui.frameworks.codex.records import ResponseItem, fields, text_of
from mi6_tui.frameworks.records import Json, count, value
from mi6_tui.frameworks.text import one_line

RESULT_LIMIT: Final = 300
SCRIPT: Final = "exec"
"""A call whose input is a script that calls other tools."""
_INPUT_LIMIT: Final = 300
_SHELLS: Final = ("bash", "zsh", "sh", "fish", "pwsh", "powershell")
_TELLING: Final = ("cmd", "command", "path", "file_path", "query", "pattern", "url", "task_name", "message")
_PATCHED: Final = re.compile(r"^\*\*\* (?:Add|Update|Delete) File: (.+)$", re.MULTILINE)
_SCRIPTED: Final = re.compile(r'\bexec_command\(\{\s*"?cmd"?\s*:\s*("(?:[^"\\\n]|\\.)*")')
_HEADER: Final = re.compile(r"\A(?:[A-Z][^\n]*\n){1,6}Output:\n?")
_EXIT: Final = re.compile(r"^(?:Exit code: |Process exited with code )(-?\d+)$", re.MULTILINE)
_BUILT_IN: Final = {
    "local_shell_call": "local_shell",
    "web_search_call": "web_search",
    "image_generation_call": "image_generation",
    "tool_search_call": "tool_search",
}


class Call(msgspec.Struct, frozen=True):
    """What a call asks for."""

    name: str | None
    command: str | None
    """Of a shell call."""
    preview: str | None


class Output(msgspec.Struct, frozen=True):
    """What a call gave."""

    outcome: str
    text: str
    duration_ms: int | None


def call_of(item: ResponseItem) -> Call | None:
    """The call in an item; None if it is none."""
    if item.type == "function_call":
        raw = value(item.arguments)
        found = fields(raw.encode("utf-8", "replace")) if isinstance(raw, str) else {}
        command = _command(found.get("cmd", found.get("command")))
        return Call(_name(item), command, _summary(found, raw if isinstance(raw, str) else ""))
    if item.type == "custom_tool_call":
        text = value(item.input)
        return _custom(_name(item), text if isinstance(text, str) else "")
    if item.type in _BUILT_IN:
        found = fields(item.action)
        command = _command(found.get("command")) if item.type == "local_shell_call" else None
        return Call(_BUILT_IN[item.type], command, _summary(found, ""))
    return None


def _name(item: ResponseItem) -> str | None:
    space = item.namespace or ""
    return f"{space}__{item.name}" if item.name and space.startswith("mcp__") else item.name


def _custom(name: str | None, text: str) -> Call:
    """A call with free text: a patch, a script or something nobody knows."""
    if files := _PATCHED.findall(text):
        return Call(name, None, one_line(", ".join(files), _INPUT_LIMIT))
    commands = [found for quoted in _SCRIPTED.findall(text) if (found := _unquoted(quoted))]
    if name == SCRIPT and commands:
        command = "\n".join(commands)
        return Call(name, command, one_line(command, _INPUT_LIMIT))
    return Call(name, None, one_line(text, _INPUT_LIMIT) or None)


def _unquoted(quoted: str) -> str:
    found = value(quoted.encode("utf-8", "replace"))
    return found if isinstance(found, str) else ""


def _command(found: Any) -> str | None:
    """A command line, also from the words of one; a shell around a script is left out."""
    if isinstance(found, list) and found and all(isinstance(word, str) for word in found):
        shell = found[0].rsplit("/", 1)[-1] in _SHELLS
        return found[2] if len(found) == 3 and shell and found[1].startswith("-") else " ".join(found)
    return found if isinstance(found, str) and found else None


def _summary(found: dict[str, Any], raw: str) -> str | None:
    for name in _TELLING:
        if text := _command(found.get(name)):
            return one_line(text, _INPUT_LIMIT)
    questions = found.get("questions")
    if isinstance(questions, list) and questions and isinstance(questions[0], dict):
        text = questions[0].get("question")
        if isinstance(text, str) and text:
            return one_line(text, _INPUT_LIMIT)
    return one_line(raw, _INPUT_LIMIT) or None


def output_of(data: Json) -> Output:
    """What a call's output says; text, parts of text, or an object with either."""
    text = text_of(data)
    told = fields(data)
    if isinstance(told.get("content"), str):
        text = told["content"]
    failed = told.get("success") is False
    inner = fields(text.encode("utf-8", "replace")) if text.startswith('{"output"') else {}
    if isinstance(inner.get("output"), str):
        # Older shells answer with an object, written as text.
        metadata = inner.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        failed = failed or metadata.get("exit_code") not in (0, None)
        return Output(
            "error" if failed else "ok", inner["output"], _seconds(metadata.get("duration_seconds"))
        )
    header = _HEADER.match(text)
    if header and (code := _EXIT.search(header[0])) and int(code[1][:9]):
        failed = True
    return Output(_outcome(text, failed), text[header.end() :] if header else text, None)


def _outcome(text: str, failed: bool) -> str:
    start = text[:200].lower()
    if start.startswith("aborted by user"):
        return "interrupted"
    if "rejected by user" in start or "denied by user" in start:
        return "denied"
    return "error" if failed or start.startswith(("unsupported call", "script failed")) else "ok"


def milliseconds(duration: Any) -> int | None:
    """Of a duration in seconds and nanoseconds."""
    if not isinstance(duration, dict):
        return None
    seconds, nanos = count(duration.get("secs")), count(duration.get("nanos"))
    if seconds is None or nanos is None or seconds >= 10**12:
        return None
    return seconds * 1000 + nanos // 1_000_000


def _seconds(number: Any) -> int | None:
    known = isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number < 10**12
    return round(number * 1000) if known else None
