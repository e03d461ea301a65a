"""What Cursor's transcripts say. The files follow the shapes of the client's; their words are invented."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.frameworks.base import Decoded
from mi6_tui.frameworks.cursor import FRAMEWORK
from mi6_tui.model import Event, EventType, Session
from tests.frameworks.pieces import as_lines, jsonl, of_type, sample_files, sessions_in_order, store, write

DATA = Path(__file__).parents[2] / "data" / "cursor"
FOLDER = "/home/dev/.cursor/projects/home-dev-project/agent-transcripts"
SESSION = "6b0f4c1e-0000-4000-8000-000000000009"
PATH = f"{FOLDER}/{SESSION}/{SESSION}.jsonl"
FIRST = "6b0f4c1e-0000-4000-8000-00000000000a"
TERMINAL = "6b0f4c1e-0000-4000-8000-00000000000b"


def read(*records: dict[str, Any] | bytes, path: str = PATH) -> Decoded:
    """What a file of these records says."""
    return FRAMEWORK.decoder(path, "devbox", None).decode(as_lines(jsonl(records)))


def user(text: str, when: str | None = "Monday, Nov 23, 2026, 7:39 AM (UTC+1)") -> dict[str, Any]:
    """A prompt."""
    at = f"<timestamp>{when}</timestamp>\n" if when else ""
    asked = f"{at}<user_query>\n{text}\n</user_query>"
    return {"role": "user", "message": {"content": [{"type": "text", "text": asked}]}}


def reply(*parts: dict[str, Any] | str) -> dict[str, Any]:
    """A reply."""
    told = [{"type": "text", "text": part} if isinstance(part, str) else part for part in parts]
    return {"role": "assistant", "message": {"content": told}}


def call(name: str, **arguments: Any) -> dict[str, Any]:
    """A tool call of a reply."""
    return {"type": "tool_use", "name": name, "input": arguments}


def ended(status: str = "success", **more: Any) -> dict[str, Any]:
    """The end of a turn."""
    return {"type": "turn_ended", "status": status, **more}


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Event], dict[str, Session]]:
    """What the store holds of all files."""
    folder: Path = tmp_path_factory.mktemp("cursor")
    write(folder, sample_files(DATA / "home"))
    events, sessions = store(FRAMEWORK, folder, folder / "mi6.db")
    return events, {session.session_id: session for session in sessions}


def test_what_happened(stored: tuple[list[Event], dict[str, Session]]) -> None:
    # Counted by hand over the lines; the session without a single time is not there.
    assert Counter((event.event_type, event.is_sidechain) for event in stored[0]) == {
        (EventType.SESSION_START, False): 2,
        (EventType.USER_PROMPT_SUBMIT, False): 4,
        (EventType.ASSISTANT_MESSAGE, False): 4,
        (EventType.PRE_TOOL_USE, False): 5,
        (EventType.TURN_COMPLETE, False): 2,
        (EventType.INTERRUPT, False): 1,
        (EventType.API_ERROR, False): 1,
        (EventType.SUBAGENT_START, True): 1,
        (EventType.PRE_TOOL_USE, True): 1,
        (EventType.ASSISTANT_MESSAGE, True): 1,
        (EventType.SUBAGENT_STOP, True): 1,
    }
    assert set(stored[1]) == {FIRST, TERMINAL}


def test_a_session_has_no_numbers_at_all(stored: tuple[list[Event], dict[str, Session]]) -> None:
    session = stored[1][FIRST]
    assert (session.api_request_count, session.context, session.cost_usd) == (0, None, None)
    assert (session.model, session.cwd) == (None, None)
    assert (session.message_count, session.tool_call_count, session.subagent_count) == (3, 5, 1)
    assert (session.first_user_message, session.last_reply) == (
        "Why does the greeting have no name?",
        "Once upon a time",
    )
    # 6:20 and 6:40 in UTC.
    assert (session.first_started_at, session.last_activity) == (1_795_414_800_000, 1_795_416_000_000)


def test_in_whatever_order_things_are_recorded_the_sessions_are_the_same(tmp_path: Path) -> None:
    files = sample_files(DATA)
    straight = sessions_in_order(FRAMEWORK, files, tmp_path / "straight.db", None)
    for seed in range(3):
        assert sessions_in_order(FRAMEWORK, files, tmp_path / f"{seed}.db", seed) == straight


@pytest.mark.parametrize(
    ("when", "at"),
    [
        ("Monday, Nov 23, 2026, 7:39 AM (UTC+1)", 1_795_415_940_000),
        ("Monday, Nov 23, 2026, 6:39 AM (UTC)", 1_795_415_940_000),
        ("Monday, Nov 23, 2026, 1:09 AM (UTC-5:30)", 1_795_415_940_000),
        ("Monday, Nov 23, 2026, 12:39 PM (UTC+6)", 1_795_415_940_000),
        ("Tuesday, Nov 24, 2026, 12:39 AM (UTC+18)", 1_795_415_940_000),
    ],
)
def test_the_minute_of_a_prompt(when: str, at: int) -> None:
    assert {event.timestamp for event in read(user("Hi", when), reply("Hello."), ended()).events} == {at}


@pytest.mark.parametrize(
    "when",
    [
        None,
        "Monday, Nov 23, 2026, 7:39 AM",
        "Monday, Nov 31, 2026, 7:39 AM (UTC+1)",
        "Monday, Foo 23, 2026, 7:39 AM (UTC+1)",
        "Monday, Nov 23, 0001, 7:39 AM (UTC+1)",
        "Monday, Nov 23, 2026, 7:39 AM (UTC+99)",
        "now",
    ],
)
def test_without_a_time_nothing_can_be_told(when: str | None) -> None:
    decoded = read(user("Hi", when), reply("Hello."))
    assert (decoded.events, decoded.unknown) == ([], {"line without a time": 2})
    later = read(user("Hi", when), user("Ho"), reply("Hello."))
    assert [event.text for event in of_type(later.events, EventType.USER_PROMPT_SUBMIT)] == ["Ho"]


def test_what_the_client_adds_is_no_prompt() -> None:
    added = {"role": "user", "message": {"content": "<user_info>\nOS: linux\n</user_info>"}}
    plain = {"role": "user", "message": {"content": "as older ones write it"}}
    prompts = of_type(read(user("Hi"), added, plain).events, EventType.USER_PROMPT_SUBMIT)
    assert [event.text for event in prompts] == ["Hi", "as older ones write it"]


def test_tools_are_called_and_nobody_says_how_they_end() -> None:
    calls = [call("Shell", command="ls"), call("Grep", pattern="x", path="."), call("Odd", depth=[1])]
    events = read(user("Hi"), reply("Hello.\n\n[REDACTED]", *calls)).events
    starts = of_type(events, EventType.PRE_TOOL_USE)
    assert [(event.tool_name, event.preview, event.payload) for event in starts] == [
        ("Shell", "ls", '{"command":"ls"}'),
        ("Grep", "x", None),
        ("Odd", None, None),
    ]
    assert [event.preview for event in of_type(events, EventType.ASSISTANT_MESSAGE)] == ["Hello."]


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ([user("Hi")], "working"),
        ([user("Hi"), reply("Hello.")], "working"),
        ([user("Hi"), reply(call("AskQuestion", questions=[{"question": "Why?"}]))], "waiting"),
        ([user("Hi"), reply("Hello."), ended()], "your turn"),
        ([user("Hi"), reply("Hel"), ended("aborted")], "your turn"),
        ([user("Hi"), ended("error", error="It broke.")], "error"),
        ([user("Hi"), ended(), user("Ho", None)], "working"),
    ],
)
def test_status(lines: list[dict[str, Any]], shown: str, tmp_path: Path) -> None:
    write(tmp_path, {PATH: jsonl(lines)})
    _, [session] = store(FRAMEWORK, tmp_path, tmp_path / "mi6.db")
    assert session.status_shown == shown


def test_what_nobody_knows_is_counted() -> None:
    decoded = read(b"no json", b"[]", b"", user("Hi"), {"type": "poem"}, {"role": "poet"}, {"a": 1})
    assert decoded.malformed == 2
    assert decoded.unknown == {"poem": 1, "poet": 1, "(no type)": 1}


def test_all_that_is_said() -> None:
    long = "long " * 1000
    for line, kind, full in (
        (user(long), EventType.USER_PROMPT_SUBMIT, long.strip()),
        (reply(long), EventType.ASSISTANT_MESSAGE, long),
        (ended("error", error=long), EventType.API_ERROR, long),
    ):
        (raw,) = as_lines(jsonl([line]))
        event = of_type(read(user("Hi"), line).events, kind)[-1]
        assert FRAMEWORK.in_full(raw[1], event) == full
        assert FRAMEWORK.in_full(b"[]", event) is None
    calls = reply(call("Shell", command="ls"), call("Shell", command="a\nb"))
    (raw,) = as_lines(jsonl([calls]))
    found = of_type(read(user("Hi"), calls).events, EventType.PRE_TOOL_USE)
    assert [FRAMEWORK.in_full(raw[1], event) for event in found] == ["command: ls", "command:\n  a\n  b"]
    assert FRAMEWORK.in_full(json.dumps(reply("x")).encode(), found[1]) is None


def test_roots() -> None:
    assert FRAMEWORK.roots({}, Path("/home/dev")) == [Path("/home/dev/.cursor/projects")]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("slug/agent-transcripts/abc/abc.jsonl", "lines"),
        ("slug/agent-transcripts/abc.jsonl", "lines"),
        ("slug/agent-transcripts/abc/subagents/def.jsonl", "lines"),
        ("slug/agent-transcripts/abc/def.jsonl", None),
        ("slug/agent-transcripts/abc.txt", None),
        ("slug/terminals/abc.jsonl", None),
        ("slug/agent-transcripts/abc/deep/def.jsonl", None),
        ("abc.jsonl", None),
    ],
)
def test_transcripts_and_the_way_to_them(path: str, kind: str | None) -> None:
    parts = tuple(path.split("/"))
    assert FRAMEWORK.kind(parts) == kind
    if kind:
        assert all(FRAMEWORK.descends(parts[:depth]) for depth in range(len(parts)))


@pytest.mark.parametrize("path", ["slug/terminals", "slug/agent-transcripts/abc/deep"])
def test_folders_without_transcripts_are_not_entered(path: str) -> None:
    assert not FRAMEWORK.descends(tuple(path.split("/")))


def test_its_own_files_are_recognised() -> None:
    for data in sample_files(DATA).values():
        assert FRAMEWORK.recognises(data[:4096])
    assert not FRAMEWORK.recognises(b'{"sessionId":"1","type":"user"}')
