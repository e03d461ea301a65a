"""What calls of Pi's extension mean."""

from __future__ import annotations

from typing import Any

import pytest

from tests.frameworks.hook_calling import briefly, decode, told


def one(event: str, **fields: Any) -> list[str]:
    return briefly(decode("pi", {"session": "s", "cwd": "/p", **fields}, event))


def test_a_terminal_session() -> None:
    """A tool, a stream cancelled, a request that is refused, /new."""
    assert briefly(told("pi", "terminal")) == [
        "SessionStart startup",
        "UserPromptSubmit",
        "TurnStart",
        "PreToolUse bash",
        "PostToolUse bash ok",
        "Stop",
        "UserPromptSubmit",
        "TurnStart",
        "Interrupt",
        "UserPromptSubmit",
        "TurnStart",
        "ApiError error",
        "SessionEnd new",
    ]


def test_a_run_whose_requests_fail_again_and_again() -> None:
    assert briefly(told("pi", "down")) == [
        "SessionStart startup",
        "UserPromptSubmit",
        *["TurnStart", "ApiError error"] * 4,
        "SessionEnd quit",
    ]


@pytest.mark.parametrize(
    ("event", "fields", "said"),
    [
        ("session_start", {"reason": "reload"}, []),
        ("session_shutdown", {"reason": "reload"}, []),
        ("session_start", {"reason": "resume"}, ["SessionStart resume"]),
        ("ui_prompt_start", {"title": "Run it?"}, ["Elicitation"]),
        ("ui_prompt_end", {"idle": False}, ["ElicitationResult"]),
        ("ui_prompt_end", {"idle": True}, ["Stop"]),
        ("session_before_compact", {"reason": "threshold"}, ["PreCompact threshold"]),
        ("tool_execution_end", {"tool": "read", "call": "c", "failed": True}, ["PostToolUse read error"]),
        ("agent_end", {"stop": "length"}, ["Stop"]),
        ("message_end", {}, []),
    ],
)
def test_calls(event: str, fields: dict[str, Any], said: list[str]) -> None:
    assert one(event, **fields) == said


def test_what_is_kept_of_a_call() -> None:
    fields = {
        "session": "s",
        "cwd": "/p",
        "file": "/p/s.jsonl",
        "tool": "bash",
        "call": "c1",
        "command": "ls",
    }
    (event,) = decode("pi", fields, "tool_execution_start")
    assert (event.payload, event.preview, event.cwd) == ('{"command":"ls"}', "ls", "/p")
    assert (event.transcript_path, event.tool_use_id, event.pid) == ("/p/s.jsonl", "c1", 4711)
    (prompt,) = decode("pi", {"session": "s", "prompt": "Hi"}, "before_agent_start")
    assert prompt.payload == '{"prompt":"Hi"}'
    assert decode("pi", {"session": "../s", "prompt": "Hi"}, "before_agent_start") == []
