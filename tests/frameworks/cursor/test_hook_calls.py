"""What calls of Cursor's hooks mean, by their documented shapes."""

from __future__ import annotations

from typing import Any

import pytest

from mi6_tui.model import Event
from tests.frameworks.hook_calling import briefly, decode, told


def one(event: str, **fields: Any) -> Event:
    common = {"conversation_id": "c", "hook_event_name": event, "workspace_roots": ["/p"]}
    (found,) = decode("cursor", {**common, **fields})
    return found


def test_a_session() -> None:
    events = told("cursor", "invented")
    assert briefly(events) == [
        "SessionStart",
        "UserPromptSubmit",
        "PostToolUse Read ok",
        "PostToolUse Shell ok",
        "PostToolUse Shell denied",
        "AssistantMessage",
        "Stop",
        "UserPromptSubmit",
        "SubagentStop completed",
        "PreCompact auto",
        "Interrupt",
        "UserPromptSubmit",
        "ApiError error",
        "SessionEnd user_close",
    ]
    assert {event.cwd for event in events} == {"/home/dev/project"}
    assert "someone@example.com" not in repr(events)


def test_what_is_kept_of_a_call() -> None:
    shell = {"tool_name": "Shell", "tool_input": {"command": "gh pr view"}, "tool_use_id": "t"}
    event = one("postToolUse", **shell, tool_output="https://x", cwd="/p/src")
    assert (event.payload, event.metadata) == ('{"command":"gh pr view"}', '{"output":"https://x"}')
    assert (event.cwd, event.tool_use_id) == ("/p", "t")
    assert one("stop", workspace_roots=[7, "no path"], cwd="/q").cwd == "/q"
    assert one("afterAgentResponse", text="Done.").preview == "Done."


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"failure_type": "timeout"}, "error"),
        ({"failure_type": "permission_denied"}, "denied"),
        ({"failure_type": "error", "is_interrupt": True}, "interrupted"),
        ({}, "error"),
    ],
)
def test_how_tools_fail(fields: dict[str, Any], outcome: str) -> None:
    assert one("postToolUseFailure", tool_name="Shell", **fields).outcome == outcome


@pytest.mark.parametrize("event", ["afterFileEdit", "workspaceOpen", "preToolUse", "afterAgentThought"])
def test_calls_that_say_nothing(event: str) -> None:
    assert decode("cursor", {"conversation_id": "c", "hook_event_name": event}) == []
    assert decode("cursor", {"hook_event_name": "stop"}) == []
