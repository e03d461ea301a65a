"""EventQuery and SessionQuery: every filter, order and limit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mi6_tui.model import Batch, EventQuery, EventType, SessionQuery, StorageStats, StorageStatsQuery
from mi6_tui.storage.conformance.base import NOW, Group, make_event, request, session_of
from mi6_tui.storage.protocol import Storage

EventBuilder = Callable[[EventQuery], EventQuery]
SessionBuilder = Callable[[SessionQuery], SessionQuery]

# Eight events named by tool_name: time (after NOW), session, type, framework, mode; in the order of ids.
_EVENTS = [
    ("a", 50, "s1", "ApiRequest", "claude", "plan"),
    ("b", 10, "s1", "PreToolUse", "claude", None),
    ("c", 30, "s2", "ApiRequest", "codex", "default"),
    ("d", 30, "s1", "PreToolUse", "claude", "plan"),
    ("e", 30, "s2", "Mine", "codex", None),
    ("f", 20, "s3", "ApiRequest", None, None),
    ("g", 40, "s4", "mine", "Claude", "Plan"),
    ("h", 30, "s1", "ApiRequest", "claude", None),
]

_EVENT_CASES: list[tuple[EventBuilder, str]] = [
    (lambda q: q, "aghedcfb"),
    (lambda q: q.descending(), "aghedcfb"),
    (lambda q: q.ascending(), "bfcdehga"),
    (lambda q: q.order_by_id(), "abcdefgh"),
    (lambda q: q.order_by_id().descending(), "hgfedcba"),
    (lambda q: q.order_by_id().order_by_timestamp(), "aghedcfb"),
    (lambda q: q.with_limit(3), "agh"),
    (lambda q: q.with_limit(0), ""),
    (lambda q: q.with_limit(100), "aghedcfb"),
    (lambda q: q.with_session("s1"), "ahdb"),
    (lambda q: q.with_session("s1").ascending(), "bdha"),
    (lambda q: q.with_session("S1"), ""),
    (lambda q: q.with_session("nobody"), ""),
    (lambda q: q.with_sessions(("s1", "s3")), "ahdfb"),
    (lambda q: q.with_sessions(("s1", "s3", "s1", "nobody")), "ahdfb"),
    (lambda q: q.with_sessions(("s3",)), "f"),
    (lambda q: q.with_sessions(()), ""),
    (lambda q: q.with_sessions(("nobody",)), ""),
    (lambda q: q.with_session("s1").with_sessions(("s2",)), "ec"),
    (lambda q: q.with_sessions(("s2",)).with_session("s3"), "f"),
    (lambda q: q.with_sessions(("s1", "s2")).with_limit(2), "ah"),
    (lambda q: q.with_sessions(("s1", "s2")).ascending().with_limit(2), "bc"),
    (lambda q: q.with_sessions(("s1", "s2")).with_event_type("PreToolUse"), "db"),
    (lambda q: q.with_sessions(("s1", "s2")).with_after_ts(NOW + 30), "a"),
    (lambda q: q.with_sessions(("s1", "s2")).api_requests_only(), "ahc"),
    (lambda q: q.with_event_type("pretooluse"), "db"),
    (lambda q: q.with_event_type("MINE"), "ge"),
    (lambda q: q.with_event_type(" Mine"), ""),
    (lambda q: q.with_framework("claude"), "ahdb"),
    (lambda q: q.with_permission_mode("plan"), "ad"),
    (lambda q: q.with_after_ts(NOW + 30), "ag"),
    (lambda q: q.with_before_ts(NOW + 30), "fb"),
    (lambda q: q.with_between(NOW + 10, NOW + 30), "f"),
    (lambda q: q.with_between(NOW + 30, NOW + 30), ""),
    (lambda q: q.with_between(NOW + 30, NOW + 10), ""),
    (lambda q: q.with_session("s1").with_event_type("ApiRequest").with_after_ts(NOW + 30), "a"),
    (lambda q: q.api_requests_only(), "ahcf"),
    (lambda q: q.api_requests_only().with_session("s1"), "ah"),
    (lambda q: q.api_requests_only().order_by_id(), "acfh"),
    (lambda q: q.exclude_api_requests(), "gedb"),
    (lambda q: q.api_requests_only().exclude_api_requests(), "gedb"),
    (lambda q: q.exclude_api_requests().api_requests_only(), "ahcf"),
]

# The same with the ids of b (`low`) and g (`high`) in hand.
_ID_CASES: list[tuple[Callable[[EventQuery, int, int], EventQuery], str]] = [
    (lambda q, low, high: q.with_after_id(low), "ghedcf"),
    (lambda q, low, high: q.with_after_id(low).order_by_id(), "cdefgh"),
    (lambda q, low, high: q.with_after_id(low).order_by_id().descending(), "hgfedc"),
    (lambda q, low, high: q.with_after_id(low).order_by_id().with_limit(2), "cd"),
    (lambda q, low, high: q.with_after_id(low).with_before_id(high).order_by_id(), "cdef"),
    (lambda q, low, high: q.with_after_id(low).with_before_ts(NOW + 30).order_by_id(), "f"),
    (lambda q, low, high: q.with_after_id(low).api_requests_only().order_by_id(), "cfh"),
    (lambda q, low, high: q.with_after_id(low).api_requests_only().with_session("s1"), "h"),
    (lambda q, low, high: q.with_after_id(high + 1), ""),
    (lambda q, low, high: q.with_before_id(low).order_by_id(), "a"),
]

# Five sessions by id: machine, framework, start, last activity (both after NOW), cost, ended, repo.
_SESSIONS = [
    ("a1", "m1", "claude", 10, 90, 0.5, False, "o/r"),
    ("a2", "m1", "codex", 20, 80, None, False, "o/r"),
    ("b1", "m2", "claude", 30, 70, 2.0, True, "o/other"),
    ("b2", "m2", "claude", 30, 60, None, True, None),
    ("c", "m3", "gemini", 40, 50, 0.5, False, None),
]

_SESSION_CASES: list[tuple[SessionBuilder, str]] = [
    (lambda q: q, "c b1 b2 a2 a1"),
    (lambda q: q.ascending(), "a1 a2 b1 b2 c"),
    (lambda q: q.ascending().descending(), "c b1 b2 a2 a1"),
    (lambda q: q.order_by_last_activity(), "a1 a2 b1 b2 c"),
    (lambda q: q.order_by_last_activity().ascending(), "c b2 b1 a2 a1"),
    (lambda q: q.order_by_last_activity().order_by_started_at(), "c b1 b2 a2 a1"),
    (lambda q: q.order_by_cost(), "b1 a1 c a2 b2"),
    (lambda q: q.order_by_cost().ascending(), "a1 c b1 a2 b2"),
    (lambda q: q.with_limit(2), "c b1"),
    (lambda q: q.with_limit(0), ""),
    (lambda q: q.with_machine("m1"), "a2 a1"),
    (lambda q: q.with_machine("M1"), ""),
    (lambda q: q.with_framework("claude"), "b1 b2 a1"),
    (lambda q: q.with_github_repo("o/r"), "a2 a1"),
    (lambda q: q.with_github_issue(7), "a1"),
    (lambda q: q.with_github_pr(8), "a2"),
    (lambda q: q.active_only(), "c a2 a1"),
    (lambda q: q.active_only().with_framework("claude"), "a1"),
    (lambda q: q.with_active_since(NOW + 80), "a2 a1"),
    (lambda q: q.with_started_after(NOW + 20), "c b1 b2"),
    (lambda q: q.with_started_before(NOW + 20), "a1"),
    (lambda q: q.with_started_after(NOW + 40), ""),
    (lambda q: q.with_id_prefix("b"), "b1 b2"),
    (lambda q: q.with_id_prefix("B"), ""),
    (lambda q: q.with_id_prefix("a1"), "a1"),
    (lambda q: q.with_id_prefix("%"), ""),
    (lambda q: q.with_id_prefix(""), "c b1 b2 a2 a1"),
]


class QueryConformance(Group):
    """query, list_sessions, storage_stats."""

    @pytest.fixture
    def events(self, storage: Storage) -> Storage:
        """A store with the eight events."""
        storage.record(
            Batch(
                events=tuple(
                    make_event(
                        tool_name=name,
                        timestamp=NOW + time,
                        session_id=session_id,
                        event_type=event_type,
                        framework=framework,
                        permission_mode=mode,
                    )
                    for name, time, session_id, event_type, framework, mode in _EVENTS
                )
            )
        )
        return storage

    @pytest.mark.parametrize("case", range(len(_EVENT_CASES)))
    def test_events(self, events: Storage, case: int) -> None:
        build, expected = _EVENT_CASES[case]
        assert "".join(event.tool_name or "" for event in events.query(build(EventQuery()))) == expected

    @pytest.mark.parametrize("case", range(len(_ID_CASES)))
    def test_events_by_id(self, events: Storage, case: int) -> None:
        build, expected = _ID_CASES[case]
        ids = {event.tool_name: event.id or 0 for event in events.query(EventQuery())}
        found = events.query(build(EventQuery(), ids["b"], ids["g"]))
        assert "".join(event.tool_name or "" for event in found) == expected

    def test_many_sessions_at_once(self, events: Storage) -> None:
        names = tuple(f"x{number}" for number in range(40_000))
        assert len(events.query(EventQuery().with_sessions((*names, "s1", 'quo"te')))) == 4

    @pytest.fixture
    def sessions(self, storage: Storage) -> Storage:
        """A store with the five sessions."""
        for name, machine_id, framework, start, last, cost, ended, repo in _SESSIONS:
            about = {"session_id": name, "machine_id": machine_id, "framework": framework}
            storage.insert(make_event(timestamp=NOW + start, **about))
            storage.insert(request(timestamp=NOW + start, cost_usd=cost, **about))
            kind = EventType.SESSION_END if ended else EventType.NOTIFICATION
            storage.insert(make_event(timestamp=NOW + last, event_type=kind, **about))
            if repo:
                storage.update_session_github_repo(name, repo)
        for name, command in (("a1", "gh issue view 7"), ("a2", "gh pr view 8")):
            session = session_of(storage, name)
            storage.insert(
                make_event(
                    session_id=name,
                    machine_id=session.machine_id,
                    timestamp=session.last_activity,
                    event_type=EventType.POST_TOOL_USE,
                    tool_name="Bash",
                    payload=f'{{"command":"{command}"}}',
                )
            )
        return storage

    @pytest.mark.parametrize("case", range(len(_SESSION_CASES)))
    def test_sessions(self, sessions: Storage, case: int) -> None:
        build, expected = _SESSION_CASES[case]
        found = sessions.list_sessions(build(SessionQuery()))
        assert " ".join(session.session_id for session in found) == expected

    def test_ties_are_broken_by_the_key(self, storage: Storage) -> None:
        for machine_id, session_id in (("m2", "x"), ("m1", "z"), ("m1", "y")):
            storage.insert(make_event(machine_id=machine_id, session_id=session_id))
        for query in (SessionQuery(), SessionQuery().ascending(), SessionQuery().order_by_cost()):
            found = [session.key for session in storage.list_sessions(query)]
            assert found == [("m1", "y"), ("m1", "z"), ("m2", "x")]

    def test_only_sessions_that_changed_since_a_revision(self, storage: Storage) -> None:
        for name in ("a", "b", "c"):
            storage.insert(make_event(session_id=name))
        seen = storage.revision()
        assert storage.list_sessions(SessionQuery().changed_since(seen)) == []
        storage.insert(make_event(session_id="b", timestamp=NOW + 1))
        changed = storage.list_sessions(SessionQuery().changed_since(seen))
        assert [session.session_id for session in changed] == ["b"]
        assert storage.revision() == changed[0].revision > seen

    def test_totals(self, sessions: Storage) -> None:
        # Each request has 1,130 tokens.
        assert sessions.storage_stats(StorageStatsQuery()) == StorageStats(
            session_count=5,
            active_session_count=3,
            total_tokens=5_650,
            total_cost_usd=3.0,
            total_api_requests=5,
        )
        assert sessions.storage_stats(StorageStatsQuery().active_only()) == StorageStats(
            session_count=3,
            active_session_count=3,
            total_tokens=3_390,
            total_cost_usd=1.0,
            total_api_requests=3,
        )
        assert sessions.storage_stats(StorageStatsQuery().with_framework("claude")) == StorageStats(
            session_count=3,
            active_session_count=1,
            total_tokens=3_390,
            total_cost_usd=2.5,
            total_api_requests=3,
        )
        both = StorageStatsQuery().with_framework("claude").active_only()
        assert sessions.storage_stats(both) == StorageStats(
            session_count=1,
            active_session_count=1,
            total_tokens=1_130,
            total_cost_usd=0.5,
            total_api_requests=1,
        )

    def test_totals_of_nothing_are_zeros(self, storage: Storage) -> None:
        assert storage.storage_stats(StorageStatsQuery()) == StorageStats()
