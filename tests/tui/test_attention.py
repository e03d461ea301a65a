"""Who comes first, and that the clock moves nobody."""

from __future__ import annotations

from mi6_tui.judge.attention import attention_key
from mi6_tui.model import Session
from tests.tui.conftest import NOW
from tests.tui.makers import session


def order(*sessions: Session) -> list[str]:
    return [s.session_id for s in sorted(sessions, key=lambda s: attention_key(s, NOW))]


def test_by_what_a_session_wants() -> None:
    shown = ("ended", "unknown", "idle", "working", "background", "your turn", "waiting")
    assert order(*(session(word, status_shown=word) for word in shown)) == list(reversed(shown))


def test_a_word_nobody_knows_counts_as_unknown() -> None:
    rows = (
        session("new", status_shown="dreaming"),
        session("ended", status_shown="ended"),
        session("idle", status_shown="idle"),
    )
    assert order(*rows) == ["idle", "new", "ended"]
    assert order(session("none", status_shown=None), session("ended", status_shown="ended")) == [
        "none",
        "ended",
    ]


def blocked(name: str, seconds: int, context: int | None, shown: str = "waiting", **more: int) -> Session:
    return session(name, status_shown=shown, status_since=NOW - 1000 * seconds, context=context, **more)


def test_blocked_sessions_by_what_waiting_costs() -> None:
    """Seconds blocked times tokens: 9.0 M, 4.8 M and 4.0 M."""
    rows = (
        blocked("young", 10, 400_000),
        blocked("old", 240, 20_000, shown="error"),
        blocked("large", 60, 150_000),
    )
    assert order(*rows) == ["large", "old", "young"]


def test_who_has_nothing_to_lose_any_more_comes_behind_the_longest_blocked_first() -> None:
    rows = (
        blocked("cold", 300, 900_000),
        blocked("colder", 9000, 10_000),
        blocked("unknown", 400, None),
        blocked("warm", 1, 5),
        blocked("cached for an hour", 2, 5, tokens_cache_write_1h=1),
    )
    assert order(*rows) == ["cached for an hour", "warm", "colder", "unknown", "cold"]
    assert order(rows[0], blocked("long", 3599, 1, tokens_cache_write_1h=1)) == ["long", "cold"]
    assert order(rows[2], blocked("too long", 3600, 1, tokens_cache_write_1h=1)) == ["too long", "unknown"]


def test_a_running_session_does_not_move_at_every_step() -> None:
    first = session("first", first_started_at=NOW - 9000, status_since=NOW)
    second = session("second", first_started_at=NOW - 5000, status_since=NOW - 4000)
    assert order(first, second) == ["second", "first"]
    assert order(first.with_(status_since=NOW - 8000), second.with_(status_since=NOW)) == ["second", "first"]


def test_of_those_at_rest_the_latest_comes_first() -> None:
    old = session("old", status_shown="your turn", status_since=NOW - 9000)
    new = session("new", status_shown="your turn", status_since=NOW - 1000)
    no_since = session("none", status_shown="your turn", status_since=None, last_activity=NOW - 5000)
    assert order(old, no_since, new) == ["new", "none", "old"]


def test_ties_are_broken_by_key() -> None:
    assert order(session("b"), session("a"), session("a", machine_id="a-host")) == ["a", "a", "b"]
