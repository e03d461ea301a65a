"""Tool calls of all the kinds that rollouts know, and how they ended."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mi6_tui.model import Event, EventType
from mi6_tui.model.event import command_of
from tests.frameworks.codex.support import (
    bill,
    event,
    item,
    meta,
    of_type,
    read,
    response,
    started,
)


def _only(event_type: str, *records: dict[str, Any] | bytes) -> list[Event]:
    return of_type(read(meta(), *records).events, event_type)


def _text(kind: str, text: str) -> list[dict[str, Any]]:
    return [{"type": kind, "text": text}]


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


def test_what_gh_printed_is_kept() -> None:
    lines = []
    for second, command, printed in ((1, "gh pr create", "https://x"), (3, "ls", "a.py")):
        lines += [_call_of(second, command), _output(printed, second + 1)]
    ended = _only(EventType.POST_TOOL_USE, *lines)
    assert [event.metadata for event in ended] == ['{"output":"https://x"}', None]


def _call_of(second: float, command: str) -> dict[str, Any]:
    return _call(second, arguments=json.dumps({"cmd": command}))
