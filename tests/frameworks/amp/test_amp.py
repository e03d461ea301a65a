"""What Amp's threads say. The files follow the shapes of the client's; their words are invented."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from mi6_tui.frameworks.amp import FRAMEWORK
from mi6_tui.frameworks.base import Decoded
from mi6_tui.model import Event, EventType, Session
from tests.frameworks.pieces import check, of_type, sessions_in_order, spoiled, store, write

DATA = Path(__file__).parents[2] / "data" / "amp"
FOLDER = "/home/dev/.local/share/amp/threads"
THREAD = "T-6b0f4c1e-0000-4000-8000-000000000009"
PATH = f"{FOLDER}/{THREAD}.json"
NEWER = "T-6b0f4c1e-0000-4000-8000-000000000001"
OLDER = "T-6b0f4c1e-0000-4000-8000-000000000002"
CREATED = 1_795_415_940_000
USAGE = {
    "model": "claude-opus-4-5-20251101",
    "inputTokens": 10,
    "outputTokens": 40,
    "cacheReadInputTokens": 5000,
    "cacheCreationInputTokens": 300,
    "timestamp": "2026-11-23T06:39:05.000Z",
}


def samples() -> dict[str, bytes]:
    """The threads: path, as the client named it, to its bytes."""
    files = sorted((DATA / "home").rglob("*.json.gz"))
    return {f"{FOLDER}/{path.name.removesuffix('.gz')}": gzip.decompress(path.read_bytes()) for path in files}


def thread(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One document."""
    return {"v": 1, "id": THREAD, "created": CREATED, "messages": list(messages), **more}


def user(text: str, message_id: int = 0, *blocks: dict[str, Any]) -> dict[str, Any]:
    """A prompt, or results of tools."""
    words = [{"type": "text", "text": text}] if text else []
    return {"role": "user", "messageId": message_id, "content": [*words, *blocks]}


def reply(
    text: str, message_id: int = 1, *blocks: dict[str, Any], stop: str | None = "end_turn", **more: Any
) -> dict[str, Any]:
    """A reply."""
    state = {"type": "complete", "stopReason": stop} if stop else {"type": "streaming"}
    words = [{"type": "text", "text": text}] if text else []
    told = {"content": [*words, *blocks], "state": state, "usage": USAGE}
    return {"role": "assistant", "messageId": message_id, **told, **more}


def call(name: str, call_id: str = "c1", **arguments: Any) -> dict[str, Any]:
    """A tool call of a reply."""
    return {"type": "tool_use", "id": call_id, "name": name, "input": arguments}


def result(status: str, call_id: str = "c1", **run: Any) -> dict[str, Any]:
    """What a tool answered."""
    return {"type": "tool_result", "toolUseID": call_id, "run": {"status": status, **run}}


def read(document: Any, path: str = PATH) -> Decoded:
    """What a thread says."""
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return FRAMEWORK.decoder(path, "devbox", None).decode([(0, data)])


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Event], dict[str, Session]]:
    """What the store holds of all threads."""
    folder: Path = tmp_path_factory.mktemp("amp")
    write(folder, samples())
    events, sessions = store(FRAMEWORK, folder, folder / "mi6.db")
    return events, {session.session_id: session for session in sessions}


def test_what_happened(stored: tuple[list[Event], dict[str, Session]]) -> None:
    # Counted by hand over the documents.
    assert Counter(event.event_type for event in stored[0]) == {
        EventType.SESSION_START: 2,
        EventType.USER_PROMPT_SUBMIT: 3,
        EventType.API_REQUEST: 6,
        EventType.ASSISTANT_MESSAGE: 5,
        EventType.PRE_TOOL_USE: 3,
        EventType.POST_TOOL_USE: 3,
        EventType.MODEL_CHANGE: 1,
        EventType.INTERRUPT: 1,
        EventType.TURN_COMPLETE: 3,
    }
    ends = of_type(stored[0], EventType.POST_TOOL_USE)
    assert sorted(event.outcome or "" for event in ends) == ["denied", "ok", "ok"]


def test_a_thread_of_this_year(stored: tuple[list[Event], dict[str, Session]]) -> None:
    session = stored[1][NEWER]
    assert (session.api_request_count, session.incomplete_requests) == (4, 0)
    assert (session.tokens_input, session.tokens_output) == (10 + 12 + 14 + 16, 120 + 60 + 20 + 4)
    assert session.tokens_cache_read == 9000 + 9300 + 9400
    assert session.tokens_cache_write == 9000 + 300 + 100 + 50
    assert (session.context, session.cwd) == (16 + 9400 + 50, "/home/dev/my project")
    assert (session.title, session.status_shown) == ("Greeting without a name", "your turn")


def test_a_thread_with_a_ledger(stored: tuple[list[Event], dict[str, Session]]) -> None:
    """Its second entry is the reply that has numbers of its own; the first tells nothing of the cache."""
    session = stored[1][OLDER]
    assert (session.api_request_count, session.incomplete_requests) == (2, 1)
    assert (session.tokens_input, session.tokens_output) == (1100, 70)
    assert (session.tokens_cache_read, session.tokens_cache_write) == (30, 5)


def test_in_whatever_order_things_are_recorded_the_sessions_are_the_same(tmp_path: Path) -> None:
    files = {path: json.dumps(json.loads(data)).encode() + b"\n" for path, data in samples().items()}
    straight = sessions_in_order(FRAMEWORK, files, tmp_path / "straight.db", None)
    for seed in range(3):
        assert sessions_in_order(FRAMEWORK, files, tmp_path / f"{seed}.db", seed) == straight


@pytest.mark.parametrize("bad", [-1, 1.5, "7", None, True, 10**12 + 1, 2**63, [], ...])
@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("inputTokens", "tokens_input"),
        ("outputTokens", "tokens_output"),
        ("cacheReadInputTokens", "tokens_cache_read"),
        ("cacheCreationInputTokens", "tokens_cache_write"),
    ],
)
def test_a_number_that_is_no_count_is_unknown(name: str, lost: str, bad: Any) -> None:
    usage = {key: value for key, value in (USAGE | {name: bad}).items() if value is not ...}
    [request] = of_type(read(thread(user("Hi"), reply("Yes.", usage=usage))).events, EventType.API_REQUEST)
    assert getattr(request, lost) is None
    assert request.tokens_incomplete


def test_a_thread_told_again_replaces_its_numbers(tmp_path: Path) -> None:
    begun = reply("Ye", stop=None, usage=USAGE | {"outputTokens": 1})
    write(tmp_path, {PATH: json.dumps(thread(user("Hi"), begun)).encode()})
    _, [before] = store(FRAMEWORK, tmp_path, tmp_path / "mi6.db")
    assert (before.tokens_output, before.status_shown) == (1, "working")
    write(tmp_path, {PATH: json.dumps(thread(user("Hi"), reply("Yes."), v=2)).encode()})
    _, [after] = store(FRAMEWORK, tmp_path, tmp_path / "mi6.db")
    assert (after.tokens_output, after.api_request_count, after.status_shown) == (40, 1, "your turn")


def test_tools_and_how_they_end() -> None:
    calls = [
        call("Bash", cmd="gh pr view"),
        call("Read", "c2", path="a.py"),
        call("Task", "c3", prompt="Go."),
    ]
    answers = [
        result("done", result={"output": "https://x"}),
        result("error", "c2", error={"message": "no file"}),
        result("in-progress", "c3"),
    ]
    document = thread(user("Hi"), reply("", 1, *calls, stop="tool_use"), user("", 2, *answers))
    events = read(document).events
    starts, ends = of_type(events, EventType.PRE_TOOL_USE), of_type(events, EventType.POST_TOOL_USE)
    assert [(event.tool_name, event.preview) for event in starts] == [
        ("Bash", "gh pr view"),
        ("Read", "a.py"),
        ("Task", "Go."),
    ]
    assert [(event.tool_name, event.outcome, event.preview) for event in ends] == [
        ("Bash", "ok", "https://x"),
        ("Read", "error", "no file"),
    ]
    assert ends[0].metadata == '{"output":"https://x"}'
    assert len(of_type(events, EventType.USER_PROMPT_SUBMIT)) == 1


@pytest.mark.parametrize(
    ("messages", "shown"),
    [
        ([user("Hi")], "working"),
        ([user("Hi"), reply("Yes.")], "your turn"),
        ([user("Hi"), reply("", 1, call("Bash", cmd="ls"), stop="tool_use")], "working"),
        ([user("Hi"), reply("Ye", state={"type": "cancelled"})], "your turn"),
        ([user("Hi"), reply("Ye", state={"type": "error"})], "error"),
        ([], "idle"),
    ],
)
def test_status(messages: list[dict[str, Any]], shown: str, tmp_path: Path) -> None:
    write(tmp_path, {PATH: json.dumps(thread(*messages)).encode()})
    _, [session] = store(FRAMEWORK, tmp_path, tmp_path / "mi6.db")
    assert session.status_shown == shown


def test_what_nobody_knows_is_counted() -> None:
    assert read(b"no json").malformed == 1
    assert read(thread({"role": "poet"}, {"a": 1})).unknown == {
        "message of poet": 1,
        "message without a role": 1,
    }
    assert read({"id": THREAD, "messages": [user("Hi")]}).unknown == {"thread without a time": 1}


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_thread_with_any_value_anywhere_is_survived(data: st.DataObject) -> None:
    path, document = data.draw(st.sampled_from(list(samples().items())))
    bad = spoiled(data, spoiled(data, document))
    check(FRAMEWORK.decoder(path, "devbox", None).decode([(0, bad)]))


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_survived(data: bytes) -> None:
    check(read(data))


def test_all_that_is_said() -> None:
    long = "long " * 1000
    document = thread(
        user(long),
        reply(long, 1, call("Bash", cmd="ls\npwd"), stop="tool_use"),
        user("", 2, result("done", result=long)),
    )
    data = json.dumps(document).encode()
    events = read(document).events
    for kind, full in (
        (EventType.USER_PROMPT_SUBMIT, long),
        (EventType.ASSISTANT_MESSAGE, long),
        (EventType.PRE_TOOL_USE, "cmd:\n  ls\n  pwd"),
        (EventType.POST_TOOL_USE, long),
    ):
        [event] = of_type(events, kind)
        assert FRAMEWORK.in_full(data, event) == full
        assert FRAMEWORK.in_full(json.dumps(thread(user("x", 7))).encode(), event) is None
        assert FRAMEWORK.in_full(b"[]", event) is None


def test_a_secret_is_masked() -> None:
    secret = "sk-" + "ant-api03-Zq9fT4kB7mX2cV8nL1pR6sW3yH5jD0gA"
    answer = result("done", result={"output": secret})
    document = thread(
        user(secret), reply(secret, 1, call("Bash", cmd=f"use {secret}")), user("", 2, answer), title=secret
    )
    assert secret not in repr(read(document))


def test_places() -> None:
    home = Path("/home/dev")
    assert FRAMEWORK.roots({}, home) == [Path("/home/dev/.local/share/amp/threads")]
    assert FRAMEWORK.roots({"XDG_DATA_HOME": "/d"}, home) == [Path("/d/amp/threads")]
    assert FRAMEWORK.kind((f"{THREAD}.json",)) == "document"
    assert FRAMEWORK.kind(("notes.json",)) is None
    assert FRAMEWORK.kind(("deep", f"{THREAD}.json")) is None
    assert FRAMEWORK.descends(())
    assert not FRAMEWORK.descends(("deep",))
    for data in samples().values():
        assert FRAMEWORK.recognises(data[:4096])
    assert not FRAMEWORK.recognises(b'{"sessionId":"1","projectHash":"2"}')
