"""The demo's fleet: the same every time, of every kind, alive, and no danger to anybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC
from itertools import pairwise
from pathlib import Path

import pytest

from mi6_tui.ingest.demo import Demo, fill_demo
from mi6_tui.model import Batch, Claim, Event, EventType, SearchQuery, SessionFact, SessionQuery, UsageQuery
from mi6_tui.storage.sqlite import SqliteStorage

NOW = 1_795_442_531_000
"""2026-11-23 14:02:11 UTC, a Monday."""
MINUTE = 60_000
COUNTS = ("tokens_input", "tokens_output", "tokens_cache_read", "tokens_cache_write")
LARGEST_PID = 4_194_304
"""The largest process id that Linux gives; other systems stay below."""


class Clock:
    now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def storage(tmp_path: Path, clock: Clock) -> Iterator[SqliteStorage]:
    with closing(SqliteStorage(tmp_path / "mi6.db", clock=clock)) as storage:
        yield storage


def told_by(*batches: Batch) -> list[Event | SessionFact | Claim]:
    told: list[Event | SessionFact | Claim] = []
    for batch in batches:
        told += (*batch.events, *batch.facts, *batch.claims)
    return told


def in_steps(demo: Demo, until: int, step: int) -> list[Event | SessionFact | Claim]:
    return told_by(*(demo.until(now) for now in (*range(NOW, until, step), until)))


def test_the_same_seed_and_clock_give_the_same_demo() -> None:
    later = NOW + 10 * MINUTE
    assert Demo(NOW).until(later) == Demo(NOW).until(later)
    assert Demo(NOW).until(later) != Demo(NOW, seed=2).until(later)
    assert Demo(NOW).until(NOW) != Demo(NOW + 1).until(NOW + 1)
    assert list(Demo(NOW).past()) == list(Demo(NOW).past())


@pytest.mark.parametrize("step", [137, 5_000, 2 * MINUTE])
def test_how_it_is_cut_into_steps_makes_no_difference(step: int) -> None:
    until = NOW + 6 * MINUTE
    stepwise, at_once = in_steps(Demo(NOW), until, step), told_by(Demo(NOW).until(until))
    assert len(stepwise) == len(at_once)
    assert Counter(map(repr, stepwise)) == Counter(map(repr, at_once))


def test_nothing_happens_in_the_future_and_keys_are_unique() -> None:
    demo = Demo(NOW)
    now = NOW
    events: list[Event] = []
    for now in range(NOW, NOW + 20 * MINUTE, 7_000):
        batch = demo.until(now)
        assert all(event.timestamp <= now for event in batch.events)
        assert all(claim.at <= now for claim in batch.claims)
        assert demo.next_at is not None and demo.next_at > now
        events += batch.events
    events += [event for batch in demo.past() for event in batch.events]
    assert len({event.key for event in events}) == len(events)


def test_every_status_is_there_when_it_begins(storage: SqliteStorage) -> None:
    fill_demo(storage, NOW)
    sessions = storage.list_sessions(SessionQuery())
    assert Counter(session.status_shown for session in sessions) == {
        "waiting": 4, "error": 1, "working": 8, "background": 2,
        "your turn": 2, "idle": 2, "unknown": 1, "ended": 4,
    }  # fmt: skip
    assert {session.framework for session in sessions} == {
        "claude", "codex", "gemini", "opencode", "copilot",
    }  # fmt: skip
    rules = {session.status_rule for session in sessions}
    assert {"permission", "question", "plan", "error", "children", "killed", "seen"} <= rules
    details = {session.status_detail for session in sessions}
    assert {"compacting", "retrying", "1 shell", "4 agents"} <= details
    assert any(session.incomplete_requests for session in sessions)
    assert any(session.unpriced_requests for session in sessions)
    assert any(session.is_headless for session in sessions)
    assert any(session.context_window is None and session.context for session in sessions)
    assert {412, 31, 205, 77} <= {session.github_pr for session in sessions}
    assert {session.name for session in sessions if session.git_worktree_path} == {
        "Add a --shout flag to greet",
        "修复登录页面的空指针异常",
    }


def test_it_says_until_when_the_limit_lasts(storage: SqliteStorage) -> None:
    fill_demo(storage, NOW)
    errors = [event for event in Demo(NOW).until(NOW).events if event.event_type == EventType.API_ERROR]
    assert "Usage limit reached, resets 14:30" in {event.preview for event in errors}


def test_the_numbers_are_those_of_the_events(storage: SqliteStorage, clock: Clock) -> None:
    clock.now = NOW + 3 * MINUTE
    fill_demo(storage, clock.now, played=3 * MINUTE)
    requests = [e for e in Demo(NOW).until(clock.now).events if e.event_type == EventType.API_REQUEST]
    for session in storage.list_sessions(SessionQuery()):
        own = [event for event in requests if event.session_id == session.session_id]
        assert session.api_request_count == len(own)
        assert session.total_tokens == sum(getattr(event, name) or 0 for event in own for name in COUNTS)
        if session.framework == "opencode" and not session.unpriced_requests:
            assert session.cost_recorded_usd == pytest.approx(sum(event.cost_usd or 0 for event in own))


def test_each_kind_of_witness_is_heard(storage: SqliteStorage) -> None:
    fill_demo(storage, NOW)
    (asks,) = [
        s for s in storage.list_sessions(SessionQuery()) if s.name.startswith("Clean the build folder")
    ]
    claims = {claim.witness: claim.kind for claim in storage.claims("demo", asks.session_id)}
    assert claims["registry"] == "waiting"
    assert claims["hook"] == "permission"
    assert claims["transcript"] == "tool"
    assert claims["process"] == "alive"


def test_no_process_here_can_be_taken_for_one_of_its(storage: SqliteStorage) -> None:
    batch = Demo(NOW).until(NOW + 10 * MINUTE)
    pids = {news.pid for news in told_by(batch) if isinstance(news, Event | Claim) and news.pid is not None}
    assert len(pids) > 20
    assert min(pids) > LARGEST_PID


def test_it_lives(storage: SqliteStorage, clock: Clock) -> None:
    """In ten minutes a permission about every twenty seconds, all answered; some go, as many come."""
    demo = Demo(NOW)
    storage.record(demo.until(NOW))
    before = {session.session_id: session for session in storage.list_sessions(SessionQuery())}
    clock.now = NOW + 10 * MINUTE
    batch = demo.until(clock.now)
    storage.record(batch)
    storage.rejudge(clock.now)
    asked = sorted(
        event.timestamp
        for event in batch.events
        if event.event_type == EventType.PERMISSION_REQUEST or event.outcome == "ToolPermission"
    )
    assert 20 <= len(asked) <= 40
    assert max(later - earlier for earlier, later in pairwise(asked)) < 60_000
    after = storage.list_sessions(SessionQuery())
    waiting = [session for session in after if session.status_shown == "waiting"]
    assert 0 < len(waiting) < 6
    assert all(clock.now - (session.status_since or 0) < MINUTE for session in waiting)
    ended = [session for session in after if session.status_shown == "ended" and session.is_active is False]
    new = [session for session in after if session.session_id not in before]
    assert len(ended) - 4 >= 5 and len(new) >= 5
    assert sum(session.total_tokens for session in after) > sum(s.total_tokens for s in before.values())


def test_there_are_weeks_to_add_up_and_to_search(storage: SqliteStorage) -> None:
    fill_demo(storage, NOW, past=True)
    days = storage.usage(UsageQuery(by="day", timezone=UTC)).rows
    assert len(days) > 25
    assert all(day.cost_usd for day in days)
    weekend = [day for day in days if day.key in ("2026-11-21", "2026-11-22")]
    workdays = [day for day in days if day.key in ("2026-11-17", "2026-11-18", "2026-11-19")]
    assert len(workdays) == 3
    assert sum(day.api_request_count for day in weekend) < sum(day.api_request_count for day in workdays)
    assert storage.search(SearchQuery(text="retry"))


def test_filling_twice_changes_nothing(storage: SqliteStorage) -> None:
    fill_demo(storage, NOW, past=True)
    before = storage.count(), storage.revision()
    fill_demo(storage, NOW, past=True)
    assert (storage.count(), storage.revision()) == before
