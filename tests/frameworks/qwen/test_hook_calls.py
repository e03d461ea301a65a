"""What calls of Qwen Code's hooks mean."""

from __future__ import annotations

from typing import Any

import pytest

from mi6_tui.model import Event
from tests.frameworks.hook_calling import briefly, decode, told

_TERMINAL = "344b24e9-616e-4c0a-9a71-b3c013430183"


def one(event: str, **fields: Any) -> Event:
    (found,) = decode("qwen", {"session_id": "s", "hook_event_name": event, "cwd": "/p", **fields})
    return found


def test_a_terminal_session() -> None:
    """Permission granted, declined, a question, a stream cancelled."""
    events = [event for event in told("qwen", "tui") if event.session_id == _TERMINAL]
    assert briefly(events) == [
        "SessionStart startup",
        "UserPromptSubmit",
        "PermissionRequest run_shell_command",
        "Notification permission_prompt",
        "PreToolUse run_shell_command",
        "PostToolUse run_shell_command ok",
        "TurnStart",
        "Stop",
        "Stop",
        "UserPromptSubmit",
        "PermissionRequest run_shell_command",
        "Notification permission_prompt",
        "PostToolUse run_shell_command denied",
        "Stop",
        "UserPromptSubmit",
        "PermissionRequest ask_user_question",
        "Notification permission_prompt",
        "PreToolUse ask_user_question",
        "PostToolUse ask_user_question ok",
        "TurnStart",
        "Stop",
        "Stop",
        "UserPromptSubmit",
        "Stop",
        "UserPromptSubmit",
    ]


def test_a_subagent_in_the_background() -> None:
    events = told("qwen", "subagent")
    said = briefly(events)
    assert "> PreToolUse run_shell_command" in said
    assert [words for words in said if "Subagent" in words] == ["SubagentStart", "SubagentStop"]
    stops = [event.metadata for event in events if event.event_type == "Stop" and event.metadata]
    assert stops == ['{"background":{"subagent":1}}', '{"background":{}}']


@pytest.mark.parametrize(
    ("status", "outcome"), [("success", "ok"), ("error", "error"), ("cancelled", "denied")]
)
def test_how_tools_end(status: str, outcome: str) -> None:
    call = {
        "tool_name": "run_shell_command",
        "tool_call_id": "c1",
        "tool_input": {"command": "ls"},
        "status": status,
        "tool_response": {"result_display": "a.py"},
    }
    event = one("PostToolBatch", tool_calls=[call])
    assert (event.event_type, event.outcome, event.preview) == ("PostToolUse", outcome, "a.py")
    assert (event.tool_use_id, event.payload) == ("c1", '{"command":"ls"}')


def test_turns() -> None:
    assert one("UserPromptSubmit", prompt="Hi").payload == '{"prompt":"Hi"}'
    assert one("UserPromptSubmit", prompt="").event_type == "TurnStart"
    assert one("Notification", notification_type="idle_prompt").event_type == "Stop"
    failed = one("StopFailure", error="rate_limit", error_details="slow down")
    assert (failed.event_type, failed.outcome, failed.preview) == ("ApiError", "rate_limit", "slow down")
    assert one("PreToolUse", tool_name="glob", tool_use_id="made up", tool_call_id="c1").tool_use_id == "c1"


@pytest.mark.parametrize("event", ["MessageDisplay", "TodoCreated", "PostToolUse"])
def test_calls_that_say_nothing(event: str) -> None:
    assert decode("qwen", {"session_id": "s", "hook_event_name": event}) == []
