"""Several witnesses, one verdict: the newest word, a registry, a process, the user's looks."""

from itertools import product
from typing import get_args

import pytest

from mi6_tui.judge.rules import RULES, Shown
from mi6_tui.judge.status import ALONE, FOLLOWS, QUIET_LIMIT, SILENT_LIMIT
from mi6_tui.model import STATUSES, ClaimKind
from tests.judge.words import HOUR, SECOND, T, Word, shown, verdict

# The newest word decides.


def test_a_hook_tells_before_the_transcript_does() -> None:
    assert shown(("transcript", "prompt", 0), ("hook", "stop", 900, ALONE), at=950) == (
        "your turn",
        "replied",
    )


def test_a_permission_is_closed_by_whatever_happens_next() -> None:
    asked: Word = ("hook", "permission", 100, "Bash", "npm test")
    assert shown(("transcript", "tool", 50, "Bash"), asked, at=9 * SECOND) == (
        "waiting",
        "permission: Bash npm test",
    )
    assert shown(("transcript", "tool_end", 5000, "Bash"), asked, at=9 * SECOND)[0] == "working"


def test_a_reminder_neither_hides_what_is_asked_nor_since_when() -> None:
    found = verdict(("hook", "permission", 100, "Bash", "ls"), ("notice", "permission", 6100), at=7 * SECOND)
    assert (found.detail, found.since) == ("permission: Bash ls", T + 100)


def test_a_reminder_tells_where_the_request_was_not_heard() -> None:
    found = verdict(("transcript", "tool", 100, "Bash", "ls"), ("notice", "permission", 6100), at=7 * SECOND)
    assert (found.shown, found.detail, found.since) == ("waiting", "permission: Bash ls", T + 6100)


def test_a_late_reminder_does_not_reopen_what_was_answered() -> None:
    words: tuple[Word, ...] = (("notice", "permission", 6100), ("hook", "tool_end", 9000, "Bash"))
    assert shown(*words, at=10 * SECOND)[0] == "working"


def test_with_hooks_a_long_tool_is_no_permission_prompt() -> None:
    tool: Word = ("transcript", "tool", 0, "Bash")
    assert verdict(tool, at=20 * SECOND).rule == "tool or permission"
    found = verdict(tool, at=20 * SECOND, hooked=True)
    assert (found.rule, found.confidence) == ("tool", "high")


def test_a_child_process_tells_that_a_permission_was_given() -> None:
    asked: Word = ("hook", "permission", 0, "Bash")
    assert shown(asked, ("child", "tool", -500, "bash"), at=SECOND)[0] == "waiting"
    assert shown(asked, ("child", "tool", 500, "bash"), at=SECOND) == ("working", "Bash")


def test_a_stop_tells_what_it_leaves_running() -> None:
    assert shown(("hook", "stop", 0, "1 shell"), at=1) == ("background", "1 shell")
    assert shown(("hook", "stop", 0, ALONE), at=1, children=1) == ("your turn", "replied")


@pytest.mark.parametrize(
    ("parent", "expected"),
    [
        ("tool", "waiting"),
        ("stop", "waiting"),
        ("interrupt", "your turn"),
        ("end", "ended"),
        ("question", "waiting"),
    ],
)
def test_a_subagent_that_asks_asks_the_user(parent: ClaimKind, expected: Shown) -> None:
    child: Word = ("hook", "permission", 0, "Bash", "rm x")
    assert verdict(("hook", parent, 10, "Agent"), at=SECOND, asking=child).shown == expected


# A client's own registry.


@pytest.mark.parametrize("kind", ["prompt", "reply", "tool", "tool_end", "compacting", "retry"])
def test_a_registry_confirms_and_the_others_say_with_what(kind: ClaimKind) -> None:
    alone = verdict(("transcript", kind, 0, "Bash"), at=1)
    both = verdict(
        ("transcript", kind, 0, "Bash"), ("registry", "busy", -50), ("process", "alive", -50), at=1
    )
    assert (both.shown, both.detail, both.since) == (alone.shown, alone.detail, alone.since)


def test_an_interruption_that_no_hook_tells() -> None:
    words: tuple[Word, ...] = (("hook", "tool", 0, "Bash"), ("registry", "idle", 3000))
    assert shown(*words, at=4 * SECOND) == ("your turn", "interrupted")


def test_a_permission_that_was_declined() -> None:
    words: tuple[Word, ...] = (("hook", "permission", 0, "Bash"), ("registry", "idle", 3000))
    assert shown(*words, at=4 * SECOND) == ("your turn", "declined")


def test_a_permission_that_was_given() -> None:
    words: tuple[Word, ...] = (("hook", "permission", 0, "Bash"), ("registry", "busy", 3000))
    assert shown(*words, at=4 * SECOND) == ("working", "Bash")


@pytest.mark.parametrize(
    ("waiting_for", "detail"),
    [
        ("permission prompt", "permission: Bash npm test"),
        ("approve Bash", "permission: Bash npm test"),
        ("input needed", "question: npm test"),
        ("plan approval", "plan approval: npm test"),
        ("dialog open", "dialog: npm test"),
        ("", "dialog: npm test"),
    ],
)
def test_what_the_client_waits_for(waiting_for: str, detail: str) -> None:
    tool: Word = ("transcript", "tool", 0, "Bash", "npm test")
    assert shown(tool, ("registry", "waiting", 100, waiting_for), at=SECOND) == ("waiting", detail)


def test_a_client_that_waits_without_a_tool() -> None:
    words: tuple[Word, ...] = (("transcript", "prompt", 0), ("registry", "waiting", 100, "permission prompt"))
    assert shown(*words, at=SECOND) == ("waiting", "permission")


def test_the_newer_word_holds_until_the_registry_had_time_to_follow() -> None:
    words: tuple[Word, ...] = (("registry", "idle", 0), ("hook", "tool_end", 500))
    early, late = verdict(*words, at=600), verdict(*words, at=500 + FOLLOWS)
    assert (early.shown, early.until) == ("working", T + 500 + FOLLOWS)
    assert (late.shown, late.source) == ("your turn", "registry")


@pytest.mark.parametrize(
    ("kind", "expected"), [("prompt", "working"), ("permission", "waiting"), ("question", "waiting")]
)
def test_a_registry_that_is_no_longer_kept(kind: ClaimKind, expected: Shown) -> None:
    words: tuple[Word, ...] = (("registry", "idle", 0), ("hook", kind, 60_000))
    assert shown(*words, at=60_000 + 10 * FOLLOWS)[0] == expected


def test_a_dialog_that_the_user_opened_needs_nobody() -> None:
    opened: Word = ("registry", "waiting", 5000, "dialog open")
    assert shown(("hook", "stop", 0, ALONE), opened, at=6 * SECOND) == ("your turn", "replied")
    assert shown(("start", "start", 0), opened, at=6 * SECOND) == ("idle", "started")
    assert shown(("transcript", "tool", 0, "Bash"), opened, at=6 * SECOND)[0] == "waiting"


def test_the_end_of_a_turn_while_the_client_is_busy() -> None:
    words: tuple[Word, ...] = (("registry", "busy", 0), ("transcript", "reply_end", 5000))
    assert shown(*words, at=5100)[0] == "working"
    assert shown(*words, at=5000 + FOLLOWS)[0] == "background"
    assert shown(("registry", "idle", 5100), words[1], at=5200) == ("your turn", "replied")
    assert shown(*words, at=5100, children=1) == ("background", "1 agent")


def test_a_stop_that_leaves_nothing_behind_is_believed_at_once() -> None:
    assert shown(("registry", "busy", 0), ("hook", "stop", 5000, ALONE), at=5001)[0] == "your turn"


def test_an_error_stays_an_error_when_the_client_is_idle() -> None:
    words: tuple[Word, ...] = (("hook", "error", 0, "overloaded"), ("registry", "idle", 100))
    assert shown(*words, at=SECOND) == ("error", "overloaded")


def test_a_new_turn_that_only_the_registry_tells() -> None:
    words: tuple[Word, ...] = (("transcript", "reply_end", 0), ("registry", "busy", 60_000))
    assert shown(*words, at=61 * SECOND) == ("working", "thinking")


def test_an_idle_client_that_was_never_asked() -> None:
    assert shown(("registry", "idle", 0), at=SECOND) == ("idle", "started")
    assert shown(("start", "start", 0), ("registry", "idle", 100), at=SECOND) == ("idle", "started")


def test_a_busy_client_may_be_silent_for_hours_while_its_process_lives() -> None:
    words: tuple[Word, ...] = (("transcript", "tool", 0, "Bash"), ("registry", "busy", 0))
    assert shown(*words, ("process", "alive", 0), at=30 * HOUR) == ("working", "Bash")
    assert shown(*words, at=QUIET_LIMIT)[0] == "unknown"


# Processes.


@pytest.mark.parametrize(
    ("kind", "detail"), [("reply_end", "exited"), ("prompt", "killed"), ("permission", "killed")]
)
def test_a_process_that_is_gone(kind: ClaimKind, detail: str) -> None:
    assert shown(("transcript", kind, 0), ("process", "gone", 5000), at=6 * SECOND) == ("ended", detail)


def test_a_registry_left_behind_by_a_killed_process() -> None:
    words: tuple[Word, ...] = (
        ("registry", "busy", 0),
        ("transcript", "prompt", 0),
        ("process", "gone", 5000),
    )
    assert shown(*words, at=6 * SECOND) == ("ended", "killed")


def test_a_goodbye_before_the_process_went() -> None:
    words: tuple[Word, ...] = (("hook", "end", 100, "logout"), ("process", "gone", 5000))
    found = verdict(*words, at=6 * SECOND)
    assert (found.rule, found.detail, found.since) == ("end", "logout", T + 100)
    assert shown(("registry", "end", 100, "left"), words[1], at=6 * SECOND) == ("ended", "left")


def test_who_is_heard_again_after_its_process_went_lives_in_another() -> None:
    assert shown(("process", "gone", 0), ("transcript", "prompt", 9000), at=10 * SECOND)[0] == "working"


def test_who_leaves_the_registry_has_ended_until_it_is_heard_again() -> None:
    left: Word = ("registry", "end", 1000, "left")
    assert shown(("transcript", "reply_end", 0), left, at=2 * SECOND)[0] == "ended"
    assert shown(("hook", "prompt", 3000), left, at=4 * SECOND)[0] == "working"


def test_a_living_process_is_not_ended_by_silence() -> None:
    alive: Word = ("process", "alive", 0)
    assert shown(("transcript", "reply_end", 0), at=SILENT_LIMIT)[0] == "ended"
    assert shown(("transcript", "reply_end", 0), alive, at=9 * SILENT_LIMIT)[0] == "your turn"
    assert shown(("transcript", "reply_end", 0), alive, at=HOUR, headless=True)[0] == "your turn"


def test_a_turn_without_a_sign_is_unknown_even_if_the_process_lives() -> None:
    assert shown(("transcript", "prompt", 0), ("process", "alive", 0), at=QUIET_LIMIT)[0] == "unknown"


def test_a_tool_that_hooks_told_may_run_for_hours() -> None:
    words: tuple[Word, ...] = (("hook", "tool", 0, "Bash"), ("process", "alive", 0))
    assert shown(*words, at=5 * HOUR, hooked=True) == ("working", "Bash")


# The user's looks.


def test_a_turn_that_ended_is_idle_once_it_was_seen() -> None:
    stop: Word = ("transcript", "stop", 1000)
    assert shown(stop, at=2000, seen=999)[0] == "your turn"
    found = verdict(stop, at=2000, seen=1000)
    assert (found.shown, found.rule, found.status, found.since) == ("idle", "seen", "idle", T + 1000)


@pytest.mark.parametrize("kind", ["permission", "error", "prompt"])
def test_a_look_answers_nothing(kind: ClaimKind) -> None:
    word: Word = ("hook", kind, 0)
    assert verdict(word, at=2000, seen=1000).shown == verdict(word, at=2000).shown


# All of it.


def test_every_rule_says_what_it_means_and_what_changes_it() -> None:
    for name, rule in RULES.items():
        assert rule.status in STATUSES, name
        assert rule.shown in get_args(Shown), name
        assert rule.means, name
        assert rule.changes, name


REGISTRY: tuple[ClaimKind | None, ...] = (None, "busy", "idle", "waiting", "end")
PROCESS: tuple[ClaimKind | None, ...] = (None, "alive", "gone")
SPOKEN: tuple[ClaimKind | None, ...] = (
    None,
    *(kind for kind in get_args(ClaimKind) if kind not in ("alive", "gone", "busy", "idle", "waiting")),
)


@pytest.mark.parametrize("spoken", SPOKEN)
def test_a_verdict_changes_exactly_when_it_says_so(spoken: ClaimKind | None) -> None:
    for registry, process, headless, hooked, seen, lag in product(
        REGISTRY, PROCESS, (False, True), (False, True), (None, 10), (-100, 100)
    ):
        words: list[Word] = []
        if spoken is not None:
            words.append(("hook", spoken, 0))
        if registry is not None:
            words.append(("registry", registry, lag))
        if process is not None:
            words.append(("process", process, 50))
        at = 200
        for _ in range(6):
            found = verdict(*words, at=at, headless=headless, hooked=hooked, seen=seen)
            assert found.rule in RULES
            assert RULES[found.rule].shown == found.shown
            if found.until is None:
                late = verdict(*words, at=99 * SILENT_LIMIT, headless=headless, hooked=hooked, seen=seen)
                assert late == found
                break
            assert found.until > T + at
            before = verdict(*words, at=found.until - 1 - T, headless=headless, hooked=hooked, seen=seen)
            assert before == found
            at = found.until - T
        else:
            pytest.fail("it never comes to rest")
