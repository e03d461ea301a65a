"""Requests of older clients, which keep running totals; and the change to a record for each response."""

from __future__ import annotations

from typing import Any

import pytest

from mi6_tui.model import EventType
from tests.frameworks.codex.support import (
    OLD,
    PARENT,
    bare_bill,
    bill,
    context,
    counters,
    event,
    meta,
    numbers,
    of_type,
    raw,
    read,
    record,
    requests,
)


def _old(*records: dict[str, Any], version: str = OLD) -> list[tuple[int | None, int | None, int | None]]:
    return requests(read(meta(version=version), context(0.5), *records))


def test_an_unchanged_total_is_a_repeat() -> None:
    first = numbers(1000, 0, 10)
    assert _old(counters(1, first, first), counters(2, first, first), counters(3, first, first)) == [
        (1000, 0, 10)
    ]


def test_a_grown_total_counts_by_its_growth() -> None:
    first, second = numbers(1000, 0, 10), numbers(3000, 900, 30)
    assert _old(counters(1, first, first), counters(2, second, numbers(2000, 900, 20))) == [
        (1000, 0, 10),
        (1100, 900, 20),
    ]


def test_a_jump_that_the_last_response_does_not_cover_counts_in_full() -> None:
    first, second = numbers(1000, 0, 10), numbers(9000, 0, 90)
    assert _old(counters(1, first, first), counters(2, second, numbers(2000, 0, 20)))[1] == (8000, 0, 80)


def test_a_fallen_total_counts_the_last_response_alone() -> None:
    """A compaction lowers the totals without setting them to nothing."""
    last = numbers(500, 100, 5)
    found = _old(
        counters(1, numbers(9000, 0, 90), numbers(9000, 0, 90)),
        counters(2, numbers(4000, 100, 60), last),
        counters(3, numbers(4600, 100, 66), numbers(600, 0, 6)),
    )
    assert found == [(9000, 0, 90), (400, 100, 5), (600, 0, 6)]


def test_a_fallen_total_without_use_counts_nothing() -> None:
    estimate = numbers(0, 0, 0, 0, total_tokens=7000)
    found = _old(
        counters(1, numbers(9000, 0, 90), numbers(9000, 0, 90)), counters(2, numbers(4000, 0, 60), estimate)
    )
    assert found == [(9000, 0, 90)]


def test_an_estimate_of_the_window_is_no_request() -> None:
    estimate = numbers(0, 0, 0, 0, total_tokens=7000)
    assert _old(counters(1, estimate, estimate)) == []
    total = numbers(1000, 0, 10)
    grown = total | {"total_tokens": 8010}
    assert _old(counters(1, total, total), counters(2, grown, estimate)) == [(1000, 0, 10)]


def test_the_same_totals_after_a_fall_are_another_request() -> None:
    one = numbers(1000, 0, 10)
    small = numbers(200, 0, 2)
    found = _old(counters(1, one, one), counters(2, small, small), counters(3, one, numbers(800, 0, 8)))
    assert found == [(1000, 0, 10), (200, 0, 2), (800, 0, 8)]


def test_totals_in_doubt_are_left_to_the_next_ones() -> None:
    good, later = numbers(1000, 0, 10), numbers(3000, 0, 30)
    broken = counters(2, numbers("2000", 0, 20), None)
    decoded = read(meta(version=OLD), counters(1, good, good), broken, counters(3, later, good))
    assert requests(decoded) == [(1000, 0, 10), (2000, 0, 20)]
    assert decoded.unknown == {"token_count without totals": 1}


@pytest.mark.parametrize("info", [None, {}, [], "x", {"total_token_usage": None}])
def test_a_count_of_limits_only_is_no_request(info: Any) -> None:
    assert _old(event("token_count", 1, info=info, rate_limits={"primary": None})) == []


def test_cache_writes_are_not_fresh_input() -> None:
    usage = numbers(1000, 300, 10, cache_write_input_tokens=200)
    decoded = read(meta(version=OLD), counters(1, usage, usage))
    found = of_type(decoded.events, EventType.API_REQUEST)[0]
    assert (found.tokens_input, found.tokens_cache_read, found.tokens_cache_write) == (500, 300, 200)


def test_without_a_field_for_cache_writes_they_are_unknown_and_nothing_else_is() -> None:
    usage = numbers(1000, 300, 10)
    found = of_type(read(meta(version=OLD), counters(1, usage, usage)).events, EventType.API_REQUEST)[0]
    assert (found.tokens_input, found.tokens_cache_write, found.tokens_incomplete) == (700, None, False)


def test_the_model_is_that_of_the_latest_turn_else_unknown() -> None:
    one, two, three = (numbers(n * 1000, 0, n * 10) for n in (1, 2, 3))
    decoded = read(
        meta(version=OLD),
        counters(1, one, one),
        context(2, "t1", "gpt-5.1"),
        counters(3, two, one),
        context(4, "t2", "codex-auto-review"),
        counters(5, three, one),
    )
    models = [event.model for event in of_type(decoded.events, EventType.API_REQUEST)]
    assert models == [None, "gpt-5.1", "codex-auto-review"]


def test_the_window_in_use_is_that_of_the_last_response() -> None:
    one, total = numbers(1000, 0, 10), numbers(3000, 0, 30)
    decoded = read(meta(version=OLD), counters(1, one, one), counters(2, total, numbers(2000, 0, 20)))
    sizes = [event.context_size for event in of_type(decoded.events, EventType.API_REQUEST)]
    assert sizes == [1010, 2020]


def test_a_rewritten_file_names_its_requests_the_same() -> None:
    """A migration replaces the file: other offsets, other times, the same totals."""
    one, two = numbers(1000, 0, 10), numbers(2000, 0, 20)
    before = read(meta(version=OLD), counters(1, one, one), counters(2, two, one))
    after = read(meta(9, version=OLD, history_mode="paginated"), counters(9, one, one), counters(9, two, one))
    assert [event.key for event in before.events] == [event.key for event in after.events]


# A record for each response.


def test_a_record_counts_once_and_totals_beside_it_count_nothing() -> None:
    usage = numbers(9000, 7000, 150)
    decoded = read(meta(), context(1), bill(2), counters(3, usage, usage), bill(2), counters(4, usage, usage))
    assert requests(decoded) == [(2000, 7000, 150)]


def test_totals_count_until_the_first_record() -> None:
    """An old thread that a newer client resumed."""
    old, new = numbers(1000, 0, 10), numbers(10000, 7000, 160)
    decoded = read(
        meta(version=OLD),
        counters(1, old, old),
        bill(2),
        counters(3, new, numbers()),
        counters(4, new, numbers()),
    )
    assert requests(decoded) == [(1000, 0, 10), (2000, 7000, 150)]


@pytest.mark.parametrize(
    ("version", "counts"),
    [("0.152.9", True), ("0.153.0", False), ("0.160.1", False), ("1.0.0", False), ("", True), ("x", True)],
)
def test_the_version_says_whether_totals_count(version: str, counts: bool) -> None:
    usage = numbers(1000, 0, 10)
    assert bool(_old(counters(1, usage, usage), version=version)) == counts


def test_a_record_of_another_thread_is_a_copy() -> None:
    assert requests(read(meta(), bill(1, "resp_9", PARENT), bill(2, "resp_1"))) == [(2000, 7000, 150)]


def test_a_compaction_repeats_the_last_record() -> None:
    copy = record("compacted", 2, {"message": "", "latest_token_usage_record": bare_bill("resp_1")})
    assert requests(read(meta(), bill(1, "resp_1"), copy)) == [(2000, 7000, 150)]


def test_a_compaction_holds_the_only_trace_of_a_record() -> None:
    copy = record("compacted", 2, {"message": "", "latest_token_usage_record": bare_bill("resp_2")})
    assert len(requests(read(meta(), bill(1, "resp_1"), copy))) == 2
    # Told later all the same: one request, and the record's own numbers.
    late = read(meta(), copy, bill(3, "resp_2", whole=9500))
    assert requests(late) == [(2500, 7000, 150)]


def test_a_compaction_in_a_fork_repeats_a_record_of_the_parent() -> None:
    copy = record("compacted", 2, {"latest_token_usage_record": bare_bill("resp_1", PARENT)})
    assert requests(read(meta(forked_from_id=PARENT), copy)) == []


def test_the_model_of_a_record_is_that_of_its_turn() -> None:
    decoded = read(
        meta(),
        context(1, "t1", "gpt-5.5"),
        context(2, "t2", "gpt-6.1-sol"),
        bill(3, "resp_1", turn="t1"),
        bill(4, "resp_2", turn="t2"),
    )
    assert [e.model for e in of_type(decoded.events, EventType.API_REQUEST)] == ["gpt-5.5", "gpt-6.1-sol"]


def test_before_its_turn_has_settings_a_record_has_the_model_in_force() -> None:
    """A compaction at the start of a turn comes before the turn's settings."""
    decoded = read(
        meta(),
        event("thread_settings_applied", 1, thread_settings={"model": "gpt-6.1-sol"}),
        bill(2, turn="t9"),
        context(3, "t9", "gpt-5.5"),
    )
    assert [e.model for e in of_type(decoded.events, EventType.API_REQUEST)] == ["gpt-6.1-sol"]


@pytest.mark.parametrize(
    ("tier", "terms"),
    [
        ("fast", '{"service_tier":"fast"}'),
        ("flex", '{"service_tier":"flex"}'),
        ("default", None),
        (None, None),
        ("", None),
        (7, None),
    ],
)
def test_a_service_tier_changes_the_price_until_it_is_left(tier: Any, terms: str | None) -> None:
    def settings(second: float, tier: Any) -> dict[str, Any]:
        return event("thread_settings_applied", second, thread_settings={"model": "m", "service_tier": tier})

    new = read(meta(), settings(1, tier), bill(2), settings(3, None), bill(4, "resp_2"))
    assert [e.price_terms for e in of_type(new.events, EventType.API_REQUEST)] == [terms, None]
    one = numbers(1000, 0, 10)
    old = read(meta(version=OLD), settings(1, tier), counters(2, one, one))
    assert [e.price_terms for e in of_type(old.events, EventType.API_REQUEST)] == [terms]


@pytest.mark.parametrize("bad", [-1, 1.5, "12", None, True, [], {}, 10**12 + 1, 2**63, ...])
@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("input_tokens", "tokens_input"),
        ("cached_input_tokens", "tokens_cache_read"),
        ("output_tokens", "tokens_output"),
    ],
)
def test_a_number_that_is_none_is_unknown(bad: Any, field: str, told: str) -> None:
    usage = numbers() | {"cache_write_input_tokens": 0, field: bad}
    usage = {name: value for name, value in usage.items() if value is not ...}
    line = record("token_usage_record", 1, {"response_id": "resp_1", "usage": usage})
    found = of_type(read(meta(), line).events, EventType.API_REQUEST)[0]
    assert getattr(found, told) is None
    assert found.tokens_incomplete
    if field != "output_tokens":
        assert found.tokens_input is None


@pytest.mark.parametrize(
    "usage", [None, [], "x", 7, {}, {"input_tokens": 10, "cached_input_tokens": 20, "output_tokens": 1}]
)
def test_a_bill_in_doubt_is_a_request_with_unknown_input(usage: Any) -> None:
    line = record("token_usage_record", 1, {"response_id": "resp_1", "usage": usage})
    found = of_type(read(meta(), line).events, EventType.API_REQUEST)
    assert [(event.tokens_input, event.tokens_incomplete) for event in found] == [(None, True)]


def test_a_record_without_an_id_is_known_by_its_place() -> None:
    lines = raw(meta(), bill(1, None), bill(2, None))
    decoded = read(meta(), bill(1, None), bill(2, None))
    keys = [event.key for event in of_type(decoded.events, EventType.API_REQUEST)]
    assert [key and key.rpartition("@")[2] for key in keys] == [str(lines[1][0]), str(lines[2][0])]
