"""The recorded transcripts against the bill that the recording API kept."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from mi6_tui.model import Event, EventType
from tests.frameworks.claude.support import DATA, decode, of_type, sample_files

_NUMBERS = (
    "tokens_input",
    "tokens_output",
    "tokens_cache_read",
    "tokens_cache_write",
    "tokens_cache_write_1h",
)
# Asked for again without streaming after the stream broke; the API noted no id for that reply.
_UNSTREAMED = ("0d288563-9119-4c8e-adc0-93c659902f4a", "msg_01985568830a664b589a2a52")
_INTERRUPTED = {"msg_014cdce929d9cf434f9ae7ed", "msg_01e6f42e13465a4e88996d6f"}


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
def requests(events: list[Event]) -> dict[str, Event]:
    """The reading of each request that counts, by message id."""
    readings: dict[str, list[Event]] = {}
    for event in of_type(events, EventType.API_REQUEST):
        assert event.key is not None
        readings.setdefault(event.key, []).append(event)
    best = {}
    for key, repeats in readings.items():
        owner = min(repeats, key=lambda event: (event.claim, event.session_id))
        fullest = max(repeats, key=lambda event: event.version)
        numbers = {
            name: getattr(fullest, name) for name in (*_NUMBERS, "tokens_incomplete", "model", "outcome")
        }
        best[key.split(":")[2]] = owner.with_(**numbers)
    assert len(best) == len(readings)
    return best


@pytest.fixture(scope="module")
def bill() -> list[dict[str, Any]]:
    """What the API billed, in order."""
    rows = [json.loads(line) for line in (DATA / "truth.jsonl").read_text().splitlines()]
    for row in rows:
        if row["session"] == _UNSTREAMED[0] and row["message_id"] is None:
            row["message_id"] = _UNSTREAMED[1]
    return rows


def test_every_request_in_a_file_has_the_billed_numbers(
    requests: dict[str, Event], bill: list[dict[str, Any]]
) -> None:
    billed = {row["message_id"]: row for row in bill if row["message_id"]}
    assert len(requests) == 122
    for message_id, request in requests.items():
        row = billed[message_id]
        assert request.session_id == row["session"]
        assert request.model == row["model"]
        assert (request.agent_id, request.is_sidechain) == (row["agent"], row["agent"] is not None)
        if message_id not in _INTERRUPTED:
            assert not request.tokens_incomplete
            assert {name: getattr(request, name) for name in _NUMBERS} == row["usage"], message_id


def test_interrupted_replies_are_lower_bounds(requests: dict[str, Event], bill: list[dict[str, Any]]) -> None:
    incomplete = {name for name, request in requests.items() if request.tokens_incomplete}
    assert incomplete == _INTERRUPTED
    for row in bill:
        if row["message_id"] in _INTERRUPTED:
            request = requests[row["message_id"]]
            assert (request.outcome, request.tokens_output, row["usage"]["tokens_output"]) == (None, 1, 120)
            assert request.prompt_tokens == 12 + 14_000 + 900


def test_what_no_file_holds_has_a_reason(requests: dict[str, Event], bill: list[dict[str, Any]]) -> None:
    missing = [row for row in bill if row["message_id"] not in requests]
    reasons = Counter(
        row["kind"] if row["kind"] != "main" else "http" if row["ended"].startswith("http") else row["ended"]
        for row in missing
    )
    # `done`: two refusals whose text was withdrawn, and one run with --no-session-persistence.
    assert reasons == {"http": 23, "client gone": 5, "cut": 1, "compact": 2, "side": 3, "done": 3}
    assert len(bill) == 122 + 37
    done = {row["script"] for row in missing if row["ended"] == "done" and row["kind"] == "main"}
    assert done == {"Refuse this one.", "In one word, what is two plus two?"}


def test_counts_of_what_else_happened(events: list[Event]) -> None:
    found = Counter(event.event_type for event in {event.key: event for event in events}.values())
    # Counted by hand over the raw lines; the fork's copies have the keys of what they copy.
    assert found[EventType.USER_PROMPT_SUBMIT] == 72 - 3
    assert found[EventType.PRE_TOOL_USE] == found[EventType.POST_TOOL_USE] == 55
    assert found[EventType.SUBAGENT_START] == found[EventType.SUBAGENT_STOP] == 8
    assert found[EventType.STOP] == 16
    assert found[EventType.COMPACTION] == 2
    assert found[EventType.INTERRUPT] == 7
    assert found[EventType.MODEL_CHANGE] == 0


def test_errors(events: list[Event]) -> None:
    found = Counter(event.outcome for event in of_type(events, EventType.API_ERROR))
    assert found == {
        "retrying": 11,
        "server_error": 3,
        "invalid_request": 2,
        "authentication_failed": 1,
        "rate_limit": 1,
        "max_output_tokens": 1,
        "unknown": 1,
    }


def test_ends_of_tools(events: list[Event]) -> None:
    found = Counter(event.outcome for event in of_type(events, EventType.POST_TOOL_USE))
    # Background: eight subagents and one shell. Denied: four by the user, one by a rule.
    assert found == {"ok": 38, "background": 9, "denied": 5, "error": 2, "interrupted": 1}
    assert all(event.tool_name for event in of_type(events, EventType.POST_TOOL_USE))


def test_subagents_end_when_first_told(events: list[Event]) -> None:
    starts = {event.tool_use_id: event.timestamp for event in of_type(events, EventType.SUBAGENT_START)}
    stops = of_type(events, EventType.SUBAGENT_STOP)
    assert {event.tool_use_id for event in stops} == set(starts)
    assert all(event.outcome == "completed" and event.duration_ms for event in stops)
    # The slow one: the queue note at 06:09:20.367 comes before the user line at .381.
    slow = [event for event in stops if event.tool_use_id == "toolu_0107243d854f45483aaf3a6f"]
    assert [event.timestamp for event in slow] == [1795414160367]
    assert slow[0].spawned_agent_id == "abb4fa650d090ebbc"


def test_titles_and_moves() -> None:
    told: dict[tuple[str, str], list[Any]] = {}
    for path, lines in sample_files().items():
        for fact in decode(lines, path).facts:
            if fact.name in ("title", "title_suggestion", "cwd"):
                told.setdefault((fact.session_id[:8], fact.name), []).append(fact.value)
    assert told == {
        ("743f4a08", "title"): ["four."],
        ("743f4a08", "title_suggestion"): ["four."],
        ("84f04da7", "title"): ["alpha"],
        ("c68ce5b8", "title"): ["maths"],
        ("fe23b99a", "title"): ["beta"],
        ("0c6b1e46", "cwd"): ["/home/dev/project"],
    }


def test_nothing_leaves_that_was_said_in_secret(events: list[Event]) -> None:
    """No preview comes from what the client adds by itself: attachments, reminders, thoughts."""
    said = [event.text for event in events]
    assert not [text for text in said if "system-reminder" in text or text == "A find will do."]
