"""A question about sessions, ready to be asked."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from mi6_tui.model import Session
from mi6_tui.query.fields import Test
from mi6_tui.query.matcher import compiled
from mi6_tui.query.parser import tree
from mi6_tui.query.tree import Node


class Query(msgspec.Struct, frozen=True, eq=False):
    """What was asked; `str` writes it in one form, which means the same when parsed again."""

    tree: Node
    test: Test

    def matches(self, session: Session, now: int) -> bool:
        """Whether a session is what was asked for; `now` in ms."""
        return self.test(session, now)

    def select(self, sessions: Iterable[Session], now: int) -> list[Session]:
        """The sessions that match, in the given order."""
        return [session for session in sessions if self.test(session, now)]

    def __str__(self) -> str:
        return str(self.tree)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Query) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


def parse(text: str) -> Query:
    """The query that a text is; an empty one asks for all sessions. QueryError where it is none."""
    node = tree(text)
    return Query(node, compiled(node))
