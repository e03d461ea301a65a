"""What a reply is billed: one request, whatever its lines repeat or lack."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from mi6_tui.model import Event, EventType
from tests.frameworks.claude.support import (
    assistant,
    call,
    of_type,
    read,
    text,
    tokens,
    user,
)


def _best(events: list[Event]) -> Event:
    return max(of_type(events, EventType.API_REQUEST), key=lambda event: event.version)


def test_the_fullest_reading_of_a_repeated_request_counts() -> None:
    readings = [
        assistant(text("a"), usage=tokens(1), stop=None, apiBlockIndex=0),
        assistant(text("b"), usage=tokens(120), stop="tool_use", apiBlockIndex=1),
        assistant(call("t", "Read"), usage=tokens(120), stop="tool_use", apiBlockIndex=12),
        assistant(text("c"), usage=tokens(9), stop=None, apiBlockIndex=13),
    ]
    for order in itertools.permutations(range(4)):
        events = read(*(readings[i] for i in order)).events
        requests = of_type(events, EventType.API_REQUEST)
        assert len({e.key for e in requests}) == 1
        best = _best(events)
        assert (best.tokens_output, best.outcome) == (120, "tool_use")
        assert best.order == requests[order.index(2)].order


def test_without_block_index_the_last_of_equals_counts() -> None:
    events = read(assistant(text("a"), stop=None), assistant(text("b"), stop="end_turn")).events
    assert _best(events).outcome == "end_turn"


def test_unknown_output_is_the_least_complete_reading() -> None:
    events = read(assistant(text("a"), usage=tokens(0)), assistant(text("b"), usage=tokens(None))).events
    assert _best(events).tokens_output == 0


def test_an_absurd_output_does_not_win_over_a_real_one() -> None:
    events = read(
        assistant(text("a"), usage=tokens(120)), assistant(text("b"), usage=tokens(10**12 + 1))
    ).events
    assert _best(events).tokens_output == 120


@pytest.mark.parametrize(
    ("iterations", "incomplete"),
    [
        ([{"type": "message", "output_tokens": 120}], False),
        ([{"type": "message"}, {"type": "advisor_message", "model": "claude-opus-5-5"}], True),
        ([None, 3, {}], False),
        ({"type": "advisor_message"}, False),
    ],
)
def test_a_reply_that_asked_another_model_is_a_lower_bound(iterations: Any, incomplete: bool) -> None:
    [request] = of_type(
        read(assistant(text("a"), usage=tokens(iterations=iterations))).events, EventType.API_REQUEST
    )
    assert (request.tokens_output, request.tokens_incomplete) == (120, incomplete)


def test_tokens_of_a_request() -> None:
    request = read(assistant(text("a"))).events[0]
    assert (request.tokens_input, request.tokens_output, request.tokens_cache_read) == (4, 120, 18000)
    assert (request.tokens_cache_write, request.tokens_cache_write_1h, request.tokens_reasoning) == (
        900,
        300,
        20,
    )
    assert (request.prompt_tokens, request.tokens_incomplete) == (18904, False)


@pytest.mark.parametrize(
    ("flat", "split", "written", "hour"),
    [
        (900, {"ephemeral_5m_input_tokens": 600, "ephemeral_1h_input_tokens": 300}, 900, 300),
        (0, {"ephemeral_5m_input_tokens": 600, "ephemeral_1h_input_tokens": 300}, 900, 300),
        (0, {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}, 0, 0),
        (900, None, 900, None),
        (0, None, 0, None),
    ],
)
def test_flat_and_split_cache_writes(flat: int, split: Any, written: int, hour: int | None) -> None:
    usage = tokens(cache_creation_input_tokens=flat, cache_creation=split)
    request = read(assistant(text("a"), usage=usage)).events[0]
    assert (request.tokens_cache_write, request.tokens_cache_write_1h) == (written, hour)
    assert not request.tokens_incomplete


@pytest.mark.parametrize(
    ("flat", "split", "written"),
    [
        (900, {"ephemeral_5m_input_tokens": 1, "ephemeral_1h_input_tokens": 2}, 900),
        (900, {"ephemeral_5m_input_tokens": 600, "ephemeral_1h_input_tokens": "300"}, 900),
        (0, {"ephemeral_5m_input_tokens": -1, "ephemeral_1h_input_tokens": 300}, None),
        (None, {"ephemeral_5m_input_tokens": 600, "ephemeral_1h_input_tokens": 300}, None),
    ],
)
def test_cache_writes_in_doubt_are_flagged(
    flat: int | None, split: dict[str, Any], written: int | None
) -> None:
    usage = tokens(cache_creation_input_tokens=flat, cache_creation=split)
    request = read(assistant(text("a"), usage=usage)).events[0]
    assert (request.tokens_cache_write, request.tokens_cache_write_1h) == (written, None)
    assert request.tokens_incomplete


def test_steps_of_one_reply_are_not_added() -> None:
    usage = tokens(iterations=[tokens(), tokens()])
    assert read(assistant(text("a"), usage=usage)).events[0].tokens_output == 120


def test_a_reply_without_stop_reason_is_a_lower_bound() -> None:
    request = read(assistant(text("a"), stop=None, usage=tokens(1))).events[0]
    assert (request.tokens_output, request.outcome, request.tokens_incomplete) == (1, None, True)


def test_copies_of_usage_in_progress_records_do_not_count() -> None:
    copy = {"type": "progress", "data": {"type": "agent_progress", "message": assistant(text("a"))}}
    decoded = read(user("hello"), copy)
    assert (of_type(decoded.events, EventType.API_REQUEST), decoded.unknown) == ([], {})


def test_made_up_replies_are_no_requests() -> None:
    record = assistant(text("No response requested."), model="<synthetic>", isApiErrorMessage=False)
    assert read(record).events == []
