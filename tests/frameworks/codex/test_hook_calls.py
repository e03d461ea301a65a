"""What calls of Codex CLI's hooks mean."""

from __future__ import annotations

from typing import Any

import pytest

from mi6_tui.model import Event
from tests.frameworks.hook_calling import AT, briefly, decode, told


def one(event: str, **fields: Any) -> Event:
    (found,) = decode("codex", {"session_id": "root", "hook_event_name": event, "cwd": "/p", **fields})
    return found


def test_a_terminal_session() -> None:
    """Permission granted, declined, a stream interrupted, compaction, /new, a subagent, the end."""
    root, other = "01a2070a-cb5f-7ad3-b0df-67dff15e0496", "01a2070b-5fd5-7aa3-920d-ce1fed57c1d8"
    events = told("codex", "tui-permission")
    assert briefly([event for event in events if event.session_id == root]) == [
        "SessionStart startup",
        "UserPromptSubmit",
        "PreToolUse Bash",
        "PermissionRequest Bash",
        "PostToolUse Bash ok",
        "Stop",
        "UserPromptSubmit",
        "PreToolUse Bash",
        "PermissionRequest Bash",
        "Interrupt",
        "UserPromptSubmit",
        "Interrupt",
        "UserPromptSubmit",
        "Stop",
        "PreCompact manual",
        "PostCompact manual",
        "SessionEnd other",
    ]
    assert briefly([event for event in events if event.session_id == other])[5:9] == [
        "PostToolUse collaborationspawn_agent ok",
        "SubagentStart",
        "PreToolUse collaborationwait_agent",
        "> PreToolUse Bash",
    ]
    assert {event.session_id for event in events} == {root, other}


def test_a_subagent_has_its_own_file_but_the_session_of_its_root() -> None:
    root, child = "01a20709-dbda-70c1-8588-7242bd3299b6", "01a20709-dd6d-7d80-9a6f-086aa1639186"
    events = told("codex", "subagent")
    assert {event.session_id for event in events} == {root}
    assert [event.spawned_agent_id for event in events if "Subagent" in event.event_type] == [child, child]
    assert {event.agent_id for event in events if event.is_sidechain} == {child}
    assert not any(child in (event.transcript_path or "") for event in events)


def test_a_permission_is_about_its_command() -> None:
    command = {"command": "touch stamp.txt", "description": "May I create stamp.txt?"}
    event = one("PermissionRequest", tool_name="Bash", tool_input=command, model="gpt-6.1-sol")
    assert (event.event_type, event.outcome, event.preview) == ("PermissionRequest", None, "touch stamp.txt")
    assert (event.payload, event.model) == ('{"command":"touch stamp.txt"}', "gpt-6.1-sol")
    assert (event.timestamp, event.source) == (AT, "hook")


def test_a_patch_is_about_its_files() -> None:
    patch = (
        "*** Begin Patch\n*** Update File: greet.py\n@@\n-a\n+b\n*** Add File: new.py\n+c\n*** End Patch\n"
    )
    event = one("PreToolUse", tool_name="apply_patch", tool_use_id="c1", tool_input={"command": patch})
    assert (event.tool_name, event.preview, event.payload) == ("apply_patch", "greet.py, new.py", None)
    assert event.key == "codex:hook:root:tool:c1:pre"


@pytest.mark.parametrize(
    ("response", "outcome", "preview"),
    [
        ("HELLO\n", "ok", "HELLO"),
        ("Exit code: 1\nWall time: 0 seconds\nOutput:\nno\n", "error", "no"),
        ("aborted by user after 1 s", "interrupted", "aborted by user after 1 s"),
        ("", "ok", "ls"),
        ({"content": "x", "success": False}, "error", "x"),
        (None, "ok", "ls"),
    ],
)
def test_how_tools_end(response: Any, outcome: str, preview: str) -> None:
    event = one("PostToolUse", tool_name="Bash", tool_input={"command": "ls"}, tool_response=response)
    assert (event.event_type, event.outcome, event.preview) == ("PostToolUse", outcome, preview)


@pytest.mark.parametrize("event", ["PreModelRequest", "notify", ""])
def test_calls_that_say_nothing(event: str) -> None:
    assert decode("codex", {"session_id": "root", "hook_event_name": event}) == []
    assert decode("codex", b"") == []
