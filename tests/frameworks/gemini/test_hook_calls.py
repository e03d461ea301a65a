"""What calls of Gemini CLI's hooks mean."""

from __future__ import annotations

from typing import Any

import pytest

from mi6_tui.model import Event
from tests.frameworks.hook_calling import briefly, decode, told


def one(event: str, **fields: Any) -> Event:
    (found,) = decode("gemini", {"session_id": "s", "hook_event_name": event, "cwd": "/p", **fields})
    return found


def test_a_terminal_session() -> None:
    """Permission granted, declined, an edit, a stream cancelled, a question, /clear."""
    events = told("gemini", "tui-permission")
    assert briefly([event for event in events if event.session_id.startswith("3e709f1a")]) == [
        "SessionStart startup",
        "UserPromptSubmit",
        "PreToolUse run_shell_command",
        "Notification ToolPermission",
        "PostToolUse run_shell_command ok",
        "Stop",
        "UserPromptSubmit",
        "PreToolUse run_shell_command",
        "Notification ToolPermission",
        "UserPromptSubmit",
        "PreToolUse write_file",
        "Notification ToolPermission",
        "PostToolUse write_file ok",
        "Stop",
        "UserPromptSubmit",
        "Stop",
        "UserPromptSubmit",
        "PreToolUse ask_user",
        "Notification ToolPermission",
        "PostToolUse ask_user ok",
        "Stop",
        "SessionEnd clear",
    ]
    notices = [event.preview for event in events if event.event_type == "Notification"]
    assert notices == ["touch stamp.txt", "touch other.txt", "notes.txt", "Ask User"]
    assert not any(event.is_sidechain for event in events)


@pytest.mark.parametrize(
    ("response", "outcome", "preview"),
    [
        ({"llmContent": "Output: 1"}, "ok", "Output: 1"),
        ({"llmContent": "gone", "error": {"message": "no file"}}, "error", "gone"),
        ({"llmContent": [{"text": "x"}]}, "ok", "ls"),
        (None, "ok", "ls"),
    ],
)
def test_how_tools_end(response: Any, outcome: str, preview: str) -> None:
    event = one(
        "AfterTool", tool_name="run_shell_command", tool_input={"command": "ls"}, tool_response=response
    )
    assert (event.event_type, event.outcome, event.preview) == ("PostToolUse", outcome, preview)
    assert event.payload == '{"command":"ls"}'


def test_turns() -> None:
    assert one("BeforeAgent", prompt="Hi").payload == '{"prompt":"Hi"}'
    assert one("AfterAgent", prompt="Hi", prompt_response="Done.").preview == "Done."
    assert one("Notification", notification_type="Other", message="m").preview == "m"


@pytest.mark.parametrize("event", ["BeforeModel", "AfterModel", "BeforeToolSelection", "PreCompress"])
def test_calls_that_say_nothing(event: str) -> None:
    """PreCompress comes with every request, although nothing is compressed."""
    assert decode("gemini", {"session_id": "s", "hook_event_name": event, "trigger": "auto"}) == []
    assert decode("gemini", b"") == []
