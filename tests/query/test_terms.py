"""Each operator and each kind of field, by examples counted by hand."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from mi6_tui.query import parse
from tests.query.makers import DAY, HOUR, MINUTE, NOW, finds, found, session

_ANYWHERE = (
    "nickname",
    "tags",
    "title",
    "first_user_message",
    "last_user_message",
    "last_reply",
    "github_repo",
    "cwd",
    "git_branch",
    "model",
    "session_id",
    "framework",
    "status_shown",
)


@pytest.mark.parametrize("place", _ANYWHERE)
@pytest.mark.parametrize("text", ["needle", "NEEDLE", "eedl", "-absent needle", "~^a.needle", "~NEEDLE$"])
def test_text_is_found_in_every_place(place: str, text: str) -> None:
    there = session().with_(**{place: "a needle"})
    assert found(text, session("s"), there) == there.session_id


def test_words_are_looked_for_in_all_places_together_and_a_quotation_in_one() -> None:
    there = session(title="red green", git_branch="blue")
    assert found("green red blue", there) == "s"
    assert found("green red black", there) == ""
    assert found('"red green"', there) == "s"
    assert found('"green red"', there) == ""
    assert found('"green blue"', there) == ""


def test_a_name_is_found_as_it_is_shown() -> None:
    assert finds('"fix the bug"', first_user_message="fix\n  the\tbug")
    assert finds('name="fix the bug"', first_user_message="fix\n  the\tbug")


def test_letters_are_alike_beyond_ascii() -> None:
    assert finds("STRASSE", title="Straße")
    assert finds("title:straße", title="STRASSE")
    assert finds("branch~ÄRGER", git_branch="ärger")
    assert finds("漢字", title="写漢字")


@pytest.mark.parametrize(
    ("text", "branches"),
    [
        ("branch:FEAT", "feat/1 FEAT"),
        ("branch:feat,ain", "feat/1 FEAT main"),
        ("branch=feat", "FEAT"),
        ("branch==feat,main", "FEAT main"),
        ("branch = main", "main"),
        ("branch!=main", "feat/1 FEAT"),
        ("branch!:feat", "main"),
        ("branch!feat", "main"),
        ("branch!=main,feat", "feat/1"),
        ("-branch:feat", "main s"),
        ("not branch:feat", "main s"),
        ("!branch:feat", "main s"),
        ("branch~^f", "feat/1 FEAT"),
        ("branch~(1|n)$", "feat/1 main"),
        ("branch=~1|n$", "feat/1 main"),
        (r"branch~\d", "feat/1"),
        ("branch~-", ""),
        ("branch!~^f", "main"),
        ("has:branch", "feat/1 FEAT main"),
        ("no:branch", "s"),
        ("branch:-", "s"),
        ("branch:-,main", "main s"),
        ("branch!=-", "feat/1 FEAT main"),
        ('branch:"-"', ""),
        ("git_branch:main", "main"),
        ("Git-Branch:main", "main"),
        ("branch:main or branch=feat", "FEAT main"),
        ("branch:main | no:branch", "main s"),
        ("-(branch:main | no:branch)", "feat/1 FEAT"),
        ("branch:f and branch:1", "feat/1"),
        ("branch:1 or branch:f branch=feat", "feat/1 FEAT"),
        ("(branch:1 or branch:f) branch=feat", "FEAT"),
        ("--branch:main", "main"),
        ("", "feat/1 FEAT main s"),
    ],
)
def test_text_fields_and_how_terms_are_joined(text: str, branches: str) -> None:
    sessions = [session(name, git_branch=name) for name in ("feat/1", "FEAT", "main")]
    assert found(text, *sessions, session("s")) == branches


@pytest.mark.parametrize(
    ("text", "costs"),
    [
        ("cost>3", "3.5 10"),
        ("cost>=3.5", "3.5 10"),
        ("cost<3.5", "0"),
        ("cost<=3.5", "0 3.5"),
        ("cost=3.5", "3.5"),
        ("cost:3.5,10", "3.5 10"),
        ("cost!=3.5", "0 10"),
        ("cost > $3", "3.5 10"),
        ("cost>.01k", ""),
        ("cost>=.01k", "10"),
        ("cost>-1", "0 3.5 10"),
        ("cost:0..3.5", "0 3.5"),
        ("cost:1..", "3.5 10"),
        ("cost:..1", "0"),
        ("has:cost", "0 3.5 10"),
        ("no:cost", "s"),
        ("cost:-", "s"),
        ("-cost>3", "0 s"),
        ("cost_usd>3", "3.5 10"),
    ],
)
def test_numbers(text: str, costs: str) -> None:
    sessions = [session(name, cost_usd=float(name)) for name in ("0", "3.5", "10")]
    assert found(text, *sessions, session("s")) == costs


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("tokens=1.5M", True),
        ("tokens>=1_500_000", True),
        ("tokens>1500K", False),
        ("tokens<1g", True),
        ("in=1m out=400k cache=90k cachew=10k", True),
        ("tokens_cache_read=90k", True),
        ("context>60%", True),
        ("context>62.5%", False),
        ("context:60%..65%", True),
        ("context>124k", True),
        ("context>125k", False),
        ("has:errors", False),
        ("errors:-", True),
        ("errors=0", True),
        ("has:tokens", True),
        ("has:errors,tokens", True),
        ("no:errors,tokens", False),
        ("diff=12", True),
        ("has:deleted", False),
    ],
)
def test_counts(text: str, holds: bool) -> None:
    counted = {
        "tokens_input": 1_000_000,
        "tokens_output": 400_000,
        "tokens_cache_read": 90_000,
        "tokens_cache_write": 10_000,
        "context": 125_000,
        "context_window": 200_000,
        "git_additions": 12,
    }
    assert finds(text, **counted) is holds


def test_a_share_of_an_unknown_window_is_unknown() -> None:
    assert not finds("context>0%", context=5)
    assert not finds("context<=100%", context=5)
    assert finds("context=5", context=5)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("age<2h", False),
        ("age<=2h", True),
        ("age=120m", True),
        ("age>1h59m59.5s", True),
        ("age:1h..2H", True),
        ("age<1w", True),
        ("age>0", True),
        ("idle>10m", False),
        ("idle>599999ms", True),
        ("activity<5m", False),
        ("last<=600s", True),
        ("since<1h", True),
        ("since>29m", True),
        ("waiting>29m", True),
        ("duration>1h49m", True),
        ("duration>1h50m", False),
    ],
)
def test_spans(text: str, holds: bool) -> None:
    assert finds(text, status_shown="waiting", status_since=NOW - 30 * MINUTE) is holds


def test_only_who_needs_you_waits() -> None:
    since = NOW - HOUR
    sessions = [
        session(shown, status_shown=shown, status_since=since)
        for shown in ("waiting", "error", "your turn", "working", "ended")
    ]
    assert found("waiting>1m", *sessions) == "waiting error your turn"
    assert found("no:waiting", *sessions) == "working ended"


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("tag:ci", "b ci|ci"),
        ("tag=CI", "b ci|ci"),
        ("tags:b,x", "b ci"),
        ("tag:c", ""),
        ("tag~c", "b ci|ci|cid"),
        ("tag!=ci", "cid"),
        ("-tag:ci", "cid|s"),
        ("no:tag", "s"),
    ],
)
def test_tags(text: str, tags: str) -> None:
    sessions = [session(each, tags=each) for each in ("b ci", "ci", "cid")]
    ids = [each.session_id for each in parse(text).select([*sessions, session("s")], NOW)]
    assert "|".join(ids) == tags


def test_marks() -> None:
    sessions = [session("a", pinned=True), session("b", hidden=True), session("c")]
    assert found("pinned:yes", *sessions) == found("has:pin", *sessions) == "a"
    assert found("hidden:no", *sessions) == "a c"


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("status:waiting", "waiting"),
        ("status:Waiting,ERROR", "waiting error"),
        ("status:your-turn", "your turn"),
        ('status="your turn"', "your turn"),
        ("is:turn", "your turn"),
        ("status:active", "waiting error your turn background working idle unknown"),
        ("status:busy", "background working"),
        ("status:wait", "waiting error"),
        ("status:done", "ended"),
        ("status!=ended,idle", "waiting error your turn background working unknown"),
        ("-status:ended,idle", "waiting error your turn background working unknown"),
        ("needs:me", "waiting error your turn"),
        ("needs:no", "background working idle unknown ended"),
        ("has:needs", "waiting error your turn"),
        ("active:no", "ended"),
    ],
)
def test_states(text: str, states: str) -> None:
    shown = ("waiting", "error", "your turn", "background", "working", "idle", "unknown")
    sessions = [session(word, status_shown=word) for word in shown]
    ended = session("ended", status_shown="ended", last_ended_at=NOW)
    assert found(text, *sessions, ended) == states


def test_a_store_without_shown_states_is_understood() -> None:
    sessions = [session(word, status=word) for word in ("busy", "wait", "idle", "done")]
    assert found("status:working", *sessions) == "busy"
    assert found("status:waiting needs:me", *sessions) == "wait"
    assert found("status:idle", *sessions) == "idle"
    assert found("status:ended", *sessions) == "done"
    assert found("status:unknown", session("s")) == "s"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        # Midnight (UTC) before NOW is 12:30 hours ago.
        ("started:today", "12 0"),
        ("started:yesterday", "36 13"),
        ("started>yesterday", "12 0"),
        ("started>=yesterday", "36 13 12 0"),
        ("started<yesterday", "37"),
        ("started<=yesterday", "37 36 13"),
        ("started!=yesterday", "37 12 0"),
        ("started:2026-11-25", "36 13"),
        ("started>2026-11-25", "12 0"),
        ("started:2026-11-25..2026-11-26", "36 13 12 0"),
        ("started:..2026-11-24", "37"),
        ("started:2026-11", "37 36 13 12 0"),
        ("started:2026", "37 36 13 12 0"),
        ("started<2026-11", ""),
        ("started>2026-12,2027", ""),
        ("started>=2026-11-26T00:30", "12 0"),
        ("started:2026-11-26T00:30", "12"),
        ('started:"2026-11-26 00:30:00"', "12"),
        ("started>2026-11-26T01:30+01:00", "0"),
        ("started<2026-11-26t00:30:00z", "37 36 13"),
        ("started:now", "0"),
        ("first_started_at:today", "12 0"),
    ],
)
def test_moments(text: str, days: str) -> None:
    hours = (37, 36, 13, 12, 0)
    sessions = [session(str(ago), first_started_at=NOW - ago * HOUR) for ago in hours]
    assert found(text, *sessions) == days


@pytest.fixture
def clock_back() -> Iterator[None]:
    """Leaves the time zone as it was."""
    yield
    time.tzset()


@pytest.mark.usefixtures("clock_back")
def test_a_day_is_that_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    # On 2026-10-25 clocks in Berlin go back: the day has 25 hours, and begins at 22:00 UTC.
    start = 1_792_879_200_000
    sessions = [session(str(hour), first_started_at=start + hour * HOUR) for hour in (-1, 0, 24, 25)]
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Europe/Berlin")
        time.tzset()
        assert found("started:2026-10-25", *sessions) == "0 24"


def test_an_end_that_has_not_come_is_neither_before_nor_after() -> None:
    running, over = session("running"), session("over", last_ended_at=NOW - DAY)
    assert found("ended<today", running, over) == "over"
    assert found("ended>2000", running, over) == "over"
    assert found("no:ended", running, over) == "running"
