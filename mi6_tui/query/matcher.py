"""From a query's tree to a test of sessions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Final

from mi6_tui.model import Session
from mi6_tui.query.fields import Test, shown
from mi6_tui.query.terms import pattern_of, test_of
from mi6_tui.query.tree import Both, Either, Item, Node, Not, Words

_TEXTS: Final[Callable[[Session], tuple[str | None, ...]]] = attrgetter(
    "nickname",
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
    "status_detail",
    "tags",
)
"""Where words are looked for; a session's project is part of its repository or folder."""
_BETWEEN: Final = "\0"
"""No query holds one, so that no word is found across two texts."""


def compiled(node: Node) -> Test:
    """The test of a tree; QueryError for a term that asks for what there is not."""
    if isinstance(node, Both):
        return _both(node.nodes)
    if isinstance(node, Either):
        return _any_of([compiled(part) for part in node.nodes])
    if isinstance(node, Not):
        test = compiled(node.node)
        return lambda session, now: not test(session, now)
    if isinstance(node, Words):
        return _words([node.item.text])
    return test_of(node) if node.field else _anywhere(node.items[0])


def _both(nodes: Sequence[Node]) -> Test:
    # Fields first, for they are quick; all words in one look at the texts.
    tests = [compiled(node) for node in nodes if not isinstance(node, Words)]
    words = [node.item.text for node in nodes if isinstance(node, Words)]
    if words:
        tests.append(_words(words))
    if len(tests) == 1:
        return tests[0]

    def all_hold(session: Session, now: int) -> bool:
        for test in tests:  # noqa: SIM110 - a generator would cost as much as the tests
            if not test(session, now):
                return False
        return True

    return all_hold


def _any_of(tests: Sequence[Test]) -> Test:
    def one_holds(session: Session, now: int) -> bool:
        for test in tests:  # noqa: SIM110 - as above
            if test(session, now):
                return True
        return False

    return one_holds


def _texts(session: Session) -> list[str]:
    return [text for text in (*_TEXTS(session), shown(session)) if text]


def _words(words: Sequence[str]) -> Test:
    folded = [word.casefold() for word in words]
    # A session's name is one of its texts in one line: only where a word has white space it may hold more.
    spaced = any(character.isspace() for word in folded for character in word)

    def found(session: Session, now: int) -> bool:
        # Each by itself: most are ASCII, which folds ten times as fast.
        text = _BETWEEN.join([text.casefold() for text in _texts(session)])
        for word in folded:
            if word not in text and not (spaced and word in session.name.casefold()):
                return False
        return True

    return found


def _anywhere(item: Item) -> Test:
    pattern: Callable[[Any], bool] = pattern_of(item)
    return lambda session, now: any(map(pattern, _texts(session)))
