"""Order, times, sessions and memory of a file."""

from __future__ import annotations

import msgspec
import pytest

from mi6_tui.errors import TranscriptError
from mi6_tui.frameworks import framework
from mi6_tui.model import EventType
from tests.frameworks.claude.support import (
    PATH,
    SESSION,
    as_lines,
    assistant,
    call,
    of_type,
    read,
    result,
    text,
    user,
)

_TEN = 1_788_256_800_000
"""2026-09-01T10:00:00Z in ms."""


def test_steps_back_in_time_keep_the_order_of_the_file() -> None:
    events = read(user("a", 10), user("b", 4), user("c", 12), user("d", 11)).events
    assert [e.timestamp - _TEN for e in events] == [10_000, 4_000, 12_000, 11_000]
    orders = [e.order for e in events]
    assert orders == sorted(orders, key=lambda order: order or (0, 0))
    assert [order[0] - _TEN for order in orders if order] == [10_000, 10_000, 12_000, 12_000]


def test_a_line_without_a_time_has_that_of_the_line_before() -> None:
    events = read(user("a", 3), user("b", timestamp=...), user("c", 5), user("d", timestamp=None)).events
    assert [e.timestamp - _TEN for e in events] == [3_000, 3_000, 5_000, 5_000]


def test_lines_ahead_of_the_first_time_wait_for_it() -> None:
    decoder = framework("claude").decoder(PATH, "devbox", None)
    title = {"type": "custom-title", "customTitle": "alpha", "sessionId": SESSION}
    early = msgspec.json.encode(title) + b"\n" + msgspec.json.encode(user("a", timestamp=None)) + b"\n"
    (first, second) = as_lines(early)
    assert decoder.decode([first, second]).events == []
    decoder = framework("claude").decoder(PATH, "devbox", decoder.state())
    decoded = decoder.decode([(len(early), msgspec.json.encode(user("b", 7)))])
    assert [(e.text, e.timestamp - _TEN, e.byte_offset) for e in decoded.events] == [
        ("a", 7_000, second[0]),
        ("b", 7_000, len(early)),
    ]
    (fact,) = [fact for fact in decoded.facts if fact.name == "title"]
    assert (fact.value, fact.timestamp - _TEN, fact.order) == ("alpha", 7_000, (_TEN + 7_000, 0))


def test_a_file_without_any_time_says_nothing() -> None:
    title = {"type": "custom-title", "customTitle": "alpha", "sessionId": SESSION}
    decoded = read(*[title] * 40)
    assert (decoded.events, decoded.facts, decoded.malformed) == ([], [], 0)
    assert decoded.unknown == {"line without a time": 8}


def test_times_of_other_zones_and_of_none() -> None:
    events = read(
        user("a", timestamp="2026-09-01T12:00:01.500+02:00"), user("b", timestamp="2026-09-01T10:00:02")
    ).events
    assert [e.timestamp - _TEN for e in events] == [1_500, 2_000]


def test_times_in_the_future_are_kept() -> None:
    (event,) = read(user("a", timestamp="2199-01-01T00:00:00Z")).events
    assert event.timestamp == 7_226_582_400_000


def test_sessions_come_from_the_line_then_the_file() -> None:
    other = "99999999-2222-4333-8444-555555555555"
    events = read(user("a", sessionId=...), user("b", sessionId=other), user("c", sessionId=...)).events
    assert [e.session_id for e in events] == [SESSION, other, other]
    assert read(user("a", sessionId=None), path="/p/x/notes.jsonl").events[0].session_id == "notes"


def test_a_home_called_subagents_makes_no_subagent() -> None:
    path = f"/home/subagents/.claude/projects/p/{SESSION}.jsonl"
    (event,) = read(user("a", sessionId=..., isSidechain=...), path=path).events
    assert (event.session_id, event.is_sidechain) == (SESSION, False)


def test_records_without_ids_are_known_by_their_place() -> None:
    lines = [user("a", uuid=...), assistant(text("b"), uuid=..., message_id=None, request_id=None, model="m")]
    one, other = read(*lines), read(*lines)
    keys = [e.key for e in one.events]
    assert keys == [e.key for e in other.events]
    assert len(set(keys)) == 3


def test_keys_of_requests() -> None:
    full = read(assistant(text("a"))).events[0]
    no_request = read(assistant(text("a"), request_id=None)).events[0]
    neither = read(assistant(text("a"), request_id=None, message_id=None, uuid="u-1")).events[0]
    assert [e.key for e in (full, no_request, neither)] == [
        "claude:req:msg_1:req_1",
        "claude:req:msg_1",
        "claude:req:u-1",
    ]
    assert neither.twin_key is None


def test_every_event_points_at_its_line() -> None:
    first, second = msgspec.json.encode(user("a")), msgspec.json.encode(user("b"))
    events = read(first, second).events
    assert [(e.transcript_path, e.byte_offset, e.byte_length) for e in events] == [
        (PATH, 0, len(first)),
        (PATH, len(first) + 1, len(second)),
    ]


def test_branches_that_are_none() -> None:
    events = read(user("a", gitBranch=""), user("b", gitBranch="HEAD"), user("c", gitBranch="x")).events
    assert [e.git_branch for e in events] == [None, None, "x"]


def test_a_result_knows_its_tool_in_a_later_run() -> None:
    lines = as_lines(
        b"".join(
            msgspec.json.encode(record) + b"\n"
            for record in (assistant(call("t1", "Bash", command="gh pr create")), result("t1", "https://x"))
        )
    )
    decoder = framework("claude").decoder(PATH, "devbox", None)
    decoder.decode(lines[:1])
    later = framework("claude").decoder(PATH, "devbox", decoder.state()).decode(lines[1:])
    (post,) = of_type(later.events, EventType.POST_TOOL_USE)
    assert (post.tool_name, post.payload, post.metadata) == (
        "Bash",
        '{"command":"gh pr create"}',
        '{"output":"https://x"}',
    )


def test_what_is_remembered_stays_small() -> None:
    decoder = framework("claude").decoder(PATH, "devbox", None)
    lines = b"".join(
        msgspec.json.encode(assistant(call(f"t{n}", "Agent", description="d" * 5000), message_id=f"m{n}"))
        + b"\n"
        for n in range(2000)
    )
    decoder.decode(as_lines(lines))
    assert len(decoder.state()) < 16_384


def test_a_memory_of_nonsense_is_refused() -> None:
    with pytest.raises(TranscriptError, match="scan it again"):
        framework("claude").decoder(PATH, "devbox", b"\xc1nonsense")


def test_facts_are_told_once_a_change() -> None:
    mode = {"type": "permission-mode", "permissionMode": "plan", "sessionId": SESSION}
    decoded = read(
        user("a", 1),
        mode,
        mode,
        {"type": "custom-title", "customTitle": "one\nline", "sessionId": SESSION},
        {"type": "agent-name", "agentName": "one line", "sessionId": SESSION},
        {"type": "ai-title", "aiTitle": "guess", "sessionId": SESSION},
        user("b", 2, permissionMode="default", version="2.1.331"),
        mode,
        {"type": "relocated", "relocatedCwd": "/elsewhere", "sessionId": SESSION},
    )
    assert [(f.name, f.value) for f in decoded.facts if f.name != "last_activity"] == [
        ("client_version", "2.1.330"),
        ("entrypoint", "cli"),
        ("permission_mode", "plan"),
        ("title", "one line"),
        ("title_suggestion", "guess"),
        ("client_version", "2.1.331"),
        ("permission_mode", "default"),
        ("permission_mode", "plan"),
        ("cwd", "/elsewhere"),
    ]
    assert [e.permission_mode for e in decoded.events] == [None, "default"]


def test_an_old_summary_is_a_title_only_of_its_own_conversation() -> None:
    own = {"type": "summary", "summary": "Mine", "leafUuid": "u-1"}
    other = {"type": "summary", "summary": "Another's", "leafUuid": "u-9"}
    decoded = read(user("a", uuid="u-1"), other, own)
    assert [f.value for f in decoded.facts if f.name == "title_suggestion"] == ["Mine"]


def test_quiet_records_show_that_a_session_lives() -> None:
    note = {"type": "queue-operation", "timestamp": "2026-09-01T10:00:30Z", "sessionId": SESSION}
    decoded = read(user("a", 1), note, {**note, "timestamp": "2026-09-01T10:00:40Z"})
    assert [f.value for f in decoded.facts if f.name == "last_activity"] == [_TEN + 40_000]
    busy = read(user("a", 1), note, user("b", 50))
    assert not [f for f in busy.facts if f.name == "last_activity"]
