"""What counts as a request, and what it counted: newer clients, older ones, and totals over either."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mi6_tui.frameworks.copilot import FRAMEWORK
from mi6_tui.model import Event, EventType, Session
from mi6_tui.verify import File, recount
from tests.frameworks.copilot.support import (
    MODEL,
    PATH,
    line,
    message,
    prompt,
    read,
    resume,
    shutdown,
    start,
    usage,
)
from tests.frameworks.pieces import jsonl, of_type, store, write


def _stored(folder: Path, *records: dict[str, Any]) -> tuple[list[Event], Session]:
    write(folder, {PATH: jsonl(records)})
    events, [session] = store(FRAMEWORK, folder, folder / "mi6.db")
    return of_type(events, EventType.API_REQUEST), session


def _sums(session: Session) -> tuple[int, ...]:
    return (
        session.api_request_count,
        session.tokens_input,
        session.tokens_output,
        session.tokens_cache_read,
        session.incomplete_requests,
    )


def test_cached_is_inside_input() -> None:
    [request] = of_type(read(start(), usage(cacheWriteTokens=500)).events, EventType.API_REQUEST)
    assert (request.tokens_input, request.tokens_cache_read, request.tokens_cache_write) == (1500, 5000, 500)
    assert (request.tokens_output, request.tokens_reasoning, request.duration_ms) == (40, 12, 150)
    assert (request.prompt_tokens, request.tokens_incomplete, request.cost_usd) == (7000, False, None)


@pytest.mark.parametrize("bad", [-1, 1.5, "7", None, True, 10**12 + 1, 2**63, []])
@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("inputTokens", ["tokens_input"]),
        ("cacheReadTokens", ["tokens_input", "tokens_cache_read"]),
        ("cacheWriteTokens", ["tokens_input", "tokens_cache_write"]),
        ("outputTokens", ["tokens_output"]),
    ],
)
def test_a_number_that_is_no_count_is_unknown(name: str, lost: list[str], bad: Any) -> None:
    [request] = of_type(read(start(), usage(**{name: bad})).events, EventType.API_REQUEST)
    assert [getattr(request, field) for field in lost] == [None] * len(lost)
    assert request.tokens_incomplete


def test_more_cached_than_sent_is_unknown() -> None:
    [request] = of_type(read(start(), usage(inputTokens=12)).events, EventType.API_REQUEST)
    assert (request.tokens_input, request.tokens_incomplete) == (None, True)


def test_totals_over_recorded_requests_add_nothing(tmp_path: Path) -> None:
    one = [start(), usage(2, "a"), message(), usage(4, "b"), shutdown(9, {MODEL: (2, 14000, 80, 10000)})]
    _, session = _stored(tmp_path, *one)
    assert _sums(session) == (2, 4000, 80, 10000, 0)


@pytest.mark.parametrize("whole", [True, False])
def test_several_processes_of_one_session(whole: bool, tmp_path: Path) -> None:
    """Newer clients tell the totals since the session began, older ones those of each process."""
    second = (2, 14000, 80, 10000) if whole else (1, 7000, 40, 5000)
    _, session = _stored(
        tmp_path,
        start(),
        usage(2, "a"),
        shutdown(3, {MODEL: (1, 7000, 40, 5000)}, whole=whole),
        resume(4),
        usage(5, "b"),
        shutdown(6, {MODEL: second}, whole=whole),
    )
    assert _sums(session) == (2, 4000, 80, 10000, 0)


@pytest.mark.parametrize("whole", [True, False])
def test_a_lost_record_is_in_the_totals(whole: bool, tmp_path: Path) -> None:
    requests, session = _stored(
        tmp_path,
        start(),
        usage(2, "a"),
        shutdown(3, {MODEL: (2, 9000, 50, 5500), "gpt-mini": (1, 300, 6, 0)}, whole=whole),
    )
    assert _sums(session) == (3, 2000 + 1500 + 300, 40 + 10 + 6, 5500, 0)
    assert {request.outcome for request in requests} == {"stop", "totals"}


def test_an_older_client_tells_only_the_output_until_its_end(tmp_path: Path) -> None:
    run = [start(), prompt(), message("a", 3, outputTokens=100), message("b", 4, outputTokens=280)]
    _, session = _stored(tmp_path / "running", *run)
    assert _sums(session) == (1, 0, 380, 0, 1)
    assert session.context is None
    requests, session = _stored(tmp_path / "ended", *run, shutdown(9, {MODEL: (3, 20500, 400, 9000)}))
    assert _sums(session) == (1, 11500, 400, 9000, 0)
    assert [request.outcome for request in requests] == ["totals"]


def test_the_sum_of_many_prompts_is_no_context(tmp_path: Path) -> None:
    run = [start(), message("a", 3, outputTokens=100)]
    totals = {MODEL: (3, 20500, 400, 9000)}
    assert _stored(tmp_path / "told", *run, shutdown(9, totals))[1].context == 6100
    assert _stored(tmp_path / "untold", *run, shutdown(9, totals, current=None))[1].context is None


def test_each_run_of_an_older_client_has_its_own_totals(tmp_path: Path) -> None:
    requests, session = _stored(
        tmp_path,
        start(),
        message("a", 2, outputTokens=100),
        shutdown(3, {MODEL: (1, 1000, 100, 0)}),
        resume(4),
        message("b", 5, outputTokens=50),
        shutdown(6, {MODEL: (1, 1200, 50, 1000)}),
        resume(7),
        message("killed", 8, outputTokens=7),
    )
    assert _sums(session) == (3, 1200, 157, 1000, 1)
    assert [request.tokens_incomplete for request in sorted(requests, key=lambda r: r.timestamp)] == [
        False,
        False,
        True,
    ]


def test_totals_told_twice_count_once(tmp_path: Path) -> None:
    totals = {MODEL: (1, 1000, 100, 0)}
    _, session = _stored(
        tmp_path, start(), message("a", 2, outputTokens=100), shutdown(3, totals), shutdown(4, totals)
    )
    assert _sums(session) == (1, 1000, 100, 0, 0)


def test_output_told_beside_a_record_does_not_count(tmp_path: Path) -> None:
    _, session = _stored(tmp_path, start(), usage(), message(outputTokens=40))
    assert _sums(session) == (1, 2000, 40, 5000, 0)


def test_a_process_without_requests_has_no_totals() -> None:
    assert not of_type(read(start(), shutdown()).events, EventType.API_REQUEST)


@pytest.mark.parametrize("bad", [-1, 1.5, "7", None, 10**12 + 1])
@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("inputTokens", (None, 40, 5000, 0)),
        ("outputTokens", (2000, None, 5000, 0)),
        ("cacheReadTokens", (None, 40, None, 0)),
        ("cacheWriteTokens", (None, 40, 5000, None)),
    ],
)
def test_a_total_that_is_no_count_is_unknown(
    tmp_path: Path, name: str, known: tuple[int | None, ...], bad: Any
) -> None:
    ended = shutdown(3, {MODEL: (1, 7000, 40, 5000)})
    ended["data"]["modelMetrics"][MODEL]["usage"][name] = bad
    [request], session = _stored(tmp_path, start(), ended)
    found = (
        request.tokens_input,
        request.tokens_output,
        request.tokens_cache_read,
        request.tokens_cache_write,
    )
    assert (found, request.tokens_incomplete) == (known, True)
    sums = recount("copilot", [File(str(path)) for path in tmp_path.rglob("events.jsonl")])
    own = sums[session.session_id].own
    assert (own.tokens_input, own.tokens_output) == (session.tokens_input, session.tokens_output)


def test_totals_of_nonsense_are_survived() -> None:
    absurd = {MODEL: (2**62, 2**62, 2**62, -1)}
    events = read(
        start(), usage(outputTokens=2**62), shutdown(3, absurd), resume(4), shutdown(5, absurd)
    ).events
    assert len(of_type(events, EventType.SESSION_END)) == 2
    odd = line("session.shutdown", 3, modelMetrics={MODEL: {"usage": 3, "requests": []}, "x": 7})
    assert not of_type(read(start(), odd).events, EventType.API_REQUEST)


def test_the_same_request_in_two_files_counts_once(tmp_path: Path) -> None:
    copy = PATH.replace("11111111", "99999999")
    again = [{**record, "data": {**record["data"]}} for record in (start(), usage())]
    again[0]["data"]["sessionId"] = "99999999-2222-4333-8444-555555555555"
    write(tmp_path, {PATH: jsonl([start(), usage()]), copy: jsonl(again)})
    events, sessions = store(FRAMEWORK, tmp_path, tmp_path / "mi6.db")
    assert len(of_type(events, EventType.API_REQUEST)) == 1
    assert sum(session.api_request_count for session in sessions) == 1
