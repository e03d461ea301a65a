"""Lines as the client writes them, and ways to read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mi6_tui.frameworks.base import Decoded
from mi6_tui.frameworks.qwen import FRAMEWORK
from tests.frameworks.pieces import as_lines, jsonl

DATA = Path(__file__).parents[2] / "data" / "qwen"
SESSION = "11111111-2222-4333-8444-555555555555"
PROJECT = "/home/dev/.qwen/projects/-home-dev-project"
PATH = f"{PROJECT}/chats/{SESSION}.jsonl"
SUBAGENT = f"{PROJECT}/subagents/{SESSION}/agent-helper-c1.jsonl"
NUMBERS = {"prompt": 7000, "candidates": 40, "cachedContent": 5000, "thoughts": 12, "total": 7040}


def read(*records: dict[str, Any] | bytes, path: str = PATH) -> Decoded:
    """What a file of these records says."""
    return FRAMEWORK.decoder(path, "devbox", None).decode(as_lines(jsonl(records)))


def record(kind: str, second: float, uuid: str, **more: Any) -> dict[str, Any]:
    """One line."""
    return {
        "uuid": uuid,
        "parentUuid": None,
        "sessionId": SESSION,
        "timestamp": f"2026-09-01T10:00:{second:06.3f}Z",
        "type": kind,
        "cwd": "/home/dev/project",
        "version": "0.24.4",
        **more,
    }


def user(text: str, second: float = 1, uuid: str = "u1", **more: Any) -> dict[str, Any]:
    """A prompt."""
    return record("user", second, uuid, message={"role": "user", "parts": [{"text": text}]}, **more)


def telemetry(
    second: float = 2, uuid: str = "t1", numbers: dict[str, Any] = NUMBERS, **more: Any
) -> dict[str, Any]:
    """A response, as the client notes it."""
    names = {"prompt": "input", "candidates": "output", "cachedContent": "cached_content"}
    counts = {f"{names.get(name, name)}_token_count": count for name, count in numbers.items()}
    event = {"event.name": "qwen-code.api_response", "model": "qwen3-coder", **counts}
    event |= {"prompt_id": f"{SESSION}########0", **more}
    return record("system", second, uuid, subtype="ui_telemetry", systemPayload={"uiEvent": event})


def reply(
    *parts: dict[str, Any] | str,
    second: float = 2.01,
    uuid: str = "a1",
    numbers: dict[str, Any] | None = NUMBERS,
    **more: Any,
) -> dict[str, Any]:
    """A reply of the model."""
    told = [{"text": part} if isinstance(part, str) else part for part in parts]
    counts = {f"{name}TokenCount": count for name, count in (numbers or {}).items()}
    usage = {} if numbers is None else {"usageMetadata": counts}
    message = {"role": "model", "parts": told}
    return record("assistant", second, uuid, model="qwen3-coder", message=message, **usage, **more)


def call(name: str, call_id: str = "c1", **args: Any) -> dict[str, Any]:
    """A tool call of a reply."""
    return {"functionCall": {"id": call_id, "name": name, "args": args}}


def result(
    name: str, second: float = 4, call_id: str = "c1", status: str = "success", **response: Any
) -> dict[str, Any]:
    """What a tool answered."""
    answer = {"functionResponse": {"id": call_id, "name": name, "response": response}}
    message = {"role": "user", "parts": [answer]}
    told = {"callId": call_id, "status": status, "resultDisplay": response.get("output")}
    return record("tool_result", second, f"r{call_id}", message=message, toolCallResult=told)
