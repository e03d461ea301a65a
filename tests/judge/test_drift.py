"""Telemetry beside what counts: who is who, and where the numbers part."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mi6_tui.judge.drift import Drift, drift, sums_by_witness
from mi6_tui.model import Event, EventType, Source, Telemetry

T = 1_800_000_000_000


def _event(key: str, at: int = 0, **fields: Any) -> Event:
    defaults: dict[str, Any] = {
        "machine_id": "m",
        "session_id": "s",
        "timestamp": T + at,
        "event_type": EventType.API_REQUEST,
        "source": Source.TRANSCRIPT,
        "key": key,
        "model": "opus",
        "tokens_input": 10,
        "tokens_output": 5,
    }
    return Event(**(defaults | fields))


def _told(at: int = 0, **fields: Any) -> Telemetry:
    defaults: dict[str, Any] = {
        "machine_id": "m",
        "session_id": "s",
        "framework": "claude",
        "identity": f"{at} {fields}",
        "kind": "request",
        "at": T + at,
        "received_at": T + at,
        "model": "opus",
        "tokens_input": 10,
        "tokens_output": 5,
    }
    return Telemetry(**(defaults | fields))


def _counts(found: Drift) -> tuple[int, ...]:
    return (
        found.matched_by_id,
        found.matched_by_numbers,
        found.matched_by_time,
        len(found.only_counted),
        len(found.only_told),
    )


def test_an_id_matches_whatever_else_is_said() -> None:
    events = [_event("claude:req:msg_1:req_1"), _event("copilot:req:chat_2")]
    told = [_told(9_000_000, request_id="req_1", model="other"), _told(request_id="chat_2", tokens_output=6)]
    found = drift(events, told)
    assert _counts(found) == (2, 0, 0, 0, 0)
    (difference,) = found.differences
    assert (difference.key, difference.field) == ("copilot:req:chat_2", "tokens_output")
    assert (difference.counted, difference.told) == (5, 6)


def test_what_has_an_id_is_never_taken_for_another() -> None:
    found = drift([_event("claude:req:msg_1:req_1")], [_told(request_id="req_2")])
    assert _counts(found) == (0, 0, 0, 1, 1)


def test_two_tellings_of_one_id_are_one_request() -> None:
    told = [_told(request_id="r"), _told(1, request_id="r")]
    assert _counts(drift([_event("a:req:r")], told)) == (1, 0, 0, 0, 1)


def test_equal_numbers_match_before_near_times() -> None:
    events = [_event("a", 0, tokens_output=7), _event("b", 100, tokens_output=8)]
    told = [_told(1, tokens_output=8), _told(99, tokens_output=7)]
    found = drift(events, told)
    assert _counts(found) == (0, 2, 0, 0, 0)
    assert found.differences == ()


def test_near_times_match_where_numbers_differ_and_far_ones_do_not() -> None:
    near = drift([_event("a", 0)], [_told(10_000, tokens_output=6)])
    assert _counts(near) == (0, 0, 1, 0, 0)
    assert [one.field for one in near.differences] == ["tokens_output"]
    assert _counts(drift([_event("a", 0)], [_told(10_001, tokens_output=6)])) == (0, 0, 0, 1, 1)
    assert _counts(drift([_event("a", 0)], [_told(5, model="sonnet")])) == (0, 0, 0, 1, 1)
    assert _counts(drift([_event("a", 0)], [_told(300_000)])) == (0, 1, 0, 0, 0)
    assert _counts(drift([_event("a", 0)], [_told(300_001)])) == (0, 0, 0, 1, 1)


def test_unknown_is_no_difference() -> None:
    event = _event("a:r", tokens_output=None, tokens_cache_read=3)
    assert drift([event], [_told(request_id="r")]).differences == ()


def test_dollars_differ_beyond_rounding() -> None:
    event = _event("a:r", cost_estimated_usd=0.25)
    assert drift([event], [_told(request_id="r", cost_usd=0.2500001)]).differences == ()
    (found,) = drift([event], [_told(request_id="r", cost_usd=0.5)]).differences
    assert (found.field, found.counted, found.told) == ("cost_usd", 0.25, 0.5)


def test_clocks_in_the_future_are_counted() -> None:
    told = [_told(kind="prompt", received_at=T - 60_001), _told(kind="tool", received_at=T - 60_000)]
    assert drift([], told).clock_ahead == 1


def test_each_witness_has_its_sums() -> None:
    events = [
        _event("a", tokens_cache_read=1),
        _event("p", event_type=EventType.USER_PROMPT_SUBMIT, tokens_input=None, tokens_output=None),
        _event("h", event_type=EventType.POST_TOOL_USE, source=Source.HOOK, tokens_input=None),
    ]
    told = [
        _told(cost_usd=1.5),
        _told(1, kind="error"),
        _told(2, kind="sum", tokens_output=None),
        _told(3, kind="sum", tokens_output=None),
    ]
    transcript, hook, otel, metrics = sums_by_witness(events, told, "transcript")
    assert (transcript.counted, hook.counted, otel.counted, metrics.counted) == (True, False, False, False)
    assert (transcript.api_request_count, transcript.tokens_input, transcript.prompts) == (1, 10, 1)
    assert (transcript.tokens_cache_read, transcript.tokens_cache_write, transcript.cost_usd) == (
        1,
        None,
        None,
    )
    assert (hook.witness, hook.api_request_count, hook.tokens_input, hook.tool_calls) == ("hook", 0, None, 1)
    assert (otel.api_request_count, otel.api_errors, otel.cost_usd) == (1, 1, 1.5)
    assert (metrics.witness, metrics.api_request_count, metrics.tokens_input) == ("otel metrics", None, 20)
    assert (metrics.tokens_output, metrics.prompts) == (None, None)


_times = st.integers(0, 40_000)


@given(events=st.lists(_times, max_size=12), told=st.lists(_times, max_size=12), order=st.randoms())
def test_everything_is_in_one_place_whatever_the_order(
    events: list[int], told: list[int], order: Any
) -> None:
    counted = [_event(f"k{number}", at, tokens_output=at % 3) for number, at in enumerate(events)]
    records = [
        _told(
            at, identity=f"i{number}", tokens_output=at % 3, request_id=f"k{number}" if at % 5 == 0 else None
        )
        for number, at in enumerate(told)
    ]
    found = drift(counted, records)
    ids, numbers, times, alone, heard = _counts(found)
    assert ids + numbers + times + alone == len(events)
    assert ids + numbers + times + heard == len(told)
    order.shuffle(counted)
    order.shuffle(records)
    assert _counts(drift(counted, records))[:1] == (ids,)
