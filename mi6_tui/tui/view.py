"""What is to be seen of the known sessions, and in which order. Values alone: no widget, no clock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import msgspec

from mi6_tui.model import Session

if TYPE_CHECKING:
    from mi6_tui.query import Query, Sort
    from mi6_tui.query.tree import Node, Term

GROUPS: Final = ("", "project", "framework", "status", "machine")
"""What sessions can be grouped by; empty: by nothing."""
NO_PROJECT: Final = ""
"""The project of sessions that have none."""
_ON_ENDED: Final = ("ended", "first_ended", "active")
"""Fields whose mention says that ended sessions are meant, too."""
_ENDED: Final = ("ended", "done")
_BY_CLOCK: Final = ("span", "moment")


class Asked(msgspec.Struct, frozen=True):
    """What a query speaks of. Whoever names ended or hidden sessions decides on them, too."""

    ended: bool = False
    hidden: bool = False
    by_clock: bool = False
    """Sessions come and go as time goes by."""


class View(msgspec.Struct, frozen=True, eq=False):
    """Which sessions are on show, and in which order."""

    query: Query | None = None
    sort: Sort | None = None
    """None: by attention."""
    group: str = ""
    """One of GROUPS."""
    project: str | None = None
    """The only one on show; NO_PROJECT: what has none."""
    ended: bool = False
    hidden: bool = False
    """Whether sessions that have ended, or that the user hid, are on show."""
    measured: bool = False
    """Whether `sort` follows from other things than the sessions' rows."""
    asked: Asked = Asked()
    """What `query` speaks of."""

    def asking(self, query: Query | None) -> View:
        """The same with another query."""
        return msgspec.structs.replace(self, query=query, asked=_asked(query) if query else Asked())

    def shows(self, session: Session, now: int) -> bool:
        """Whether a session is on show at `now` (ms). What is pinned stays there after its end."""
        if self.project is not None and (session.project or NO_PROJECT) != self.project:
            return False
        return self.holds(session) and (self.query is None or self.query.matches(session, now))

    def holds(self, session: Session) -> bool:
        """Whether a session would be on show without query and project."""
        if session.hidden and not (self.hidden or self.asked.hidden):
            return False
        return session.status_shown != "ended" or self.ended or session.pinned or self.asked.ended


def next_group(group: str) -> str:
    """The next of GROUPS, the first after the last."""
    return GROUPS[(GROUPS.index(group) + 1) % len(GROUPS)]


def group_of(session: Session, group: str) -> str:
    """The name of a session's group among those by `group`; empty if it has none."""
    if group == "project":
        return session.project or NO_PROJECT
    if group == "status":
        return session.status_shown or "unknown"
    return (session.framework if group == "framework" else session.machine_id) or ""


def _asked(query: Query) -> Asked:
    from mi6_tui.query.fields import PRESENCE, named

    ended = hidden = by_clock = False
    for term in _terms(query.tree):
        presence = term.field.casefold() in PRESENCE
        for name in [item.text for item in term.items] if presence else [term.field]:
            field = named(name)
            if field is None:
                continue
            status = field.name == "status" and any(item.text.casefold() in _ENDED for item in term.items)
            ended |= status or field.name in _ON_ENDED
            hidden |= field.name == "hidden"
            by_clock |= field.kind in _BY_CLOCK
    return Asked(ended, hidden, by_clock)


def _terms(node: Node) -> Iterator[Term]:
    from mi6_tui.query.tree import Both, Either, Not, Term

    if isinstance(node, Term):
        yield node
    elif isinstance(node, Not):
        yield from _terms(node.node)
    elif isinstance(node, Both | Either):
        for part in node.nodes:
            yield from _terms(part)
