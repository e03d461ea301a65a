"""Lines as the client writes them, and ways to read them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mi6_tui.frameworks.base import Decoded
from mi6_tui.frameworks.copilot import FRAMEWORK
from tests.frameworks.pieces import as_lines, jsonl

DATA = Path(__file__).parents[2] / "data" / "copilot"
SESSION = "11111111-2222-4333-8444-555555555555"
PATH = f"/home/dev/.copilot/session-state/{SESSION}/events.jsonl"
MODEL = "gpt-5.4"


def read(*records: dict[str, Any] | bytes, path: str = PATH) -> Decoded:
    """What a file of these records says."""
    return FRAMEWORK.decoder(path, "devbox", None).decode(as_lines(jsonl(records)))


def line(kind: str, second: float, agent: str | None = None, /, **data: Any) -> dict[str, Any]:
    """A line of any kind; its id is its kind and time."""
    time = f"2026-11-23T06:39:{second:06.3f}Z"
    about = {"agentId": agent} if agent else {}
    return {
        "type": kind,
        "data": data,
        "id": f"{kind}@{second}",
        "timestamp": time,
        "parentId": None,
        **about,
    }


def start(second: float = 0) -> dict[str, Any]:
    """The first line of a session."""
    place = {"cwd": "/home/dev/project", "branch": "main"}
    names = {"sessionId": SESSION, "copilotVersion": "1.0.102", "selectedModel": MODEL}
    return line("session.start", second, context=place, **names)


def resume(second: float) -> dict[str, Any]:
    """The first line of a later process."""
    return line("session.resume", second, selectedModel=MODEL, context={"cwd": "/home/dev/project"})


def prompt(text: str = "Hi", second: float = 1, **data: Any) -> dict[str, Any]:
    """What a person typed."""
    return line("user.message", second, content=text, **data)


def usage(
    second: float = 2, call: str = "call-1", agent: str | None = None, model: str = MODEL, **numbers: Any
) -> dict[str, Any]:
    """A newer client's record of one request."""
    told = {
        "inputTokens": 7000,
        "outputTokens": 40,
        "cacheReadTokens": 5000,
        "cacheWriteTokens": 0,
        "reasoningTokens": 12,
    }
    fixed = {
        "model": model,
        "apiCallId": call,
        "finishReason": "stop",
        "duration": 150,
        "maxPromptTokens": 922000,
    }
    return line("session.usage_record", second, agent, usage={**told, **fixed, **numbers})


def message(
    text: str = "Hello.", second: float = 3, agent: str | None = None, /, **data: Any
) -> dict[str, Any]:
    """The model's words."""
    return line("assistant.message", second, agent, model=MODEL, content=text, **{"toolRequests": [], **data})


Totals = Mapping[str, tuple[int, int, int, int]]
"""By model: requests, input, output, cache read."""


def shutdown(
    second: float = 9, models: Totals | None = None, *, whole: bool = False, current: Any = 6100
) -> dict[str, Any]:
    """The totals of a process, or (`whole`) of the session."""
    metrics = {
        name: {
            "requests": {"count": count},
            "usage": {
                "inputTokens": prompt,
                "outputTokens": output,
                "cacheReadTokens": read,
                "cacheWriteTokens": 0,
                "reasoningTokens": 0,
            },
        }
        for name, (count, prompt, output, read) in (models or {}).items()
    }
    marks: dict[str, Any] = {"usageAccountingWatermarks": {}} if whole else {}
    return line(
        "session.shutdown",
        second,
        shutdownType="routine",
        modelMetrics=metrics,
        currentTokens=current,
        **marks,
    )


def tool(
    name: str, second: float = 3, call: str = "t1", agent: str | None = None, **arguments: Any
) -> dict[str, Any]:
    """A tool that starts."""
    return line("tool.execution_start", second, agent, toolCallId=call, toolName=name, arguments=arguments)


def result(second: float = 4, call: str = "t1", *, success: bool = True, **data: Any) -> dict[str, Any]:
    """A tool that ended."""
    return line("tool.execution_complete", second, toolCallId=call, success=success, **data)
