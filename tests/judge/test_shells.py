"""What runs on in the background after a turn: shells that the client counts, or only mentions."""

import pytest

from mi6_tui.judge.status import ALONE, FOLLOWS
from mi6_tui.model import ClaimKind
from mi6_tui.model.claim import SHELL
from tests.judge.words import HOUR, SECOND, T, Word, shown, verdict

# A turn that is over, and a shell in the background that is not.

LEFT: Word = ("registry", "busy", 1000, SHELL)


@pytest.mark.parametrize(
    "word",
    [
        ("hook", "stop", 970),
        ("hook", "stop", 1030, ALONE),
        ("transcript", "reply_end", 960),
        ("transcript", "interrupt", 1030),
        ("hook", "tool_end", 900),
        ("hook", "permission", 900),
    ],
)
@pytest.mark.parametrize("at", [1040, 9 * SECOND, 30 * HOUR])
def test_the_client_says_that_only_a_shell_runs(word: Word, at: int) -> None:
    assert shown(word, LEFT, ("process", "alive", 0), at=at) == ("background", SHELL)


def test_who_counted_the_shells_knows_more() -> None:
    assert shown(("hook", "stop", 970, "2 shells"), LEFT, at=1040) == ("background", "2 shells")


def test_a_prompt_while_a_shell_runs() -> None:
    words: tuple[Word, ...] = (LEFT, ("hook", "prompt", 5000))
    assert shown(*words, at=5001)[0] == "working"
    assert shown(*words, at=5000 + FOLLOWS)[0] == "background"


def test_a_failure_beside_a_shell_in_the_background_needs_the_user() -> None:
    assert shown(("hook", "error", 970, "rate_limit"), LEFT, at=9 * SECOND)[0] == "error"


def test_a_shell_alone_is_no_turn_that_was_killed() -> None:
    assert verdict(LEFT, ("process", "gone", 2000), at=3 * SECOND).rule == "gone"


@pytest.mark.parametrize("kind", ["stop", "reply_end"])
def test_the_transcripts_end_of_a_turn_does_not_hide_what_the_hook_knew(kind: ClaimKind) -> None:
    hook: Word = ("hook", "stop", 0, "1 shell")
    assert shown(hook, ("transcript", kind, 1), at=100) == ("background", "1 shell")
    assert shown(hook, ("transcript", kind, FOLLOWS), at=FOLLOWS) == ("your turn", "replied")
    assert shown(("hook", "stop", 0), ("transcript", kind, 1), at=100) == ("your turn", "replied")


@pytest.mark.parametrize(("detail", "children"), [("1 shell", 0), ("", 2)])
def test_who_is_idle_has_nothing_in_the_background(detail: str, children: int) -> None:
    """It was stopped by hand, and no hook told."""
    words: tuple[Word, ...] = (("hook", "stop", 0, detail), ("registry", "idle", 5000))
    before = verdict(*words, at=5000, children=children)
    assert (before.shown, before.until) == ("background", T + 5000 + FOLLOWS)
    after = verdict(*words, at=5000 + FOLLOWS, children=children)
    assert (after.shown, after.detail, after.since) == ("your turn", "replied", T + 5000)
