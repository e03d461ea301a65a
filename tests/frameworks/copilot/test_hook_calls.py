"""What calls of Copilot CLI's hooks mean."""

from __future__ import annotations

from typing import Any

import pytest

from mi6_tui.model import Event
from tests.frameworks.hook_calling import briefly, decode, told


def one(event: str, **fields: Any) -> Event:
    (found,) = decode("copilot", {"sessionId": "s", "cwd": "/p", "timestamp": 5, **fields}, event)
    return found


def test_a_terminal_session() -> None:
    """Permission granted, declined, a stream interrupted, a question that fails, the end."""
    assert briefly(told("copilot", "tui-permission")) == [
        "SessionStart new",
        "UserPromptSubmit",
        "PreToolUse bash",
        "PermissionRequest bash undecided",
        "Notification permission_prompt",
        "PostToolUse bash ok",
        "Stop",
        "UserPromptSubmit",
        "PreToolUse bash",
        "PermissionRequest bash undecided",
        "Notification permission_prompt",
        "UserPromptSubmit",
        "UserPromptSubmit",
        "PreToolUse ask_user",
        "PostToolUse ask_user error",
        "Stop",
        "SessionEnd user_exit",
    ]


def test_a_subagents_calls_belong_to_the_session_that_spawned_it() -> None:
    root, child = "777142fc-4a80-4b08-ab9b-cc85fba5cc64", "d73661a1-27de-4ca8-8d56-54e24be6018b"
    events = told("copilot", "subagent")
    assert {event.session_id for event in events} == {root}
    assert briefly(events) == [
        "SessionStart new",
        "UserPromptSubmit",
        "PreToolUse task",
        "SubagentStart",
        "> TurnStart",
        "> PreToolUse bash",
        "> PermissionRequest bash undecided",
        "> PostToolUse bash ok",
        "> Stop",
        "SubagentStop",
        "PostToolUse task ok",
        "Stop",
        "SessionEnd complete",
    ]
    assert {event.agent_id for event in events if event.is_sidechain} == {child}
    assert [event.spawned_agent_id for event in events if "Subagent" in event.event_type] == [child, child]


def test_failed_requests_are_tried_again() -> None:
    """The sixth is the last: that is told by the transcript, not by the call."""
    assert briefly(told("copilot", "err-500"))[2:] == ["ApiError retrying"] * 6 + ["SessionEnd error"]
    event = one("errorOccurred", recoverable=False, error={"name": "Quota", "message": "none left"})
    assert (event.event_type, event.outcome, event.preview) == ("ApiError", "Quota", "none left")
    assert one("errorOccurred", error="x").outcome == "error"


def test_what_tools_are_about() -> None:
    event = one("preToolUse", toolName="bash", toolArgs={"command": "ls", "description": "List"})
    assert (event.tool_name, event.preview, event.payload) == ("bash", "ls", '{"command":"ls"}')
    event = one("postToolUse", toolName="view", toolArgs={"path": "/a"}, toolResult={"textResultForLlm": "b"})
    assert (event.outcome, event.preview, event.payload) == ("ok", "b", None)
    event = one("notification", notification_type="permission_prompt", message="Run command: ls")
    assert (event.outcome, event.preview) == ("permission_prompt", "Run command: ls")
    assert one("preCompact", trigger="auto").event_type == "PreCompact"


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("", {"sessionId": "s"}),
        ("userPromptTransformed", {"sessionId": "s"}),
        ("agentStop", {}),
        ("agentStop", {"sessionId": "a", "agentId": "a"}),
        ("agentStop", {"sessionId": "s", "agentId": "../a"}),
        ("agentStop", []),
    ],
)
def test_calls_that_say_nothing(event: str, payload: Any) -> None:
    assert decode("copilot", payload, event) == []
