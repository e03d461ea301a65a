"""What calls of Claude Code's hooks mean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mi6_tui.frameworks.hook_events import PAYLOAD_LIMIT
from mi6_tui.model import Event
from tests.frameworks.hook_calling import AT, briefly, decode, told

SESSION = "11111111-2222-4333-8444-555555555555"


def one(event: str, *, call: dict[str, Any] | None = None, **fields: Any) -> Event:
    payload = {"session_id": SESSION, "hook_event_name": event, "cwd": "/p", **fields}
    (found,) = decode("claude", payload, **(call or {}))
    return found


def test_what_every_event_of_a_call_carries() -> None:
    event = one("Stop", transcript_path=f"/h/.claude/projects/p/{SESSION}.jsonl", permission_mode="plan")
    assert (event.machine_id, event.session_id, event.framework) == ("box", SESSION, "claude")
    assert (event.timestamp, event.source, event.pid, event.process_start_time) == (AT, "hook", 4711, None)
    assert (event.cwd, event.permission_mode) == ("/p", "plan")
    assert event.transcript_path == f"/h/.claude/projects/p/{SESSION}.jsonl"
    assert (event.is_sidechain, event.agent_id) == (False, None)
    assert event.key == "claude:hook:box:99.1:0"


def test_a_question_a_plan_and_a_form() -> None:
    """One recorded session: each question at once, the reminder six seconds later, then the answer."""
    events = [e for e in told("claude", "tui-questions") if e.event_type not in ("Stop", "SubagentStart")][
        :18
    ]
    assert briefly(events) == [
        "SessionStart startup",
        "UserPromptSubmit",
        "PreToolUse AskUserQuestion",
        "PermissionRequest AskUserQuestion",
        "Notification permission_prompt",
        "PostToolUse AskUserQuestion ok",
        "PostToolUse AskUserQuestion",
        "UserPromptSubmit",
        "PreToolUse ExitPlanMode",
        "PermissionRequest ExitPlanMode",
        "Notification permission_prompt",
        "PostToolUse ExitPlanMode ok",
        "PostToolUse ExitPlanMode",
        "UserPromptSubmit",
        "PreToolUse mcp__lab__ask_name",
        "Elicitation",
        "Notification elicitation_dialog",
        "ElicitationResult accept",
    ]
    assert {events[place].preview for place in (2, 3, 5)} == {"Which colour do you like?"}
    assert events[4].preview == "Claude needs your permission"
    assert events[15].preview == "What name shall be greeted?"


def test_a_subagent_in_the_background() -> None:
    child = "a9e048af883961cef"
    events = told("claude", "subagent")
    assert briefly(events) == [
        "SessionStart startup",
        "UserPromptSubmit",
        "PreToolUse Agent",
        "PostToolUse Agent background",
        "SubagentStart",
        "PostToolUse Agent",
        "> PreToolUse Bash",
        "Stop",
        "> PostToolUse Bash ok",
        "> PostToolUse Bash",
        "SubagentStop",
        "TurnStart",
        "Stop",
        "SessionEnd other",
    ]
    assert events[2].subagent_type == "general-purpose"
    assert events[3].key == events[5].key
    assert [e.spawned_agent_id for e in (events[4], events[10])] == [child, child]
    assert {e.agent_id for e in events if e.is_sidechain} == {child}
    assert all(e.transcript_path is None for e in events if e.is_sidechain)
    assert json.loads(events[7].metadata or "") == {"background": {"subagent": 1}}
    assert json.loads(events[12].metadata or "") == {"background": {}}
    assert events[12].preview == "The helper found 1 python file."


@pytest.mark.parametrize(
    ("tasks", "background"),
    [
        ([], {}),
        ([{"type": "shell", "status": "running"}, {"type": "shell", "status": "completed"}], {"shell": 1}),
        (
            [{"type": kind, "status": "running"} for kind in ("subagent", "shell", "subagent")],
            {"subagent": 2, "shell": 1},
        ),
        (
            [
                1,
                None,
                {"status": "running"},
                {"type": 5, "status": "running"},
                {"type": "", "status": "running"},
            ],
            {},
        ),
    ],
)
def test_what_runs_on_after_a_turn(tasks: list[Any], background: dict[str, int]) -> None:
    assert json.loads(one("Stop", background_tasks=tasks).metadata or "") == {"background": background}


@pytest.mark.parametrize("fields", [{}, {"background_tasks": None}, {"background_tasks": "3"}])
def test_a_client_that_does_not_say_what_runs_on(fields: dict[str, Any]) -> None:
    assert one("Stop", **fields).metadata is None


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        ({"attended": True, "entrypoint": "cli"}, None),
        ({"attended": False, "entrypoint": "sdk-cli"}, "unattended"),
        ({"attended": None, "entrypoint": "sdk-cli"}, "unattended"),
        ({"attended": None, "entrypoint": "cli"}, None),
        ({}, None),
    ],
)
def test_a_permission_that_nobody_can_give(call: dict[str, Any], outcome: str | None) -> None:
    event = one("PermissionRequest", call=call, tool_name="Bash", tool_input={"command": "touch x"})
    assert (event.event_type, event.outcome, event.tool_name) == ("PermissionRequest", outcome, "Bash")
    assert (event.payload, event.preview) == ('{"command":"touch x"}', "touch x")


def test_a_refused_tool_is_told_by_the_batch_alone() -> None:
    events = told("claude-headless", "needs-permission")
    assert [(e.event_type, e.outcome) for e in events[2:5]] == [
        ("PreToolUse", None),
        ("PermissionRequest", "unattended"),
        ("PostToolUse", None),
    ]
    assert (events[2].key or "").replace("pre", "post") == events[4].key
    call = {
        "tool_name": "Bash",
        "tool_use_id": "t1",
        "tool_input": {},
        "tool_response": "Permission to use Bash ...",
    }
    assert one("PostToolBatch", tool_calls=[call]).outcome == "denied"


@pytest.mark.parametrize(
    ("event", "fields", "outcome", "preview"),
    [
        ("PostToolUse", {"tool_response": {"stdout": "done", "interrupted": False}}, "ok", "done"),
        ("PostToolUse", {"tool_response": {"stdout": "", "interrupted": True}}, "interrupted", "ls"),
        ("PostToolUse", {"tool_response": {"backgroundTaskId": "b1"}}, "background", "ls"),
        ("PostToolUse", {"tool_response": "text"}, "ok", "text"),
        ("PostToolUse", {"tool_response": [1]}, "ok", "ls"),
        ("PostToolUseFailure", {"error": "Exit code 3", "is_interrupt": False}, "error", "Exit code 3"),
        ("PostToolUseFailure", {"error": "stop", "is_interrupt": True}, "interrupted", "stop"),
        ("PermissionDenied", {"reason": "unsafe"}, "denied", "unsafe"),
    ],
)
def test_how_tools_end(event: str, fields: dict[str, Any], outcome: str, preview: str) -> None:
    found = one(
        event, tool_name="Bash", tool_use_id="t1", tool_input={"command": "ls"}, duration_ms=7, **fields
    )
    assert (found.event_type, found.outcome, found.preview) == ("PostToolUse", outcome, preview)
    assert (found.tool_use_id, found.duration_ms, found.version) == ("t1", 7, "1")
    assert found.key == f"claude:hook:{SESSION}:tool:t1:post"


def test_what_gh_printed_is_kept() -> None:
    event = one(
        "PostToolUse",
        tool_name="Bash",
        tool_input={"command": "gh pr create"},
        tool_response={"stdout": "https://github.com/o/n/pull/7\n"},
    )
    assert event.metadata == '{"output":"https://github.com/o/n/pull/7"}'


@pytest.mark.parametrize(
    ("event", "fields", "expected"),
    [
        ("SessionEnd", {"reason": "clear"}, ("SessionEnd", "clear", None)),
        ("SessionStart", {"source": "resume", "model": "m"}, ("SessionStart", "resume", None)),
        (
            "Notification",
            {"notification_type": "idle_prompt", "message": "x"},
            ("Notification", "idle_prompt", "x"),
        ),
        ("StopFailure", {"error": "rate_limit", "error_details": "429"}, ("ApiError", "rate_limit", "429")),
        ("StopFailure", {"last_assistant_message": "API Error"}, ("ApiError", "error", "API Error")),
        ("PreCompact", {"trigger": "auto"}, ("PreCompact", "auto", None)),
        ("PostCompact", {"trigger": "manual", "compact_summary": "s"}, ("PostCompact", "manual", None)),
        ("PostModelSwitch", {"from_model": "a", "to_model": "b"}, ("ModelChange", None, "a -> b")),
    ],
)
def test_other_events(event: str, fields: dict[str, Any], expected: tuple[str, ...]) -> None:
    found = one(event, **fields)
    assert (found.event_type, found.outcome, found.preview) == expected
    if "model" in fields or "to_model" in fields:
        assert found.model in ("m", "b")


def test_prompts_are_the_users_unless_the_machine_made_them() -> None:
    assert one("UserPromptSubmit", prompt="Fix it.\nNow.").payload == '{"prompt":"Fix it.\\nNow."}'
    for text in ("<task-notification>\n<task-id>b1</task-id>", "  ", ""):
        event = one("UserPromptSubmit", prompt=text)
        assert (event.event_type, event.payload) == ("TurnStart", None)


@pytest.mark.parametrize("text", ["x" * 100_000, "€" * 5000, '"\\\n' * 5000, "\U0001f680" * 3000])
def test_a_payload_stays_small(text: str) -> None:
    prompt = one("UserPromptSubmit", prompt=text).payload or ""
    command = one("PreToolUse", tool_name="Bash", tool_input={"command": text}).payload or ""
    for payload, field in ((prompt, "prompt"), (command, "command")):
        assert PAYLOAD_LIMIT // 2 < len(payload.encode()) <= PAYLOAD_LIMIT
        assert text.startswith(json.loads(payload)[field])


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe{}",
        b'{"session_id":5,"hook_event_name":"Stop"}',
        b'{"session_id":"s"}',
        b'{"session_id":"s","hook_event_name":"MessageDisplay"}',
        b'{"session_id":"s","hook_event_name":"apirequest"}',
        b'{"session_id":"s","hook_event_name":"PostToolBatch"}',
        b'{"session_id":"s","hook_event_name":"PostModelSwitch"}',
    ],
)
def test_calls_that_say_nothing(payload: bytes) -> None:
    assert decode("claude", payload) == []


def test_damaged_text_is_read_as_far_as_it_goes() -> None:
    payload = (
        b'{"session_id":"s","hook_event_name":"Stop","last_assistant_message":"a\xff\\u0000\\ud800b","x":NaN}'
    )
    (event,) = decode("claude", payload)
    assert event.preview == "a\ufffdb" or event.preview == "a\ufffd\ufffdb"
