"""Lines as the client writes them, and ways to read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mi6_tui.frameworks.base import Decoded
from mi6_tui.frameworks.pi import FRAMEWORK
from tests.frameworks.pieces import as_lines, jsonl

DATA = Path(__file__).parents[2] / "data" / "pi"
SESSION = "01a20000-0000-7000-8000-000000000001"
FOLDER = "/home/dev/.pi/agent/sessions/--home-dev-project--"
PATH = f"{FOLDER}/2026-09-01T10-00-00-000Z_{SESSION}.jsonl"
USAGE = {
    "input": 2000,
    "output": 60,
    "cacheRead": 5000,
    "cacheWrite": 300,
    "cost": {"total": 0.0125},
}


def read(*records: dict[str, Any] | bytes, path: str = PATH) -> Decoded:
    """What a file of these records says."""
    return FRAMEWORK.decoder(path, "devbox", None).decode(as_lines(jsonl(records)))


def at(second: float) -> str:
    """A time of the day."""
    return f"2026-09-01T10:00:{second:06.3f}Z"


def header(session: str = SESSION, second: float = 0, **more: Any) -> dict[str, Any]:
    """A first line."""
    place = {"cwd": "/home/dev/project"}
    return {"type": "session", "version": 3, "id": session, "timestamp": at(second), **place, **more}


def entry(kind: str, second: float, entry_id: str, **more: Any) -> dict[str, Any]:
    """An entry of the tree."""
    return {"type": kind, "id": entry_id, "parentId": None, "timestamp": at(second), **more}


def user(text: str, second: float = 1, entry_id: str = "u1") -> dict[str, Any]:
    """A prompt."""
    content = [{"type": "text", "text": text}]
    return entry("message", second, entry_id, message={"role": "user", "content": content})


def reply(
    *content: dict[str, Any] | str,
    second: float = 2,
    entry_id: str = "a1",
    stop: str | None = "stop",
    usage: Any = ...,
    **more: Any,
) -> dict[str, Any]:
    """A reply of the model."""
    parts = [{"type": "text", "text": part} if isinstance(part, str) else part for part in content]
    message = {
        "role": "assistant",
        "content": parts,
        "provider": "anthropic",
        "model": "claude-sonnet-5",
        "usage": USAGE if usage is ... else usage,
        "stopReason": stop,
        **more,
    }
    return entry("message", second, entry_id, message=message)


def call(name: str, call_id: str = "c1", **arguments: Any) -> dict[str, Any]:
    """A tool call of a reply."""
    return {"type": "toolCall", "id": call_id, "name": name, "arguments": arguments}


def result(
    text: str, name: str = "bash", call_id: str = "c1", second: float = 3, *, error: bool = False
) -> dict[str, Any]:
    """What a tool answered."""
    message = {
        "role": "toolResult",
        "toolCallId": call_id,
        "toolName": name,
        "content": [{"type": "text", "text": text}],
        "isError": error,
    }
    return entry("message", second, f"r{call_id}", message=message)
