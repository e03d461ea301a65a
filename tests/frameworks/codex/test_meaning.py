"""What each kind of line means, in old and new rollouts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mi6_tui.model import Event, EventType
from mi6_tui.model.event import prompt_of
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
