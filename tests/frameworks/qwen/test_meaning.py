"""What each line says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.errors import TranscriptError
from mi6_tui.frameworks.qwen import FRAMEWORK
from mi6_tui.model import Event, EventType
from tests.frameworks.pieces import as_lines, jsonl, of_type, store, write
from tests.frameworks.qwen.support import (
    NUMBERS,
    PATH,
    PROJECT,
    SESSION,
    SUBAGENT,
    call,
    read,
    record,
    reply,
    result,
    telemetry,
    user,
)


def _stored(tmp_path: Path, *lines: dict[str, Any]) -> tuple[list[Event], Any]:
    write(tmp_path, {PATH: jsonl(lines)})
    events, [session] = store(FRAMEWORK, tmp_path, tmp_path / "mi6.db")
    return events, session


def test_a_response_and_its_reply_are_one_request(tmp_path: Path) -> None:
    events, session = _stored(tmp_path, user("Hi"), telemetry(), reply("Hello."))
    [request] = of_type(events, EventType.API_REQUEST)
    assert (request.tokens_input, request.tokens_cache_read, request.tokens_cache_write) == (2000, 5000, 0)
    assert (request.tokens_output, request.tokens_reasoning) == (40, 12)
    assert (request.is_sidechain, request.outcome) == (False, "stop")
    assert (session.api_request_count, session.context) == (1, 7000)


def test_thoughts_beside_the_output_are_added(tmp_path: Path) -> None:
    """As of the models of Google, which this client can ask too."""
    events, _ = _stored(tmp_path, user("Hi"), reply("Hello.", numbers=NUMBERS | {"total": 7052}))
    [request] = of_type(events, EventType.API_REQUEST)
    assert (request.tokens_output, request.tokens_reasoning) == (52, 12)


def test_a_reply_without_a_note_counts_by_itself(tmp_path: Path) -> None:
    other = NUMBERS | {"prompt": 8000}
    lines = [telemetry(numbers=other), reply("Hello.")]
    _, session = _stored(tmp_path, user("Hi"), *lines, reply("More.", uuid="a2", second=9))
    assert (session.api_request_count, session.tokens_input) == (3, 2000 + 3000 + 2000)


def test_what_the_client_asks_by_itself_moves_nothing(tmp_path: Path) -> None:
    large = NUMBERS | {"prompt": 90_000}
    asides = [
        telemetry(3, "t2", large, prompt_id="compress-17"),
        telemetry(4, "t3", large, prompt_id=f"{SESSION}#helper-c1#0", subagent_id="helper-c1"),
        telemetry(5, "t4", large, prompt_id="4b5b415db7db", subagent_name="helper"),
    ]
    events, session = _stored(tmp_path, user("Hi"), telemetry(), reply("Hello."), *asides)
    assert (session.api_request_count, session.context, session.status_shown) == (4, 7000, "ended")
    agents = [event.agent_id for event in of_type(events, EventType.API_REQUEST)]
    assert agents == [None, None, "helper-c1", "helper"]


@pytest.mark.parametrize("bad", [-1, 1.5, "7", None, True, 10**12 + 1, 2**63, []])
@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("prompt", ["tokens_input"]),
        ("cachedContent", ["tokens_input", "tokens_cache_read"]),
        ("candidates", ["tokens_output"]),
        ("thoughts", ["tokens_reasoning"]),
    ],
)
def test_a_number_that_is_no_count_is_unknown(name: str, lost: list[str], bad: Any) -> None:
    events = read(user("Hi"), reply("Hello.", numbers=NUMBERS | {name: bad})).events
    [request] = of_type(events, EventType.API_REQUEST)
    assert [getattr(request, field) for field in lost] == [None] * len(lost)
    assert request.tokens_incomplete


def test_more_cached_than_sent_is_unknown() -> None:
    events = read(user("Hi"), reply("Hello.", numbers=NUMBERS | {"prompt": 12})).events
    [request] = of_type(events, EventType.API_REQUEST)
    assert (request.tokens_input, request.tokens_cache_read) == (None, 5000)
    assert request.tokens_incomplete


def test_cached_and_thoughts_may_be_left_out() -> None:
    numbers = {name: NUMBERS[name] for name in ("prompt", "candidates", "total")}
    [request] = of_type(read(user("Hi"), reply("Hello.", numbers=numbers)).events, EventType.API_REQUEST)
    assert (request.tokens_input, request.tokens_cache_read, request.tokens_reasoning) == (7000, 0, 0)
    assert not request.tokens_incomplete


def test_a_reply_that_was_cut_short_has_no_numbers() -> None:
    events = read(user("Hi"), reply("Hel", numbers=None)).events
    [request] = of_type(events, EventType.API_REQUEST)
    assert (request.tokens_input, request.tokens_cache_read, request.tokens_cache_write) == (None, None, None)
    assert request.tokens_incomplete
    assert len(of_type(events, EventType.INTERRUPT)) == 1


def test_what_the_client_writes_in_the_users_name_is_no_prompt() -> None:
    typed = [
        user("One"),
        user("ignored", 2, "u2", subtype="mid_turn_user_message", systemPayload={"displayText": "Two"}),
    ]
    injected = [
        user("x", 3, f"i{number}", subtype=kind) for number, kind in enumerate(("cron", "notification"))
    ]
    prompts = of_type(read(*typed, *injected).events, EventType.USER_PROMPT_SUBMIT)
    assert [event.text for event in prompts] == ["One", "Two"]


def test_tools_and_how_they_end() -> None:
    calls = [call("run_shell_command", "a", command="gh pr view"), call("read_file", "b", file_path="/x")]
    refused = "[Operation Cancelled] Reason: User did not allow tool call"
    answers = [
        result("run_shell_command", 4, "a", output="https://x"),
        result("read_file", 5, "b", "error", error="File not found"),
        result("edit", 6, "c", "cancelled", error=refused),
        result("edit", 7, "d", "cancelled", error="[Operation Cancelled] Reason: User cancelled"),
    ]
    events = read(user("Hi"), reply(*calls), *answers).events
    starts, ends = of_type(events, EventType.PRE_TOOL_USE), of_type(events, EventType.POST_TOOL_USE)
    assert [event.preview for event in starts] == ["gh pr view", "/x"]
    assert [event.outcome for event in ends] == ["ok", "error", "denied", "interrupted"]
    assert (ends[0].payload, ends[0].metadata) == ('{"command":"gh pr view"}', '{"output":"https://x"}')
    assert len(of_type(events, EventType.INTERRUPT)) == 2


def test_a_subagent_has_its_own_file_and_no_session(tmp_path: Path) -> None:
    own: dict[str, Any] = {"agentId": "helper-c1", "agentName": "helper", "isSidechain": True}
    inside = [
        user("Count.", 3, "s1", **own),
        reply(call("glob", "g1", pattern="*"), second=4, uuid="s2", **own),
    ]
    noted = telemetry(4, "t2", prompt_id=f"{SESSION}#helper-c1#0", subagent_id="helper-c1")
    launched = record(
        "tool_result",
        6,
        "r1",
        message={
            "role": "user",
            "parts": [{"functionResponse": {"id": "c1", "name": "agent", "response": {}}}],
        },
        toolCallResult={
            "callId": "c1",
            "status": "success",
            "resultDisplay": {"subagentName": "helper", "executionMode": "foreground", "status": "completed"},
        },
    )
    main = [user("Hi"), telemetry(), reply(call("agent", prompt="Count.")), noted]
    write(tmp_path, {PATH: jsonl(main), SUBAGENT: jsonl(inside)})
    _, [running] = store(FRAMEWORK, tmp_path, tmp_path / "running.db")
    assert (running.session_id, running.subagent_count, running.background_count) == (SESSION, 1, 1)
    assert (running.api_request_count, running.tool_call_count, running.message_count) == (2, 2, 1)
    write(tmp_path, {PATH: jsonl([*main, launched])})
    _, [ended] = store(FRAMEWORK, tmp_path, tmp_path / "ended.db")
    assert (ended.subagent_count, ended.background_count) == (1, 0)


def test_a_fork_pays_for_what_it_asked_itself(tmp_path: Path) -> None:
    talk = [user("One"), telemetry(), reply("Yes.")]
    copies = [
        line | {"sessionId": "fork", "forkedFrom": {"sessionId": SESSION, "messageUuid": line["uuid"]}}
        for line in talk
    ]
    own = [
        line | {"sessionId": "fork"} for line in (user("Two", 31, "u2"), reply("No.", second=32, uuid="a2"))
    ]
    write(tmp_path, {f"{PROJECT}/chats/fork.jsonl": jsonl([*copies, *own]), PATH: jsonl(talk)})
    _, sessions = store(FRAMEWORK, tmp_path, tmp_path / "mi6.db")
    assert {session.session_id: session.api_request_count for session in sessions} == {SESSION: 1, "fork": 1}


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ([user("Hi")], "working"),
        ([user("Hi"), telemetry()], "working"),
        ([user("Hi"), telemetry(), reply("Hello.")], "your turn"),
        ([user("Hi"), telemetry(), reply(call("glob", pattern="*"))], "working"),
        ([user("Hi"), reply(call("ask_user_question", questions=[{"question": "Why?"}]))], "waiting"),
        ([user("Hi"), reply(call("exit_plan_mode", plan="1."))], "waiting"),
        ([user("Hi"), reply(call("edit")), result("edit", status="cancelled", error="no")], "your turn"),
        ([user("Hi"), reply("Hel", numbers=None)], "your turn"),
    ],
)
def test_status(lines: list[dict[str, Any]], shown: str, tmp_path: Path) -> None:
    now = [json.loads(json.dumps(line).replace("2026-09-01T10:00", "2026-11-23T06:39")) for line in lines]
    _, session = _stored(tmp_path, *now)
    assert session.status_shown == shown


def test_errors_of_the_turn_and_no_others() -> None:
    event = {"event.name": "qwen-code.api_error", "error_message": "bad", "error_type": "BadRequestError"}
    told = [
        record("system", 3, f"e{number}", subtype="ui_telemetry", systemPayload={"uiEvent": event | more})
        for number, more in enumerate(
            ({"prompt_id": f"{SESSION}########0"}, {"prompt_id": "compress-1"}, {"subagent_name": "helper"})
        )
    ]
    [error] = of_type(read(user("Hi"), *told).events, EventType.API_ERROR)
    assert (error.outcome, error.preview) == ("BadRequestError", "bad")


def test_what_is_said_of_the_session_is_said_once() -> None:
    titles = [
        record("system", number, f"c{number}", subtype="custom_title", systemPayload={"customTitle": title})
        for number, title in enumerate(("A", "A", "B"))
    ]
    facts = [(fact.name, fact.value) for fact in read(*titles).facts if fact.name != "last_activity"]
    assert facts == [("client_version", "0.24.4"), ("title", "A"), ("title", "B")]


def test_what_nobody_knows_is_counted() -> None:
    decoded = read(
        b"no json",
        b"[]",
        b"",
        record("poem", 1, "p"),
        record("system", 1, "s", subtype="dance"),
        user("x") | {"uuid": None},
    )
    assert decoded.malformed == 2
    assert decoded.unknown == {"record of poem": 1, "system record dance": 1, "record without an id": 1}
    assert read({"type": "user", "uuid": "x"}).unknown == {"line without a time": 1}


def test_a_memory_of_another_version_is_refused() -> None:
    with pytest.raises(TranscriptError, match="scan it again"):
        FRAMEWORK.decoder(PATH, "devbox", b"\xc1 no memory")


def test_all_that_is_said() -> None:
    long = "long " * 1000
    error = {"event.name": "qwen-code.api_error", "prompt_id": "4b5b", "error_message": long}
    for line, kind, full in (
        (user(long), EventType.USER_PROMPT_SUBMIT, long),
        (reply(long), EventType.ASSISTANT_MESSAGE, long),
        (
            reply(call("run_shell_command", command="ls\npwd")),
            EventType.PRE_TOOL_USE,
            "command:\n  ls\n  pwd",
        ),
        (result("glob", output=long), EventType.POST_TOOL_USE, long),
        (
            record("system", 3, "e", subtype="ui_telemetry", systemPayload={"uiEvent": error}),
            EventType.API_ERROR,
            long,
        ),
    ):
        (raw,) = as_lines(jsonl([line]))
        [event] = of_type(read(line).events, kind)
        assert FRAMEWORK.in_full(raw[1], event) == full
        assert (
            FRAMEWORK.in_full(raw[1].replace(event.uuid.encode() if event.uuid else b"c1", b"zz"), event)
            is None
        )
        assert FRAMEWORK.in_full(b"[]", event) is None
