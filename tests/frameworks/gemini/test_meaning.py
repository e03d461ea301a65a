"""What each line says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.errors import TranscriptError
from mi6_tui.frameworks.gemini import FRAMEWORK
from mi6_tui.model import Event, EventType
from tests.frameworks.gemini.support import (
    CHATS,
    PATH,
    SESSION,
    TOKENS,
    at,
    call,
    header,
    info,
    patch,
    read,
    reply,
    user,
)
from tests.frameworks.pieces import jsonl, of_type, store, write


def _request(tokens: Any) -> Event:
    return of_type(read(header(), reply(tokens=tokens)).events, EventType.API_REQUEST)[0]


def test_cached_is_inside_input_and_thoughts_are_outside_output() -> None:
    request = _request(TOKENS)
    assert (request.tokens_input, request.tokens_cache_read, request.tokens_cache_write) == (2003, 5000, 0)
    assert (request.tokens_output, request.tokens_reasoning) == (52, 12)
    assert request.prompt_tokens == 7003
    assert not request.tokens_incomplete


def test_thoughts_and_tool_may_be_left_out() -> None:
    request = _request({"input": 10, "output": 4, "cached": 0, "total": 14})
    assert (request.tokens_input, request.tokens_output, request.tokens_reasoning) == (10, 4, None)
    assert not request.tokens_incomplete


@pytest.mark.parametrize("bad", [-1, 1.5, "7", None, True, 10**12 + 1, 2**63, [], ...])
@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("input", ["tokens_input"]),
        ("cached", ["tokens_input", "tokens_cache_read"]),
        ("output", ["tokens_output"]),
    ],
)
def test_a_number_that_is_no_count_is_unknown(name: str, lost: list[str], bad: Any) -> None:
    tokens = {key: value for key, value in (TOKENS | {name: bad}).items() if value is not ...}
    request = _request(tokens)
    assert [getattr(request, field) for field in lost] == [None] * len(lost)
    assert request.tokens_incomplete


def test_more_cached_than_sent_is_unknown() -> None:
    request = _request({**TOKENS, "input": 12, "cached": 14000})
    assert (request.tokens_input, request.tokens_cache_read) == (None, 14000)
    assert request.tokens_incomplete


def test_a_reply_without_numbers_is_a_request_without_numbers() -> None:
    for tokens in (None, "many", 7):
        request = _request(tokens)
        assert (request.tokens_input, request.tokens_output, request.tokens_cache_write) == (None, None, None)
        assert request.tokens_incomplete


def test_the_same_message_told_again_is_one_request_and_the_last_numbers_hold(tmp_path: Path) -> None:
    later = {**TOKENS, "output": 90}
    again = reply(tokens=later, toolCalls=[call("read_file")])
    content = jsonl([header(), user("Hi"), reply(), again, patch(lastUpdated=at(6))])
    write(tmp_path, {PATH: content})
    events, [session] = store(FRAMEWORK, tmp_path, tmp_path / "mi6.db")
    [request] = of_type(events, EventType.API_REQUEST)
    assert (request.tokens_output, request.outcome) == (102, "tool_use")
    assert (session.api_request_count, session.tokens_output, session.tool_call_count) == (1, 102, 1)
    assert session.last_activity == 1_788_256_806_000


def test_a_rewind_does_not_give_the_money_back() -> None:
    decoded = read(
        header(), user("Hi"), reply(), {"$rewindTo": "u1"}, user("Ho", 5, "u2"), reply("x", 6, "g2")
    )
    assert len(of_type(decoded.events, EventType.API_REQUEST)) == 2
    assert decoded.unknown == {}


def test_a_history_told_again_on_resume_changes_nothing(tmp_path: Path) -> None:
    first = [header(), user("One"), reply(message_id="g1"), user("Two", 5, "u2"), reply("Bye.", 6, "g2")]
    old = [
        user("One", 20),
        {"id": "g1", "timestamp": at(20), "type": "gemini", "content": [{"text": "Hello."}]},
    ]
    again = [
        header(20),
        patch(sessionId=SESSION),
        patch(messages=[*old, user("Two", 20, "u2")], lastUpdated=at(20)),
    ]
    write(tmp_path, {PATH: jsonl([*first, *again])})
    _, [session] = store(FRAMEWORK, tmp_path, tmp_path / "mi6.db")
    assert (session.message_count, session.api_request_count) == (2, 2)
    assert session.last_user_message == "Two"
    assert session.context == 7003


def test_a_list_of_full_messages_bills_what_no_line_did_and_moves_nothing(tmp_path: Path) -> None:
    large = {**TOKENS, "input": 9000}
    lines = [
        header(),
        user("One"),
        reply("Later.", 8, "g2", tokens=large),
        patch(messages=[reply("Earlier.", 4, "g1"), reply("Later.", 8, "g2", tokens=large)]),
    ]
    write(tmp_path, {PATH: jsonl(lines)})
    events, [session] = store(FRAMEWORK, tmp_path, tmp_path / "mi6.db")
    assert session.api_request_count == 2
    assert session.context == 9003
    assert [e.timestamp % 60_000 for e in of_type(events, EventType.API_REQUEST)] == [8000, 4000]


def test_a_history_written_again_as_new_messages_is_no_prompt_and_no_request() -> None:
    """As after a denied tool call."""
    context = {"text": "<session_context>\nThis is the context."}
    decoded = read(
        header(),
        user("One"),
        reply(),
        info("Request cancelled.", 9),
        user([context, {"text": "One"}], 9, "new1"),
        {"id": "new2", "timestamp": at(9), "type": "gemini", "content": "Hello.", "tokens": None},
        user("One", 12, "u2"),
    )
    prompts = of_type(decoded.events, EventType.USER_PROMPT_SUBMIT)
    assert [event.uuid for event in prompts] == ["u1", "u2"]
    assert len(of_type(decoded.events, EventType.API_REQUEST)) == 1
    assert [event.preview for event in of_type(decoded.events, EventType.INTERRUPT)] == ["Request cancelled."]


def test_what_the_client_adds_is_no_prompt_but_names_the_folder() -> None:
    text = "<session_context>\n- **Workspace Directories:**\n  - /home/dev/project\n  - /other\n"
    decoded = read(
        header(), patch(messages=[user(text)]), user("Hi", 2), user([{"functionResponse": {}}], 3, "u3")
    )
    [prompt] = of_type(decoded.events, EventType.USER_PROMPT_SUBMIT)
    assert (prompt.text, prompt.cwd) == ("Hi", "/home/dev/project")


def test_an_older_document_and_the_lines_it_became_are_one(tmp_path: Path) -> None:
    messages = [user("One"), reply(toolCalls=[call("read_file")])]
    document = {**header(), "lastUpdated": at(3), "messages": messages, "summary": "A talk"}
    old = PATH.replace(".jsonl", ".json")
    moved = jsonl([header(), *messages, reply("More.", 9, "g2")])
    alone, both = tmp_path / "alone", tmp_path / "both"
    write(alone, {old: json.dumps(document, indent=2).encode()})
    write(both, {old: json.dumps(document).encode(), PATH: moved})
    _, [before] = store(FRAMEWORK, alone, tmp_path / "alone.db")
    events, [session] = store(FRAMEWORK, both, tmp_path / "both.db")
    assert (before.message_count, before.api_request_count, before.tokens_input) == (1, 1, 2003)
    assert (before.tool_call_count, before.title, before.last_activity % 60_000) == (1, "A talk", 3000)
    assert (session.message_count, session.api_request_count, session.tokens_input) == (1, 2, 4006)
    assert {event.transcript_path for event in events} == {str(both / PATH.removeprefix("/home/dev/"))}


def test_a_document_told_again_replaces_its_numbers(tmp_path: Path) -> None:
    old = PATH.replace(".jsonl", ".json")
    write(tmp_path, {old: json.dumps({**header(), "messages": [user("One"), reply(tokens=None)]}).encode()})
    _, [before] = store(FRAMEWORK, tmp_path, tmp_path / "mi6.db")
    assert (before.tokens_input, before.incomplete_requests) == (0, 1)
    later = {**header(), "lastUpdated": at(30), "messages": [user("One"), reply()]}
    write(tmp_path, {old: json.dumps(later).encode()})
    _, [after] = store(FRAMEWORK, tmp_path, tmp_path / "mi6.db")
    assert (after.tokens_input, after.api_request_count, after.incomplete_requests) == (2003, 1, 0)


def test_tool_calls_and_how_they_end() -> None:
    denied = {
        "functionResponse": {"response": {"error": "[Operation Cancelled] Reason: User denied execution"}}
    }
    calls = [
        call("run_shell_command", 3, "a", args={"command": "ls"}, resultDisplay="greet.py"),
        call("read_file", 4, "b", args={"file_path": "/x"}, status="error"),
        call("write_file", 5, "c", status="cancelled", result=[denied]),
        call("write_file", 5, "d", status="cancelled"),
        call("write_file", 5, "e", status="executing"),
        call("write_file", 6, "f", status="awaiting_approval"),
    ]
    events = read(header(), reply(toolCalls=calls)).events
    starts, ends = of_type(events, EventType.PRE_TOOL_USE), of_type(events, EventType.POST_TOOL_USE)
    assert [event.tool_use_id for event in starts] == list("abcdef")
    assert [event.outcome for event in ends] == ["ok", "error", "denied", "interrupted"]
    assert (starts[0].payload, starts[0].preview, ends[0].preview) == ('{"command":"ls"}', "ls", "greet.py")
    assert starts[1].preview == "/x"
    assert [event.tool_use_id for event in of_type(events, EventType.PERMISSION_REQUEST)] == ["f"]
    assert all(
        end.order > start.order for start, end in zip(starts, ends, strict=False) if end.order and start.order
    )


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ([user("Hi")], "working"),
        ([user("Hi"), reply("")], "working"),
        ([user("Hi"), reply("Hello.")], "your turn"),
        ([user("Hi"), reply("Hello."), reply("Hello.", toolCalls=[call("read_file")])], "working"),
        ([user("Hi"), info("Request cancelled.")], "your turn"),
        ([user("Hi"), info("It broke.", kind="error")], "error"),
    ],
)
def test_status(lines: list[dict[str, Any]], shown: str, tmp_path: Path) -> None:
    now = [json.loads(json.dumps(line).replace("2026-09-01T10:00", "2026-11-23T06:39")) for line in lines]
    write(tmp_path, {PATH: jsonl(now)})
    _, [session] = store(FRAMEWORK, tmp_path, tmp_path / "mi6.db")
    assert session.status_shown == shown


def test_a_changed_model_is_told_once() -> None:
    other = {"model": "gemini-3-pro"}
    events = read(header(), reply(), reply("x", 5, "g2", **other), reply("x", 5, "g2", **other)).events
    assert [event.preview for event in of_type(events, EventType.MODEL_CHANGE)] == [
        "gemini-3-flash-preview -> gemini-3-pro"
    ]


def test_a_subagents_summary_is_no_title_of_the_session() -> None:
    path = f"{CHATS}/{SESSION}/child.jsonl"
    lines = [header(session="child", kind="subagent"), user("Do it."), reply(), patch(summary="Done")]
    decoded = read(*lines, path=path)
    assert {event.session_id for event in decoded.events} == {SESSION}
    assert {(event.agent_id, event.is_sidechain) for event in decoded.events} == {("child", True)}
    assert not decoded.facts
    assert not of_type(decoded.events, EventType.USER_PROMPT_SUBMIT)


def test_what_nobody_knows_is_counted() -> None:
    decoded = read(
        b"no json",
        b"[]",
        b"",
        header(),
        {"id": "x", "type": "poem", "timestamp": at(1)},
        {"id": "y"},
        {"$set": 3},
    )
    assert decoded.malformed == 2
    assert decoded.unknown == {"poem": 1, "(no type)": 1}
    assert read(user("Hi") | {"timestamp": None}).unknown == {"line without a time": 1}


def test_a_memory_of_another_version_is_refused() -> None:
    with pytest.raises(TranscriptError, match="scan it again"):
        FRAMEWORK.decoder(PATH, "devbox", b"\xc1 no memory")


def test_what_gh_printed_is_kept_without_the_command_that_the_model_is_told() -> None:
    told = [{"functionResponse": {"response": {"output": "Command: gh pr create\nOutput: https://x"}}}]
    gh = call("run_shell_command", args={"command": "gh pr create"}, result=told, resultDisplay="https://x")
    ls = call("run_shell_command", call_id="c2", args={"command": "ls"}, resultDisplay="a.py")
    events = read(header(), reply(toolCalls=[gh, ls])).events
    assert [event.metadata for event in of_type(events, EventType.POST_TOOL_USE)] == [
        '{"output":"https://x"}',
        None,
    ]
