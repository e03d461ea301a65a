from typing import get_args

import pytest

from mi6_tui.judge.status import About, Evidence, Verdict, judge
from mi6_tui.model import STATUSES, ClaimKind
from mi6_tui.model.claim import RANK

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
T = 1_800_000_000_000
SPOKEN = tuple(
    kind for kind in get_args(ClaimKind) if kind not in ("alive", "gone", "busy", "idle", "waiting")
)
"""What hooks and transcripts say."""


def verdict(
    kind: ClaimKind, age: int, *, detail: str = "", children: int = 0, headless: bool = False
) -> Verdict:
    """The verdict `age` ms after the transcript's word, which was the last sign of life."""
    said = Evidence(kind=kind, detail=detail, at=T, source="transcript")
    about = About(last_activity=T, running_children=children, headless=headless)
    return judge({"transcript": said}, about, T + age)


@pytest.mark.parametrize(
    ("kind", "status", "shown"),
    [
        ("start", "idle", "idle"),
        ("prompt", "busy", "working"),
        ("reply", "busy", "working"),
        ("tool_end", "busy", "working"),
        ("compacting", "busy", "working"),
        ("retry", "busy", "working"),
        ("tool", "busy", "working"),
        ("reply_end", "idle", "your turn"),
        ("stop", "idle", "your turn"),
        ("interrupt", "idle", "your turn"),
        ("question", "wait", "waiting"),
        ("plan", "wait", "waiting"),
        ("error", "wait", "error"),
        ("end", "done", "ended"),
        ("permission", "wait", "waiting"),
    ],
)
def test_each_kind_of_evidence(kind: ClaimKind, status: str, shown: str) -> None:
    found = verdict(kind, 1)
    assert (found.status, found.shown, found.since, found.source) == (status, shown, T, "transcript")
    assert found.status in STATUSES
    assert found.reason
    assert found.detail


def test_every_kind_has_its_rank() -> None:
    assert set(RANK) == set(get_args(ClaimKind))
    assert sorted(RANK.values()) == list(range(len(RANK)))


def test_silence_is_not_idleness_at_first() -> None:
    assert verdict("prompt", 30 * MINUTE - 1).shown == "working"
    assert verdict("prompt", 0).until == T + 30 * MINUTE


def test_a_long_silent_turn_is_unknown() -> None:
    found = verdict("reply", 30 * MINUTE)
    assert (found.status, found.shown, found.confidence) == ("idle", "unknown", "low")
    assert "30 minutes" in found.reason


@pytest.mark.parametrize("kind", ["permission", "question", "plan", "error", "stop", "start"])
def test_who_waits_for_the_user_waits_for_hours(kind: ClaimKind) -> None:
    now, later = verdict(kind, 0), verdict(kind, 23 * HOUR)
    assert (later.shown, later.detail) == (now.shown, now.detail)


@pytest.mark.parametrize("kind", ["prompt", "tool", "permission", "stop", "start", "error"])
def test_a_day_of_silence_is_the_end(kind: ClaimKind) -> None:
    assert verdict(kind, 24 * HOUR - 1).shown != "ended"
    found = verdict(kind, 24 * HOUR)
    assert (found.status, found.shown, found.detail, found.source) == ("done", "ended", "silent", "clock")
    assert (found.since, found.until) == (T, None)


def test_any_record_is_a_sign_of_life() -> None:
    said = Evidence(kind="stop", detail="", at=T, source="hook")
    found = judge({"hook": said}, About(last_activity=T + 5 * HOUR), T + 29 * HOUR - 1)
    assert (found.shown, found.until) == ("your turn", T + 29 * HOUR)


def test_a_tool_that_takes_long_may_wait_for_a_permission() -> None:
    quick, slow = verdict("tool", 15 * SECOND - 1, detail="Bash"), verdict("tool", 15 * SECOND, detail="Bash")
    assert (quick.detail, quick.confidence, quick.until) == ("Bash", "high", T + 15 * SECOND)
    assert (slow.detail, slow.confidence, slow.until) == ("Bash", "medium", T + 30 * MINUTE)
    assert "permission" in slow.reason


@pytest.mark.parametrize(("children", "detail"), [(1, "1 agent"), (3, "3 agents")])
def test_the_turn_ended_and_subagents_still_run(children: int, detail: str) -> None:
    found = verdict("stop", 1, children=children)
    assert (found.status, found.shown, found.detail) == ("busy", "background", detail)
    assert verdict("stop", 30 * MINUTE, children=children).shown == "unknown"


def test_an_interrupt_also_stops_the_subagents() -> None:
    assert verdict("interrupt", 1, children=2).shown == "your turn"


def test_subagents_do_not_hide_a_question() -> None:
    assert verdict("permission", 1, children=2).shown == "waiting"


@pytest.mark.parametrize("kind", ["reply_end", "stop", "error", "interrupt"])
def test_a_headless_run_ends_with_its_turn(kind: ClaimKind) -> None:
    waiting, ended = verdict(kind, MINUTE - 1, headless=True), verdict(kind, MINUTE, headless=True)
    assert (waiting.shown != "ended", waiting.until) == (True, T + MINUTE)
    assert (ended.status, ended.shown, ended.until) == ("done", "ended", None)


def test_a_headless_run_that_fell_silent_has_ended() -> None:
    assert verdict("prompt", 30 * MINUTE - 1, headless=True).shown == "working"
    found = verdict("prompt", 30 * MINUTE, headless=True)
    assert (found.shown, found.detail, found.since) == ("ended", "silent", T)


def test_a_headless_run_at_work_is_at_work() -> None:
    assert verdict("tool", MINUTE, headless=True).shown == "working"
    assert verdict("stop", 5 * MINUTE, headless=True, children=1).shown == "background"


def test_no_evidence_is_unknown_until_it_is_the_end() -> None:
    found = judge({}, About(last_activity=T), T + HOUR)
    assert (found.status, found.shown, found.confidence, found.until) == (
        "idle",
        "unknown",
        "low",
        T + 24 * HOUR,
    )
    found = judge({}, About(last_activity=T), T + 24 * HOUR)
    assert found.shown == "ended"


def test_goodbye_is_final() -> None:
    found = verdict("end", 99 * HOUR)
    assert (found.shown, found.detail, found.since, found.until) == ("ended", "ended", T, None)


@pytest.mark.parametrize("kind", SPOKEN)
@pytest.mark.parametrize("headless", [False, True])
@pytest.mark.parametrize("children", [0, 1])
def test_a_verdict_holds_until_it_says_so_and_changes_then(
    kind: ClaimKind, headless: bool, children: int
) -> None:
    age = 0
    for _ in range(5):
        found = verdict(kind, age, headless=headless, children=children)
        if found.until is None:
            assert found.status == "done"
            return
        assert found.until > T + age
        assert verdict(kind, found.until - 1 - T, headless=headless, children=children) == found
        age = found.until - T
        assert verdict(kind, age, headless=headless, children=children) != found
    pytest.fail("it never comes to rest")
