"""What records mean: traps of meaning, one test each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mi6_tui.model import Event, EventType
from mi6_tui.model.event import command_of
from tests.frameworks.claude.support import (
    SESSION,
    assistant,
    call,
    of_type,
    read,
    result,
    system,
    text,
    user,
)

_NOTE = (
    "<task-notification>\n<task-id>{task}</task-id>\n<tool-use-id>{tool}</tool-use-id>\n"
    "<status>completed</status>\n<summary>Agent finished</summary>\n<result>Said <b>.</result>\n"
    "<usage><duration_ms>861</duration_ms></usage>\n</task-notification>"
)


def _prompts(*records: dict[str, Any]) -> list[str]:
    return [e.text for e in of_type(read(*records).events, EventType.USER_PROMPT_SUBMIT)]


# Prompts.


@pytest.mark.parametrize(
    "record",
    [
        user("x", isMeta=True),
        user("x", isCompactSummary=True),
        user("x", promptSource="system"),
        user("x", origin={"kind": "peer"}),
        user("x", origin={"kind": "coordinator"}),
        user("x", isSidechain=True, agentId="a1"),
        user("<command-name>/clear</command-name>"),
        user("<command-message>sum</command-message>"),
        user("<local-command-stdout>ok</local-command-stdout>"),
        user("<local-command-caveat>..."),
        user("<bash-input>ls</bash-input>"),
        user("<bash-stdout>a</bash-stdout>"),
        user("<system-reminder>be good</system-reminder>"),
        user("  \n"),
        user("[Request interrupted by user]"),
        user(_NOTE.format(task="a1", tool="t1")),
        result("t1", "done"),
    ],
)
def test_what_the_client_puts_in_is_no_prompt(record: dict[str, Any]) -> None:
    assert _prompts(record) == []


@pytest.mark.parametrize(
    "record",
    [
        user("x"),
        user("x", origin={"kind": "human"}, promptSource="typed"),
        user("x", promptSource="sdk", turnOrigin="sdk"),
        user([text("x")]),
        user("x", isMeta=False, isCompactSummary=None),
    ],
)
def test_what_a_person_or_a_script_asked_is_a_prompt(record: dict[str, Any]) -> None:
    assert _prompts(record) == ["x"]


def test_pictures_stand_in_a_prompt_by_name() -> None:
    picture = {"type": "image", "source": {"type": "base64", "data": "AAAA"}}
    assert _prompts(user([picture, text("look")]), user([picture])) == ["[image]\nlook", "[image]"]


def test_prompts_are_cut_and_stay_valid_json() -> None:
    (event,) = read(user('"\\' * 5000)).events
    assert event.payload is not None
    assert len(json.loads(event.payload)["prompt"]) == 2048


# Requests.


def test_errors_that_end_a_turn() -> None:
    (error,) = read(
        assistant(text("API Error: 429"), model="<synthetic>", isApiErrorMessage=True, error="rate_limit")
    ).events
    assert (error.event_type, error.outcome, error.preview) == ("ApiError", "rate_limit", "API Error: 429")
    (nameless,) = read(assistant(text("x"), model="<synthetic>", isApiErrorMessage=True)).events
    assert nameless.outcome == "error"


@pytest.mark.parametrize(
    ("error", "preview"),
    [
        ({"formatted": "529 Overloaded", "message": "529 {...}"}, "529 Overloaded"),
        ({"message": "no"}, "no"),
        ("text", "text"),
        ({}, None),
        (None, None),
        (5, None),
    ],
)
def test_errors_that_are_tried_again(error: Any, preview: str | None) -> None:
    (event,) = read(system("api_error", error=error, retryAttempt=1)).events
    assert (event.event_type, event.outcome, event.preview) == ("ApiError", "retrying", preview)


def test_a_change_of_model_on_the_main_chain() -> None:
    other: dict[str, Any] = {"message_id": "msg_2", "request_id": "req_2", "model": "claude-sonnet-5-5"}
    side = assistant(text("s"), model="claude-haiku-5", message_id="msg_s", isSidechain=True, agentId="a1")
    events = read(
        assistant(text("a")), side, assistant(text("b"), **other), assistant(text("c"), **other)
    ).events
    (change,) = of_type(events, EventType.MODEL_CHANGE)
    assert (change.preview, change.model) == ("claude-opus-5-5 -> claude-sonnet-5-5", "claude-sonnet-5-5")
    assert change.key == "claude:model:msg_2:req_2"


# Tools.


@pytest.mark.parametrize(
    ("name", "arguments", "preview"),
    [
        ("Bash", {"command": "ls\n  -l", "description": "List"}, "ls -l"),
        ("Read", {"file_path": "/a/b.py", "limit": 3}, "/a/b.py"),
        ("Grep", {"pattern": "x+", "path": "/a"}, "x+"),
        ("WebFetch", {"url": "http://x", "prompt": "What?"}, "http://x"),
        ("Agent", {"description": "Look", "prompt": "Long", "subagent_type": "scout"}, "Look"),
        ("AskUserQuestion", {"questions": [{"question": "Which?"}]}, "Which?"),
        ("AskUserQuestion", {"questions": [3]}, '{"questions": [3]}'),
        ("ExitPlanMode", {"plan": "1. Do\n2. Test"}, "1. Do 2. Test"),
        ("mcp__lab__echo", {"words": "hi"}, '{"words": "hi"}'),
        ("TaskList", {}, None),
        ("Bash", {"command": 5}, '{"command": 5}'),
    ],
)
def test_a_call_in_a_few_words(name: str, arguments: dict[str, Any], preview: str | None) -> None:
    call_ = {"type": "tool_use", "id": "t1", "name": name, "input": arguments}
    (pre,) = of_type(read(assistant(call_)).events, EventType.PRE_TOOL_USE)
    assert (pre.preview, pre.tool_name, pre.key) == (preview, name, "claude:tool:t1:pre")


def test_the_whole_command_of_a_shell_call_is_kept() -> None:
    command = "git commit -m 'a\nb' && gh pr view 7"
    events = read(assistant(call("t1", "Bash", command=command)), result("t1", "ok")).events
    assert [command_of(e.payload) for e in events if e.tool_name] == [command, command]


def test_output_is_kept_only_of_gh_commands() -> None:
    events = read(
        assistant(call("t1", "Bash", command="gh issue create"), call("t2", "Bash", command="cat /secret")),
        result("t1", "shown", toolUseResult={"stdout": "https://example.test/" + "x" * 5000}),
        result("t2", "secret"),
    ).events
    kept, dropped = of_type(events, EventType.POST_TOOL_USE)
    assert kept.metadata is not None and dropped.metadata is None
    assert len(json.loads(kept.metadata)["output"]) == 2048


@pytest.mark.parametrize(
    ("more", "is_error", "outcome"),
    [
        ({}, False, "ok"),
        ({"toolUseResult": {"stdout": "x", "interrupted": False}}, False, "ok"),
        ({"toolUseResult": "Error: Exit code 3"}, True, "error"),
        ({"toolUseResult": "User rejected tool use", "toolDenialKind": "user-rejected"}, True, "denied"),
        ({"toolUseResult": "User rejected tool use"}, True, "denied"),
        ({"toolDenialKind": "permission-rule"}, True, "denied"),
        ({"toolDenialKind": "interrupted"}, True, "interrupted"),
        ({"toolUseResult": {"interrupted": True}}, False, "interrupted"),
        ({"toolUseResult": {"backgroundTaskId": "b1"}}, False, "background"),
        ({"toolUseResult": {"status": "async_launched"}}, False, "background"),
    ],
)
def test_how_a_call_ended(more: dict[str, Any], is_error: bool, outcome: str) -> None:
    events = read(
        assistant(call("t1", "Bash", command="x")), result("t1", "text", is_error=is_error, **more)
    ).events
    (post,) = of_type(events, EventType.POST_TOOL_USE)
    assert (post.outcome, post.tool_name, post.preview) == (outcome, "Bash", "text")


def test_parallel_calls_of_one_message() -> None:
    events = read(
        assistant(call("t1", "Read", file_path="/a"), stop="tool_use"),
        assistant(call("t2", "Bash", command="b"), stop="tool_use"),
        result("t2", "two"),
        result("t1", "one"),
    ).events
    ends = [(e.tool_use_id, e.tool_name) for e in of_type(events, EventType.POST_TOOL_USE)]
    assert ends == [("t2", "Bash"), ("t1", "Read")]
    assert len({e.key for e in of_type(events, EventType.API_REQUEST)}) == 1


def test_a_result_shows_its_first_text_shortly() -> None:
    blocks = [{"type": "image"}, text("y" * 5000)]
    (post,) = read(result("t1", blocks)).events
    assert post.preview == "y" * 300


# Interruptions.


@pytest.mark.parametrize(
    "words", ["[Request interrupted by user]", "[Request interrupted by user for tool use]"]
)
def test_interruptions(words: str) -> None:
    (event,) = read(user([text(words)], uuid="u-1")).events
    assert (event.event_type, event.key) == ("Interrupt", "claude:interrupt:u-1")


def test_a_call_that_died_with_its_client_is_an_interruption() -> None:
    events = read(
        result("t1", "[Tool call interrupted: ...]", is_error=True, toolDenialKind="interrupted")
    ).events
    assert [e.event_type for e in events] == ["PostToolUse", "Interrupt"]


# Subagents.


def _stops(*records: dict[str, Any]) -> list[Event]:
    return of_type(read(*records).events, EventType.SUBAGENT_STOP)


@pytest.mark.parametrize("name", ["Agent", "Task"])
def test_a_subagent_in_the_foreground(name: str) -> None:
    done = {"status": "completed", "agentId": "a1", "totalDurationMs": 4200}
    events = read(
        assistant(call("t1", name, description="Look", subagent_type="scout")),
        result("t1", [text("found")], toolUseResult=done),
    ).events
    (start,), (stop,) = of_type(events, EventType.SUBAGENT_START), of_type(events, EventType.SUBAGENT_STOP)
    assert (start.key, start.subagent_type, start.preview) == ("claude:agent:t1:start", "scout", "Look")
    assert (stop.key, stop.spawned_agent_id, stop.duration_ms) == ("claude:agent:t1:stop", "a1", 4200)
    assert (stop.outcome, stop.tool_use_id) == ("completed", start.tool_use_id)


def test_launched_is_not_ended() -> None:
    launch = {"isAsync": True, "status": "async_launched", "agentId": "a1"}
    assert _stops(assistant(call("t1", "Agent")), result("t1", "launched", toolUseResult=launch)) == []


def test_a_refused_subagent_has_ended() -> None:
    refused = result("t1", "no", is_error=True, toolDenialKind="user-rejected")
    (stop,) = _stops(assistant(call("t1", "Agent")), refused)
    assert stop.outcome == "denied"


@pytest.mark.parametrize("first", ["queue", "attachment", "user"])
def test_the_first_notice_of_an_end_counts_wherever_it_stands(first: str) -> None:
    told = _NOTE.format(task="a1", tool="t1")
    places: dict[str, dict[str, Any]] = {
        "queue": {"type": "queue-operation", "operation": "enqueue", "content": told},
        "attachment": {"type": "attachment", "attachment": {"type": "queued_command", "prompt": told}},
        "user": user(told, 30, origin={"kind": "task-notification"}),
    }
    notices = [{**places.pop(first), "timestamp": "2026-09-01T10:00:10Z"}, *places.values()]
    (stop,) = _stops(assistant(call("t1", "Agent")), *notices, *notices)
    assert stop.timestamp % 60_000 == 10_000
    assert (stop.spawned_agent_id, stop.outcome, stop.duration_ms) == ("a1", "completed", 861)
    assert (stop.preview, stop.session_id) == ("Agent finished", SESSION)


def test_the_end_of_a_background_shell_is_no_subagents() -> None:
    assert _stops(user(_NOTE.format(task="bxb5tft9z", tool="t1"))) == []


def test_two_notices_in_one_text() -> None:
    both = _NOTE.format(task="a1", tool="t1") + "\n" + _NOTE.format(task="a2", tool="t2")
    assert [e.tool_use_id for e in _stops(user(both))] == ["t1", "t2"]


# The client's own notes.


def test_the_end_of_a_turn() -> None:
    (stop,) = read(system("turn_duration", durationMs=11000, uuid="u-1")).events
    assert (stop.event_type, stop.duration_ms, stop.key) == ("Stop", 11000, "claude:stop:u-1")


@pytest.mark.parametrize("kind", ["system", "compact_boundary"])
def test_compaction(kind: str) -> None:
    data = {"trigger": "auto", "preTokens": 15433, "postTokens": 2634}
    record = system("compact_boundary", compactMetadata=data) | {"type": kind}
    (event,) = read(record).events
    assert (event.event_type, event.outcome, event.context_size) == ("Compaction", "auto", 2634)
    assert event.preview == "15433 -> 2634 tokens"


def test_compaction_of_an_old_client_leaves_the_context_unknown() -> None:
    (event,) = read(system("compact_boundary", compactMetadata={"trigger": "manual", "preTokens": 9})).events
    assert (event.outcome, event.context_size, event.preview) == ("manual", None, None)


def test_a_block_written_again_has_the_same_identities() -> None:
    block = [user("a", 1), assistant(text("b"), call("t1", "Read"), second=2), result("t1", "x", 3)]
    events = read(*block, *block).events
    assert [e.key for e in events[: len(events) // 2]] == [e.key for e in events[len(events) // 2 :]]


def test_accounts_never_come_along() -> None:
    private = {"type": "session_context", "email": "ada@example.test", "prompt": "ada@example.test"}
    attachment = {**user("x"), "type": "attachment", "attachment": private}
    bridge = {"type": "bridge-session", "sessionId": SESSION, "ownerUuid": "owner-1"}
    decoded = read(user("hello"), attachment, bridge)
    assert decoded.unknown == {}
    assert "example.test" not in repr(decoded) and "owner-1" not in repr(decoded)
