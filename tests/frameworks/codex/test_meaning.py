"""What each kind of line means, in old and new rollouts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mi6_tui.model import Event, EventType
from mi6_tui.model.event import command_of, prompt_of
from tests.frameworks.codex.support import (
    OLD,
    PATH,
    THREAD,
    bill,
    completed,
    context,
    counters,
    event,
    item,
    meta,
    numbers,
    of_type,
    raw,
    read,
    record,
    response,
    started,
)


def _only(event_type: str, *records: dict[str, Any] | bytes) -> list[Event]:
    return of_type(read(meta(), *records).events, event_type)


def _text(kind: str, text: str) -> list[dict[str, Any]]:
    return [{"type": kind, "text": text}]


# Prompts and replies.


@pytest.mark.parametrize("tag", ["text", "Text", "input_text", "output_text"])
def test_prompts_and_replies_of_new_rollouts(tag: str) -> None:
    decoded = read(
        meta(),
        item("UserMessage", 1, id="u1", content=_text(tag, "Hello")),
        item("AgentMessage", 2, id="m1", content=_text(tag, "Hi."), phase="final_answer"),
    )
    assert [(e.event_type, e.text, e.uuid) for e in decoded.events] == [
        (EventType.USER_PROMPT_SUBMIT, "Hello", "u1"),
        (EventType.ASSISTANT_MESSAGE, "Hi.", "m1"),
    ]


def test_prompts_and_replies_of_old_rollouts() -> None:
    decoded = read(
        meta(version=OLD),
        event("user_message", 1, message="Hello", images=[]),
        event("agent_message", 2, message="Hi."),
        event("user_message", 3, message="Hello"),
    )
    assert [(e.event_type, e.text) for e in decoded.events] == [
        (EventType.USER_PROMPT_SUBMIT, "Hello"),
        (EventType.ASSISTANT_MESSAGE, "Hi."),
        (EventType.USER_PROMPT_SUBMIT, "Hello"),
    ]
    assert len({e.key for e in decoded.events}) == 3


def test_the_same_said_as_a_response_item_is_not_told_twice() -> None:
    items = [
        response("message", n, role=role, content=_text("input_text", "Hello"))
        for n, role in enumerate(("user", "assistant", "developer"))
    ]
    assert read(meta(), *items).events == []


@pytest.mark.parametrize(
    "text",
    [
        "<environment_context>\n<cwd>/x</cwd>",
        "<user_instructions>x",
        "# AGENTS.md instructions for /x",
        "<subagent_notification>x",
        "<turn_aborted>x",
        " \n",
        "",
    ],
)
def test_what_the_client_puts_in_is_no_prompt(text: str) -> None:
    assert _only(EventType.USER_PROMPT_SUBMIT, event("user_message", 1, message=text)) == []


def test_a_picture_is_a_prompt() -> None:
    old = _only(EventType.USER_PROMPT_SUBMIT, event("user_message", 1, message="", images=["data:x"]))
    new = _only(
        EventType.USER_PROMPT_SUBMIT, item("UserMessage", 1, id="u1", content=[{"type": "local_image"}])
    )
    assert [prompt_of(e.payload) for e in old + new] == ["[image]", "[image]"]


def test_an_item_written_again_after_a_torn_line_counts_once() -> None:
    line = item("UserMessage", 1, id="u1", content=_text("text", "Hello"))
    decoded = read(meta(), json.dumps(line).encode()[:90], line, line)
    assert decoded.malformed == 1
    assert len({e.key for e in decoded.events}) == 1


# Turns.


def test_a_turn() -> None:
    decoded = read(meta(), started(1), context(2), completed(3, last_agent_message="Done."))
    assert [(e.event_type, e.duration_ms) for e in decoded.events] == [
        (EventType.TURN_START, None),
        (EventType.STOP, 1500),
    ]


def test_a_turn_in_the_other_words() -> None:
    decoded = read(meta(), event("turn_started", 1, turn_id="t1"), event("turn_complete", 2, turn_id="t1"))
    assert [e.event_type for e in decoded.events] == [EventType.TURN_START, EventType.STOP]


@pytest.mark.parametrize(
    ("reason", "event_type", "outcome"),
    [
        ("interrupted", EventType.INTERRUPT, None),
        ("replaced", EventType.STOP, "replaced"),
        ("review_ended", EventType.STOP, "review_ended"),
        ("budget_limited", EventType.API_ERROR, "budget_limited"),
        (None, EventType.STOP, None),
    ],
)
def test_a_turn_that_was_broken_off(reason: str | None, event_type: str, outcome: str | None) -> None:
    decoded = read(meta(), event("turn_aborted", 1, turn_id="t1", reason=reason))
    assert [(e.event_type, e.outcome) for e in decoded.events] == [(event_type, outcome)]


@pytest.mark.parametrize(
    ("error", "outcome", "preview"),
    [
        ({"message": "Busy.", "codex_error_info": "server_overloaded"}, "server_overloaded", "Busy."),
        ({"codex_error_info": {"x": {"http_status_code": 429}}}, "rate_limit", None),
        ({"codex_error_info": {"x": {"http_status_code": 401}}}, "authentication_failed", None),
        ({"codex_error_info": {"x": {"http_status_code": 500}}}, "x", None),
        ({"codex_error_info": {"x": {"http_status_code": [429]}}}, "x", None),
        ({"message": None, "codex_error_info": 7}, "error", None),
        ("No.", "error", "No."),
        ({}, "error", None),
    ],
)
def test_a_turn_that_failed(error: Any, outcome: str, preview: str | None) -> None:
    decoded = read(meta(), started(1), completed(2, error=error))
    found = decoded.events[1:]
    assert [(e.event_type, e.outcome, e.preview) for e in found] == [(EventType.API_ERROR, outcome, preview)]


def test_a_change_of_model_is_told_once_a_turn() -> None:
    lines = [
        context(1),
        context(2),
        context(3, "t2"),
        context(4, "t3", "gpt-6.1-sol"),
        context(5, "t3", "gpt-6.1-sol"),
    ]
    settings = event("thread_settings_applied", 3.5, thread_settings={"model": "gpt-6.1-sol"})
    found = _only(EventType.MODEL_CHANGE, *lines[:3], settings, *lines[3:])
    assert [(e.model, e.preview) for e in found] == [("gpt-6.1-sol", "gpt-5.5 -> gpt-6.1-sol")]


def test_the_settings_of_a_turn_are_facts_when_they_change() -> None:
    moved = context(3, cwd="/home/dev/other", approval_policy="never")
    facts = read(meta(), context(1), context(2), moved).facts
    told = [(fact.name, fact.value) for fact in facts if fact.name in ("cwd", "permission_mode")]
    assert told == [
        ("cwd", "/home/dev/project"),
        ("permission_mode", "on-request"),
        ("permission_mode", "never"),
        ("cwd", "/home/dev/other"),
    ]


# Compactions.


@pytest.mark.parametrize(
    "lines",
    [
        [record("compacted", 1, {}), item("ContextCompaction", 2, id="c")],
        [record("compacted", 1, {}), event("context_compacted", 2)],
        [event("context_compacted", 1), record("compacted", 2, {})],
        [event("context_compacted", 1)],
        [record("compacted", 1, {}), completed(2)],
    ],
)
def test_a_compaction_counts_once(lines: list[dict[str, Any]]) -> None:
    assert len(_only(EventType.COMPACTION, started(0.5), *lines)) == 1


def test_two_compactions_count_twice() -> None:
    one, two = record("compacted", 1, {}), record("compacted", 2, {})
    notes = event("context_compacted", 1.5), event("context_compacted", 2.5)
    assert len(_only(EventType.COMPACTION, one, notes[0], two, notes[1])) == 2
    assert len(_only(EventType.COMPACTION, one, two)) == 2
    assert len(_only(EventType.COMPACTION, notes[0], completed(1.8), one)) == 2
    assert len(_only(EventType.COMPACTION, notes[0], started(1.8, "t2"), one)) == 2


def test_the_estimate_after_a_compaction_is_its_size() -> None:
    estimate = counters(2, numbers(), numbers(0, 0, 0, 0, total_tokens=13322))
    found = _only(EventType.COMPACTION, record("compacted", 1, {}), estimate, estimate)
    assert [(e.context_size, e.version) for e in found] == [(None, "0"), (13322, "1")]
    assert len({(e.key, e.byte_offset, e.timestamp) for e in found}) == 1
    # After the next request an estimate is of something else.
    assert len(_only(EventType.COMPACTION, record("compacted", 1, {}), bill(1.5), estimate)) == 1


# Tools.


def _call(second: float = 1, **fields: Any) -> dict[str, Any]:
    return response("function_call", second, **({"name": "shell", "call_id": "c1"} | fields))


def _output(output: Any, second: float = 2, kind: str = "function_call_output") -> dict[str, Any]:
    return response(kind, second, call_id="c1", output=output)


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        ({"cmd": "ls -l"}, "ls -l"),
        ({"command": ["bash", "-lc", "ls -l | wc"]}, "ls -l | wc"),
        ({"command": ["/bin/zsh", "-c", "ls"]}, "ls"),
        ({"command": ["ls", "-l"]}, "ls -l"),
        ({"command": "ls"}, "ls"),
        ({"command": ["ls", 7]}, None),
        ({"command": []}, None),
        ({"path": "x"}, None),
    ],
)
def test_the_command_of_a_shell_call(arguments: Any, command: str | None) -> None:
    call = _only(EventType.PRE_TOOL_USE, _call(arguments=json.dumps(arguments)))[0]
    assert (call.tool_name, call.tool_use_id, command_of(call.payload)) == ("shell", "c1", command)


@pytest.mark.parametrize("arguments", ["{", "", None, {"cmd": "ls"}, 7, "[]", '"x"'])
def test_a_call_with_odd_arguments_is_a_call(arguments: Any) -> None:
    assert len(_only(EventType.PRE_TOOL_USE, _call(arguments=arguments))) == 1


@pytest.mark.parametrize(
    ("name", "text", "preview", "command"),
    [
        (
            "apply_patch",
            "*** Begin Patch\n*** Update File: a.py\n@@\n*** Add File: b.py\n+x",
            "a.py, b.py",
            None,
        ),
        ("exec", 'const r = await tools.exec_command({"cmd": "ls \\"a\\""});', 'ls "a"', 'ls "a"'),
        ("exec", 'exec_command({cmd: "a"}); exec_command({cmd: "b"})', "a b", "a\nb"),
        ("exec", "text(1)", "text(1)", None),
        ("other", "words", "words", None),
    ],
)
def test_a_call_with_free_text(name: str, text: str, preview: str, command: str | None) -> None:
    call = _only(
        EventType.PRE_TOOL_USE, response("custom_tool_call", 1, name=name, call_id="c1", input=text)
    )[0]
    assert (call.tool_name, call.preview, command_of(call.payload)) == (name, preview, command)


def test_tools_of_a_server_have_its_name() -> None:
    calls = _only(
        EventType.PRE_TOOL_USE, _call(namespace="mcp__lab", name="echo"), _call(namespace="x", name="y")
    )
    assert [call.tool_name for call in calls] == ["mcp__lab__echo", "y"]


@pytest.mark.parametrize(
    ("output", "outcome", "text"),
    [
        (
            "Chunk ID: 5c\nWall time: 0.1 seconds\nProcess exited with code 0\nOutput:\n1 passed",
            "ok",
            "1 passed",
        ),
        ("Wall time: 0.1 seconds\nProcess exited with code 2\nOutput:\nno", "error", "no"),
        ("Exit code: 1\nWall time: 0 seconds\nOutput:\nno", "error", "no"),
        ('{"output":"no","metadata":{"exit_code":1,"duration_seconds":0.2}}', "error", "no"),
        ('{"output":"yes","metadata":{"exit_code":0}}', "ok", "yes"),
        ('{"output":"yes"}', "ok", "yes"),
        ("unsupported call: shell", "error", "unsupported call: shell"),
        ("aborted by user after 2.5s", "interrupted", "aborted by user after 2.5s"),
        ("exec command rejected by user", "denied", "exec command rejected by user"),
        ("The log says: Process exited with code 3", "ok", "The log says: Process exited with code 3"),
        ([{"type": "input_text", "text": "a"}, {"type": "input_text", "text": "b"}], "ok", "a\nb"),
        ([{"type": "input_image", "image_url": "data:x"}], "ok", "[image]"),
        ({"content": "no", "success": False}, "error", "no"),
        (None, "ok", ""),
    ],
)
def test_how_a_call_ended(output: Any, outcome: str, text: str) -> None:
    end = _only(EventType.POST_TOOL_USE, _call(), _output(output))[0]
    assert (end.tool_name, end.outcome, end.text) == ("shell", outcome, text)


def test_the_client_says_how_long_a_command_took_and_that_it_failed() -> None:
    ran = item("CommandExecution", 1.5, id="c1", status="failed", duration={"secs": 2, "nanos": 345_000_000})
    end = _only(EventType.POST_TOOL_USE, _call(), ran, _output("x"))[0]
    assert (end.outcome, end.duration_ms) == ("error", 2345)


def test_old_notes_of_a_tools_end() -> None:
    patch = event("patch_apply_end", 1.5, call_id="c1", success=False)
    server = event("mcp_tool_call_end", 1.5, call_id="c1", duration={"secs": 1, "nanos": 0})
    assert _only(EventType.POST_TOOL_USE, _call(), patch, _output("x"))[0].outcome == "error"
    assert _only(EventType.POST_TOOL_USE, _call(), server, _output("x"))[0].duration_ms == 1000


def test_what_a_script_runs_counts_for_its_call() -> None:
    script = response("custom_tool_call", 1, name="exec", call_id="c1", input="text(1)")
    ran = item("CommandExecution", 1.5, id="exec-7", status="failed", duration={"secs": 9, "nanos": 0})
    done = _output("Script completed", kind="custom_tool_call_output")
    end = _only(EventType.POST_TOOL_USE, script, ran, done)[0]
    assert (end.outcome, end.duration_ms) == ("error", None)
    # Of two scripts at once nobody knows whose it was.
    other = response("custom_tool_call", 1, name="exec", call_id="c2", input="text(2)")
    assert _only(EventType.POST_TOOL_USE, script, other, ran, done)[0].outcome == "ok"


@pytest.mark.parametrize("kind", ["web_search_call", "image_generation_call"])
def test_a_call_without_an_output_item_ends_at_once(kind: str) -> None:
    found = read(
        meta(), response(kind, 1, id="ws1", action={"query": "cats"}, status="completed", result="x")
    ).events
    assert [(e.event_type, e.tool_use_id) for e in found] == [
        (EventType.PRE_TOOL_USE, "ws1"),
        (EventType.POST_TOOL_USE, "ws1"),
    ]
    assert (found[0].preview, found[1].outcome) == ("cats", "ok")


def test_a_local_shell_call() -> None:
    action = {"type": "exec", "command": ["bash", "-lc", "make"]}
    found = _only(
        EventType.PRE_TOOL_USE, response("local_shell_call", 1, id="l1", call_id="c1", action=action)
    )
    assert [(e.tool_name, command_of(e.payload)) for e in found] == [("local_shell", "make")]


def test_a_reply_stands_before_the_calls_it_makes() -> None:
    """The bill comes after the call, but what runs now is the tool."""
    first, second, billed, later = read(
        meta(), _call(1), _call(1.05, call_id="c2"), bill(1.1), bill(3, "resp_2")
    ).events
    assert billed.order == first.order != second.order
    assert later.order == (later.timestamp, later.byte_offset)


def test_a_call_of_a_turn_that_was_broken_off_is_of_no_later_reply() -> None:
    for end in (event("turn_aborted", 2, turn_id="t1", reason="interrupted"), started(2, "t2")):
        found = read(meta(), _call(1), end, bill(3)).events[-1]
        assert found.order == (found.timestamp, found.byte_offset)


# Lines.


def test_an_event_points_at_its_line() -> None:
    lines = raw(meta(), bill(1))
    found = read(meta(), bill(1)).events[0]
    assert (found.byte_offset, found.byte_length) == (lines[1][0], len(lines[1][1]))
    assert (found.transcript_path, found.session_id, found.framework) == (PATH, THREAD, "codex")
    assert found.source == "codex_session"


def test_a_line_without_a_time_has_that_of_the_one_before() -> None:
    untimed = bill(5)
    del untimed["timestamp"]
    found = read(meta(2), untimed, bill(1, "resp_2")).events
    assert [event.timestamp - found[1].timestamp for event in found] == [1000, 0]
    assert found[1].order is not None
    assert found[1].order[0] == found[0].timestamp


def test_a_line_before_the_first_time_is_counted() -> None:
    untimed = bill(5)
    del untimed["timestamp"]
    decoded = read(untimed, meta(2), bill(3))
    assert decoded.unknown == {"line without a time": 1}
    assert len(decoded.events) == 1


def test_quiet_lines_are_signs_of_life() -> None:
    decoded = read(meta(0), bill(1), record("world_state", 2, {}), record("world_state", 3, {}))
    billed = decoded.events[0].timestamp
    times = [fact.value for fact in decoded.facts if fact.name == "last_activity"]
    assert times == [billed - 1000, billed + 2000]
    assert "last_activity" not in [fact.name for fact in read(meta(1), bill(1)).facts]


def test_unknown_kinds_are_counted() -> None:
    decoded = read(
        meta(),
        record("new", 1, {}),
        event("new", 1),
        item("New", 1),
        response("new", 1),
        {"timestamp": "2026-09-01T10:00:00Z"},
        record("event_msg", 1, None),
    )
    assert decoded.unknown == {
        "new": 1,
        "event_msg:new": 1,
        "item_completed:New": 1,
        "response_item:new": 1,
        "(no type)": 1,
        "event_msg:(no type)": 1,
    }


@pytest.mark.parametrize("line", [b"[]", b"7", b"{", b"nonsense", b'{"a":1}x'])
def test_a_line_that_is_no_object_is_malformed(line: bytes) -> None:
    assert read(meta(), line, b"", b"  ").malformed == 1


def test_what_would_hurt_a_store_or_a_terminal_is_taken_out() -> None:
    line = item("UserMessage", 1, id="u\0\ud83d1", content=_text("text", "a\0b\ud83d\x1b[31mc"))
    found = read(meta(cwd="/x\0y"), line).events[0]
    assert (found.cwd, prompt_of(found.payload)) == ("/xy", "ab\ufffdc")
    assert "\0" not in (found.key or "")
    (found.key or "").encode()


def test_what_gh_printed_is_kept() -> None:
    lines = []
    for second, command, printed in ((1, "gh pr create", "https://x"), (3, "ls", "a.py")):
        lines += [_call_of(second, command), _output(printed, second + 1)]
    ended = _only(EventType.POST_TOOL_USE, *lines)
    assert [event.metadata for event in ended] == ['{"output":"https://x"}', None]


def _call_of(second: float, command: str) -> dict[str, Any]:
    return _call(second, arguments=json.dumps({"cmd": command}))
