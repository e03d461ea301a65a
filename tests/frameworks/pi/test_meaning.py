"""What each line says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.errors import TranscriptError
from mi6_tui.frameworks.pi import FRAMEWORK
from mi6_tui.model import EventType
from tests.frameworks.pi.support import (
    FOLDER,
    PATH,
    SESSION,
    USAGE,
    at,
    call,
    entry,
    header,
    read,
    reply,
    result,
    user,
)
from tests.frameworks.pieces import as_lines, jsonl, of_type, store, write


@pytest.mark.parametrize("bad", [-1, 1.5, "7", None, True, 10**12 + 1, 2**63, [], ...])
@pytest.mark.parametrize(
    ("name", "lost"),
    [("input", "tokens_input"), ("output", "tokens_output"), ("cacheWrite", "tokens_cache_write")],
)
def test_a_number_that_is_no_count_is_unknown(name: str, lost: str, bad: Any) -> None:
    usage = {key: value for key, value in (USAGE | {name: bad}).items() if value is not ...}
    [request] = of_type(read(header(), reply("Hi.", usage=usage)).events, EventType.API_REQUEST)
    assert getattr(request, lost) is None
    assert request.tokens_incomplete


@pytest.mark.parametrize("cost", [None, 0, -1, "1", True, {}, float("inf"), 1e9])
def test_a_cost_that_is_none_is_unknown(cost: Any) -> None:
    usage = USAGE | {"cost": {"total": cost}}
    [request] = of_type(read(header(), reply("Hi.", usage=usage)).events, EventType.API_REQUEST)
    assert (request.cost_usd, request.tokens_incomplete) == (None, False)


def test_what_is_asked_beside_the_conversation_costs_and_moves_nothing(tmp_path: Path) -> None:
    """A cache that is kept warm, a summary of a branch."""
    large = USAGE | {"input": 90_000}
    beside = [
        entry("usage", 3, "w1", provider="anthropic", model="claude-haiku-5", usage=large),
        entry("branch_summary", 4, "b1", fromId="a1", summary="was", usage=large),
    ]
    write(tmp_path, {PATH: jsonl([header(), user("Hi"), reply("Hello."), *beside])})
    events, [session] = store(FRAMEWORK, tmp_path, tmp_path / "mi6.db")
    assert session.api_request_count == 3
    assert session.context == 7300
    assert session.model == "claude-sonnet-5"
    models = [event.model for event in of_type(events, EventType.API_REQUEST)]
    assert models == ["claude-sonnet-5", "claude-haiku-5", "claude-sonnet-5"]


def test_after_a_compaction_nobody_knows_the_context(tmp_path: Path) -> None:
    compaction = entry("compaction", 5, "k1", summary="so far", tokensBefore=9000, firstKeptEntryId="a1")
    write(tmp_path, {PATH: jsonl([header(), user("Hi"), reply("Hello."), compaction])})
    _, [session] = store(FRAMEWORK, tmp_path, tmp_path / "mi6.db")
    assert (session.context, session.compaction_count) == (None, 1)


def test_a_reply_that_was_refused_is_no_request() -> None:
    nothing = {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0, "cost": {"total": 0}}
    refused = reply(stop="error", usage=nothing, errorMessage="overloaded")
    broken = reply("Half", stop="error", entry_id="a2", second=5, errorMessage="reset")
    events = read(header(), user("Hi"), refused, broken).events
    assert len(of_type(events, EventType.API_REQUEST)) == 1
    assert [event.preview for event in of_type(events, EventType.API_ERROR)] == ["overloaded", "reset"]


def test_an_error_that_is_tried_again_is_one_error(tmp_path: Path) -> None:
    nothing = {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0}
    lines = [
        header(),
        user("Hi"),
        reply(stop="error", usage=nothing, errorMessage="overloaded"),
        entry("context_edit", 3, "x1", targetId="a1", replacement=None),
        reply("Hello.", entry_id="a2", second=5),
        entry("context_edit", 6, "x2", targetId="a2", replacement=None),
    ]
    write(tmp_path, {PATH: jsonl(lines)})
    events, [session] = store(FRAMEWORK, tmp_path, tmp_path / "mi6.db")
    [error] = of_type(events, EventType.API_ERROR)
    assert (error.outcome, error.preview, session.api_error_count) == ("retrying", "overloaded", 1)


def test_tools_and_how_they_end() -> None:
    calls = [call("bash", command="gh pr view"), call("read", "c2", path="a.py"), call("mine", "c3", depth=3)]
    answers = [result("https://x"), result("no file", "read", "c2", error=True), result("", "mine", "c3")]
    events = read(header(), reply(*calls, stop="toolUse"), *answers).events
    starts, ends = of_type(events, EventType.PRE_TOOL_USE), of_type(events, EventType.POST_TOOL_USE)
    assert [(event.tool_name, event.preview) for event in starts] == [
        ("bash", "gh pr view"),
        ("read", "a.py"),
        ("mine", None),
    ]
    assert [(event.tool_name, event.outcome, event.preview) for event in ends] == [
        ("bash", "ok", "https://x"),
        ("read", "error", "no file"),
        ("mine", "ok", None),
    ]
    assert ends[0].payload == '{"command":"gh pr view"}'
    assert [event.metadata for event in ends] == ['{"output":"https://x"}', None, None]


def test_titles_and_models() -> None:
    switch = entry("model_change", 3, "m1", provider="openai", modelId="gpt-6")
    name = entry("session_info", 4, "s1", name=" A \n name ")
    decoded = read(header(), reply("Hi."), switch, name, entry("session_info", 5, "s2", name=""))
    assert [event.preview for event in of_type(decoded.events, EventType.MODEL_CHANGE)] == [
        "claude-sonnet-5 -> gpt-6"
    ]
    assert [fact.value for fact in decoded.facts if fact.name == "title"] == ["A name", None]


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ([user("Hi")], "working"),
        ([user("Hi"), reply("Hello.")], "your turn"),
        ([user("Hi"), reply(call("bash", command="ls"), stop="toolUse")], "working"),
        ([user("Hi"), reply("Hel", stop="aborted")], "your turn"),
        ([user("Hi"), reply(stop="error", errorMessage="overloaded")], "error"),
        ([user("Hi"), reply("Hello."), entry("compaction", 5, "k1", summary="s")], "your turn"),
        ([user("Hi"), entry("compaction", 5, "k1", summary="s")], "working"),
    ],
)
def test_status(lines: list[dict[str, Any]], shown: str, tmp_path: Path) -> None:
    now = [json.loads(json.dumps(line).replace("2026-09-01T10:00", "2026-11-23T06:39")) for line in lines]
    write(tmp_path, {PATH: jsonl(now)})
    _, [session] = store(FRAMEWORK, tmp_path, tmp_path / "mi6.db")
    assert session.status_shown == shown


def test_the_copies_in_a_fork_are_read_first_and_still_belong_to_the_first(tmp_path: Path) -> None:
    talk = [user("One"), reply("Yes.")]
    other = f"{FOLDER}/2026-09-01T10-00-30-000Z_fork.jsonl"
    forked = [header("fork", 30, parentSession=PATH), *talk, user("Two", 31, "u2")]
    alone = tmp_path / "alone"
    write(alone, {other: jsonl(forked)})
    _, [session] = store(FRAMEWORK, alone, tmp_path / "alone.db")
    assert (session.session_id, session.api_request_count) == ("fork", 1)
    both = tmp_path / "both"
    write(both, {other: jsonl(forked), PATH: jsonl([header(), *talk])})
    _, sessions = store(FRAMEWORK, both, tmp_path / "both.db")
    counts = {session.session_id: session.api_request_count for session in sessions}
    assert counts == {"fork": 0, SESSION: 1}


def test_what_nobody_knows_is_counted() -> None:
    strange = entry("message", 4, "p1", message={"role": "poet"})
    nameless = {"type": "message", "timestamp": at(1), "message": {"role": "user", "content": "old"}}
    decoded = read(b"no json", b"[]", b"", header(), entry("poem", 1, "x"), strange, nameless)
    assert decoded.malformed == 2
    assert decoded.unknown == {"poem": 1, "message of poet": 1, "entry without an id": 1}
    assert read({"type": "label", "id": "x"}).unknown == {"line without a time": 1}


def test_a_memory_of_another_version_is_refused() -> None:
    with pytest.raises(TranscriptError, match="scan it again"):
        FRAMEWORK.decoder(PATH, "devbox", b"\xc1 no memory")


def test_all_that_is_said() -> None:
    long = "long " * 1000
    lines = [
        user(long),
        reply(long, call("bash", command="ls\npwd")),
        result(long),
        reply(stop="error", errorMessage=long, entry_id="a2", usage={}, second=9),
    ]
    for line in lines:
        (raw,) = as_lines(jsonl([line]))
        for event in read(header(), line).events:
            full = FRAMEWORK.in_full(raw[1], event)
            if event.event_type == EventType.PRE_TOOL_USE:
                assert full == "command:\n  ls\n  pwd"
            elif event.event_type in (EventType.SESSION_START, EventType.API_REQUEST):
                continue
            else:
                assert full == long
    (other,) = as_lines(jsonl([user("other", entry_id="u9")]))
    [prompt] = of_type(read(header(), user("x")).events, EventType.USER_PROMPT_SUBMIT)
    assert FRAMEWORK.in_full(other[1], prompt) is None
    assert FRAMEWORK.in_full(b"[]", prompt) is None
