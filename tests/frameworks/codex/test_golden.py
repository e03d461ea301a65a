"""The recorded rollouts against the bill that the recording API kept."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from mi6_tui.model import Event, EventType
from tests.frameworks.codex.support import DATA, decode, of_type, raw_records, sample_files

_SLOWEST = 8.0
"""Seconds; the longest a recorded reply took."""


@pytest.fixture(scope="module")
def events() -> list[Event]:
    """All events of all files."""
    found: list[Event] = []
    for path, lines in sample_files().items():
        decoded = decode(lines, path)
        assert (decoded.malformed, decoded.unknown) == (0, {}), path
        found += decoded.events
    return found


@pytest.fixture(scope="module")
def bill() -> list[dict[str, Any]]:
    """What the API billed, in order."""
    return [json.loads(line) for line in (DATA / "truth.jsonl").read_text().splitlines()]


def _numbers(event: Event) -> dict[str, int | None]:
    return {
        "tokens_input": event.tokens_input,
        "tokens_output": event.tokens_output,
        "tokens_cache_read": event.tokens_cache_read,
        "tokens_cache_write": event.tokens_cache_write,
        "tokens_reasoning": event.tokens_reasoning,
    }


def _billed(row: dict[str, Any]) -> dict[str, int | None] | None:
    # The mock billed some replies more cached tokens than input: how much was fresh cannot be known.
    usage = row["usage"]
    return usage and {name: None if number < 0 else number for name, number in usage.items()}


def _matched(events: list[Event], bill: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The row of each request, by numbers, model and time: the client keeps no id that the bill has."""
    left = list(bill)
    rows = []
    for event in sorted(of_type(events, EventType.API_REQUEST), key=lambda event: event.timestamp):
        row = next(
            row
            for row in left
            if 0 <= event.timestamp / 1000 - row["t"] <= _SLOWEST
            and (_billed(row), row["model"]) == (_numbers(event), event.model)
            and row["ended"] == "done"
        )
        left.remove(row)
        rows.append(row)
    return rows


def test_every_request_in_a_file_has_the_billed_numbers(
    events: list[Event], bill: list[dict[str, Any]]
) -> None:
    found = of_type(events, EventType.API_REQUEST)
    assert len(found) == len({event.key for event in found}) == 69
    assert len(_matched(events, bill)) == 69


def test_a_request_whose_parts_are_larger_than_the_whole_is_incomplete(events: list[Event]) -> None:
    for event in of_type(events, EventType.API_REQUEST):
        assert event.tokens_incomplete == (event.tokens_input is None)
        assert event.tokens_incomplete == (event.tokens_cache_read == 14_000)


def test_what_no_file_holds_has_a_reason(events: list[Event], bill: list[dict[str, Any]]) -> None:
    held = [row["req"] for row in _matched(events, bill)]
    missing = [row for row in bill if row["req"] not in held]
    reasons = Counter(row["kind"] if row["kind"] == "side" else row["ended"].split()[0] for row in missing)
    # `side`: titles, asked for by a thread that is not kept. `done`: the run with --ephemeral.
    assert reasons == {"http": 31, "client": 5, "side": 4, "cut": 1, "done": 1}
    assert [row["script"] for row in missing if row["ended"] == "done" and row["kind"] == "main"] == [
        "In one word, what is two plus two?"
    ]


def test_counts_of_what_else_happened(events: list[Event]) -> None:
    """Against a count of the raw lines that knows nothing but their types."""
    types = Counter(event.event_type for event in {event.key: event for event in events}.values())
    lines: Counter[tuple[str, str | None, str | None]] = Counter()
    for record in raw_records():
        payload = record["payload"]
        lines[record["type"], payload.get("type"), (payload.get("item") or {}).get("type")] += 1
    calls = lines["response_item", "function_call", None] + lines["response_item", "custom_tool_call", None]
    ends = [record["payload"] for record in raw_records() if record["payload"].get("type") == "task_complete"]
    assert types[EventType.USER_PROMPT_SUBMIT] == lines["event_msg", "item_completed", "UserMessage"] == 48
    assert types[EventType.ASSISTANT_MESSAGE] == lines["event_msg", "item_completed", "AgentMessage"] == 44
    assert types[EventType.PRE_TOOL_USE] == calls == 35
    # One run was killed in a tool.
    assert types[EventType.POST_TOOL_USE] == 34
    assert types[EventType.COMPACTION] == lines["compacted", None, None] == 2
    assert types[EventType.INTERRUPT] == lines["event_msg", "turn_aborted", None] == 4
    assert types[EventType.API_ERROR] == sum("error" in end for end in ends) == 8
    # Two of the turns are a subagent's.
    assert types[EventType.STOP] == sum("error" not in end for end in ends) - 2 == 33
    assert types[EventType.TURN_START] == lines["event_msg", "task_started", None] - 2 == 49
    assert types[EventType.SUBAGENT_START] == types[EventType.SUBAGENT_STOP] == 2
    assert types[EventType.MODEL_CHANGE] == 0


def test_errors(events: list[Event]) -> None:
    assert Counter(event.outcome for event in of_type(events, EventType.API_ERROR)) == {
        "server_overloaded": 2,
        "internal_server_error": 2,
        "rate_limit": 1,
        "authentication_failed": 1,
        "context_window_exceeded": 1,
        "other": 1,
    }


def test_ends_of_tools(events: list[Event]) -> None:
    ends = of_type(events, EventType.POST_TOOL_USE)
    # Error: a missing file twice, a failed command, and two tools the model does not have.
    assert Counter(event.outcome for event in ends) == {"ok": 27, "error": 5, "interrupted": 2}
    assert all(event.tool_name for event in ends)


def test_a_subagent_belongs_to_the_session_that_spawned_it(events: list[Event]) -> None:
    child, parent = "01a20709-dd6d-7d80-9a6f-086aa1639186", "01a20709-dbda-70c1-8588-7242bd3299b6"
    own = [event for event in events if event.agent_id == child]
    assert {event.session_id for event in own} == {parent}
    assert all(event.is_sidechain for event in own)
    billed = [(e.tokens_input, e.tokens_cache_read) for e in of_type(own, EventType.API_REQUEST)]
    assert billed == [(8000, 0), (264, 7936)]
    moves = [e for e in events if e.spawned_agent_id == child]
    # Its own file and its parent's tell of the same two moments.
    assert len(moves) == 4
    assert len({event.key for event in moves}) == 2


def test_no_other_session_is_made_up(events: list[Event]) -> None:
    threads = {path[-42:-6] for path in sample_files()}
    children = {
        record["payload"]["id"] for record in raw_records() if record["payload"].get("parent_thread_id")
    }
    assert {event.session_id for event in events} == threads - children


def test_compactions_have_the_size_the_client_estimates(events: list[Event]) -> None:
    sizes: dict[str | None, list[int | None]] = {}
    for event in of_type(events, EventType.COMPACTION):
        sizes.setdefault(event.key, []).append(event.context_size)
    assert sorted(sizes.values(), key=str) == [[None, 13322], [None, 14255]]


def test_facts_of_a_session() -> None:
    path = next(path for path in sample_files() if "01a2070a-cb5f" in path)
    facts = decode(sample_files()[path], path).facts
    assert {fact.name: fact.value for fact in facts} == {
        "client_version": "0.169.0",
        "entrypoint": "cli",
        "cwd": "/home/dev/project",
        "context_window": 258400,
        "permission_mode": "on-request",
    }
