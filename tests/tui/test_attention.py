"""Who comes first, and that the clock moves nobody."""

from __future__ import annotations

from mi6_tui.judge.attention import attention_key
from mi6_tui.model import Session
from tests.tui.conftest import NOW
from tests.tui.makers import session


def order(*sessions: Session) -> list[str]:
    return [s.session_id for s in sorted(sessions, key=attention_key)]


def test_by_what_a_session_wants() -> None:
    shown = ("ended", "unknown", "idle", "working", "background", "your turn", "error", "waiting")
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


def test_the_longest_blocked_comes_first_then_the_one_with_more_context() -> None:
    young = session("young", status_shown="waiting", status_since=NOW - 1000, context=900_000)
    old_small = session("old-small", status_shown="waiting", status_since=NOW - 9000, context=10)
    old_large = session("old-large", status_shown="waiting", status_since=NOW - 9000, context=10_000)
    unknown = session("old-unknown", status_shown="waiting", status_since=NOW - 9000, context=None)
    assert order(young, unknown, old_small, old_large) == ["old-large", "old-small", "old-unknown", "young"]


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
