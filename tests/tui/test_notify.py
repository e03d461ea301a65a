"""Who is told of what, and when: sessions and a clock in, notes out."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mi6_tui.judge.attention import NEEDS_YOU
from mi6_tui.model import Session
from mi6_tui.tui.notify import GRACE, PAUSE, Attention, Note
from mi6_tui.tui.rows import Key
from tests.tui.conftest import NOW
from tests.tui.makers import MACHINE, session


def waiting(name: str = "a", since: int = NOW, **values: Any) -> Session:
    facts = {
        "status_shown": "waiting",
        "status_detail": "permission: Bash npm test",
        "status_reason": "it asks for a permission",
        "status_since": since,
        "title": f"Work of {name}",
        "cwd": "/src/greet",
    }
    return session(name, **{**facts, **values})


def running(name: str = "a", since: int = NOW, **values: Any) -> Session:
    return session(name, status_since=since, **values)


def ended_turn(name: str = "a", since: int = NOW, **values: Any) -> Session:
    facts = {"status_shown": "your turn", "status_detail": "replied", "status_reason": "the turn ended"}
    return session(name, **{**facts, "status_since": since, **values})


class Watch:
    """An `Attention` from just before NOW, and what it told, each note in one line."""

    def __init__(self, on: Collection[str] = NEEDS_YOU, looked_at: Key | None = None) -> None:
        self.attention = Attention(NOW - 1)
        self.on = on
        self.looked_at = looked_at

    def see(self, now: int, *sessions: Session) -> None:
        self.attention.take(sessions, now)

    def told(self, now: int) -> list[str]:
        notes = self.attention.due(now, self.on, self.looked_at)
        return [f"{note.title} | {note.body}" for note in notes]


def test_a_session_that_begins_to_wait_is_told_once_with_its_reason() -> None:
    watch = Watch()
    watch.see(NOW, waiting())
    assert watch.told(NOW + GRACE - 1) == []
    assert watch.told(NOW + GRACE) == ["waiting · greet | Work of a: permission: Bash npm test"]
    watch.see(NOW + 5000, waiting())
    assert not watch.attention.pending
    assert watch.told(NOW + 9000) == []


def test_what_waited_at_the_start_is_not_told() -> None:
    watch = Watch()
    watch.see(NOW, waiting(since=NOW - 1), ended_turn("b", since=NOW - 900_000))
    assert not watch.attention.pending
    assert watch.told(NOW + GRACE) == []


def test_history_that_is_read_later_is_not_told_but_its_next_edge_is() -> None:
    watch = Watch()
    watch.see(NOW + 60_000, ended_turn(since=NOW - 86_400_000))
    assert watch.told(NOW + 70_000) == []
    watch.see(NOW + 80_000, running(since=NOW + 80_000))
    watch.see(NOW + 90_000, ended_turn(since=NOW + 90_000))
    assert watch.told(NOW + 91_000) == ["your turn | a: the turn ended"]


def test_what_is_answered_within_the_grace_is_never_told() -> None:
    watch = Watch()
    watch.see(NOW, waiting())
    watch.see(NOW + 900, running(since=NOW + 900))
    assert not watch.attention.pending
    assert watch.told(NOW + 5000) == []


def test_a_session_that_waits_again_is_told_again() -> None:
    watch = Watch()
    watch.see(NOW, waiting())
    assert len(watch.told(NOW + 1000)) == 1
    watch.see(NOW + 2000, running(since=NOW + 2000))
    watch.see(NOW + 3000, waiting(since=NOW))  # the same prompt, looked at again
    assert watch.told(NOW + 5000) == []
    watch.see(NOW + 6000, running(since=NOW + 6000))
    watch.see(NOW + 7000, waiting(since=NOW + 7000))
    assert len(watch.told(NOW + 8000)) == 1


def test_a_later_witness_of_the_same_prompt_is_no_news_but_another_prompt_is() -> None:
    watch = Watch()
    watch.see(NOW, waiting())
    assert len(watch.told(NOW + 1000)) == 1
    watch.see(NOW + 6000, waiting(since=NOW + 6000, status_detail="permission"))
    watch.see(NOW + 6100, waiting(since=NOW + 6100))
    assert watch.told(NOW + 8000) == []
    watch.see(NOW + 9000, waiting(since=NOW + 9000, status_detail="permission: Bash rm -rf build"))
    assert watch.told(NOW + 10_000) == ["waiting · greet | Work of a: permission: Bash rm -rf build"]


def test_only_chosen_statuses_are_told_and_the_others_not_later_either() -> None:
    watch = Watch(on=("error",))
    watch.see(
        NOW, waiting(), session("b", status_shown="error", status_detail="rate_limit", status_since=NOW)
    )
    assert watch.told(NOW + 1000) == ["error | b: rate limit"]
    watch.on = NEEDS_YOU
    assert watch.told(NOW + 9000) == []


def test_the_session_that_is_looked_at_is_not_told() -> None:
    watch = Watch(looked_at=(MACHINE, "a"))
    watch.see(NOW, waiting("a"), waiting("b"))
    assert watch.told(NOW + 1000) == ["waiting · greet | Work of b: permission: Bash npm test"]
    watch.looked_at = None
    assert watch.told(NOW + 9000) == []


@pytest.mark.parametrize("entrypoint", ["sdk-cli", "exec"])
def test_nobody_takes_a_turn_in_a_headless_run(entrypoint: str) -> None:
    watch = Watch()
    watch.see(NOW, ended_turn("a", entrypoint=entrypoint), waiting("b", entrypoint=entrypoint))
    assert watch.told(NOW + 1000) == ["waiting · greet | Work of b: permission: Bash npm test"]


@pytest.mark.parametrize("detail", ["interrupted", "declined"])
def test_what_the_user_did_himself_is_not_told(detail: str) -> None:
    watch = Watch()
    watch.see(NOW, ended_turn(status_detail=detail))
    assert watch.told(NOW + 1000) == []


def test_three_are_told_one_by_one_the_longest_blocked_first_and_more_as_one() -> None:
    watch = Watch()
    watch.see(NOW, ended_turn("c"), waiting("b", since=NOW + 5), waiting("a"))
    assert [line.partition(" |")[0] for line in watch.told(NOW + 1000)] == [
        "waiting · greet", "waiting · greet", "your turn",
    ]  # fmt: skip
    watch = Watch()
    sessions = [waiting("a"), waiting("b", since=NOW + 1), ended_turn("c"), ended_turn("d")]
    watch.see(NOW, *sessions, session("e", status_shown="error", status_since=NOW))
    assert watch.told(NOW + 1000) == [
        "5 sessions need you | 2 waiting, 1 error, 2 your turn: Work of a, e, Work of b, …"
    ]


def test_after_something_was_told_there_is_a_pause() -> None:
    watch = Watch()
    watch.see(NOW, waiting("a"))
    watch.see(NOW + 100, waiting("b"))
    assert len(watch.told(NOW + 1000)) == 1
    assert watch.told(NOW + 1000 + PAUSE - 1) == []
    assert watch.attention.pending
    assert len(watch.told(NOW + 1000 + PAUSE)) == 1


def test_a_clock_that_is_set_back_delays_nothing() -> None:
    watch = Watch()
    watch.see(NOW + 10_000, waiting("a"))
    assert len(watch.told(NOW)) == 1


def test_text_of_others_is_cleaned_and_short() -> None:
    watch = Watch()
    watch.see(
        NOW, waiting(title="\x1b]9;x\x07" + "y" * 500, status_detail="permission: \x1b[2J\n" + "z" * 500)
    )
    (line,) = watch.told(NOW + 1000)
    assert line.isprintable()
    assert len(line) < 240


@given(
    st.lists(
        st.tuples(st.integers(0, 3000), st.sampled_from(["waiting", "working", "ended"])),
        max_size=30,
    )
)
def test_every_stay_of_a_second_or_more_is_told_exactly_once(steps: list[tuple[int, str]]) -> None:
    attention, now = Attention(NOW), NOW
    told: list[Note] = []
    began: tuple[int, str] = NOW, "working"
    stays: list[int] = []
    for gap, shown in [*steps, (10_000, "working")]:
        for moment in range(now, now + gap + 1, 100):
            told += attention.due(moment, NEEDS_YOU, None)
        now += gap + 1
        if shown != began[1]:
            stays += [now - began[0]] if began[1] == "waiting" else []
            began = now, shown
            attention.take([session("a", status_shown=shown, status_since=now)], now)
    assert (
        sum(stay >= GRACE + PAUSE + 200 for stay in stays)
        <= len(told)
        <= sum(stay >= GRACE for stay in stays)
    )
