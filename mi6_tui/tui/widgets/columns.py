"""The columns of the session table: one declaration each, and how they share a width."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import msgspec

from mi6_tui.judge.context import Context
from mi6_tui.judge.cost import dollars
from mi6_tui.model import Session
from mi6_tui.tui import status, text

Cell = tuple[tuple[str, str], ...]
"""Pieces of text, each with the name of its ink; together exactly as wide as the column."""
Value = Callable[[Session, int, int], Cell]
"""(session, now in ms, width in cells) -> cell."""

GAP: Final = 2
GUTTER: Final = 1
"""Cells left of the first column, where the selected row has its mark."""
FIRST: Final = 4
"""Largest priority of a column that the name gives way to."""
_ALARMING: Final = 0.8
"""Share of the context window above which it is shown as trouble."""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """What one column shows. `priority` 0 stays longest; `narrow` and `wide` are widths in cells."""

    title: str
    value: Value
    narrow: int
    wide: int
    priority: int
    right: bool = False
    ages: bool = False
    """The text changes as time goes by."""


class Slot(msgspec.Struct, frozen=True):
    """A column with the width it got."""

    column: Column
    width: int


def _state(session: Session, now: int, width: int) -> Cell:
    return ((text.fit(status.label(session), width), status.ink(session.status_shown)),)


def _mark(session: Session, now: int, width: int) -> Cell:
    return ((status.glyph(session.status_shown), status.ink(session.status_shown)),)


def _since(session: Session, now: int, width: int) -> Cell:
    since = None if session.status_since is None else now - session.status_since
    blocked = session.status_shown in ("waiting", "error")
    ink = status.ink(session.status_shown) if blocked else "quiet"
    return ((text.fit(text.age(since), width, right=True), ink),)


def _name(session: Session, now: int, width: int) -> Cell:
    named = session.name != session.session_id
    name = text.clean(session.name) if named else f"session {text.clean(session.session_id)[:8]}"
    ink = "quiet" if session.status_shown in ("ended", "idle", "unknown") else "name"
    return ((text.fit(name, width), ink),)


def _project(session: Session, now: int, width: int) -> Cell:
    return ((text.fit(text.clean(session.project) or text.UNKNOWN, width), "plain"),)


def _branch(session: Session, now: int, width: int) -> Cell:
    return ((text.fit(text.clean(session.git_branch) or text.UNKNOWN, width), "quiet"),)


def _model(session: Session, now: int, width: int) -> Cell:
    return ((text.fit(text.short_model(session.model), width), "quiet"),)


def _context(session: Session, now: int, width: int) -> Cell:
    context = Context(session.context, session.context_window)
    if context.share is None:
        unknown = text.count(context.used)
        if context.used is not None and width >= _CONTEXT.wide:
            unknown += " of ?"
        return ((text.fit(unknown, width, right=True), "quiet"),)
    ink = "trouble" if context.share >= _ALARMING else "plain"
    filled, empty = text.bar(context.share, width - 5)
    return ((filled, "trouble" if ink == "trouble" else "bar"), (empty, "rule"),
            (text.fit(text.percent(context.share), 5, right=True), ink))  # fmt: skip


def _tokens(session: Session, now: int, width: int) -> Cell:
    known = session.total_tokens if session.api_request_count else None
    return ((text.fit(text.tokens(known, session.incomplete_requests), width, right=True), "plain"),)


def _cost(session: Session, now: int, width: int) -> Cell:
    return ((text.fit(dollars(session), width, right=True), "plain"),)


def _age(session: Session, now: int, width: int) -> Cell:
    return ((text.fit(text.age(now - session.first_started_at), width, right=True), "quiet"),)


def _last(session: Session, now: int, width: int) -> Cell:
    return ((text.fit(text.age(now - session.last_activity), width, right=True), "quiet"),)


def _words(session: Session, now: int, width: int) -> Cell:
    return ((text.fit(text.clean(session.last_reply) or text.UNKNOWN, width), "quiet"),)


NAME: Final = Column(title="Session", value=_name, narrow=20, wide=33, priority=0)
_MARK: Final = Column(title="", value=_mark, narrow=1, wide=1, priority=0)
_CONTEXT: Final = Column(title="Context", value=_context, narrow=9, wide=15, priority=2)
COLUMNS: Final = (
    Column(title="State", value=_state, narrow=13, wide=15, priority=0),
    Column(title="Since", value=_since, narrow=5, wide=5, priority=1, right=True, ages=True),
    NAME,
    Column(title="Project", value=_project, narrow=10, wide=14, priority=3),
    Column(title="Branch", value=_branch, narrow=10, wide=18, priority=6),
    Column(title="Model", value=_model, narrow=10, wide=16, priority=5),
    _CONTEXT,
    Column(title="Tokens", value=_tokens, narrow=6, wide=7, priority=8, right=True),
    Column(title="Cost", value=_cost, narrow=7, wide=8, priority=4, right=True),
    Column(title="Age", value=_age, narrow=5, wide=5, priority=7, right=True, ages=True),
    Column(title="Last", value=_last, narrow=5, wide=5, priority=9, right=True, ages=True),
    Column(title="Last words", value=_words, narrow=30, wide=46, priority=10),
)


@lru_cache(maxsize=16)
def layout(width: int, columns: tuple[Column, ...] = COLUMNS) -> tuple[Slot, ...]:
    """The columns that fit into `width` cells; the name column takes what is left.

    Columns come in by priority at their narrow width until one does not fit: those of FIRST at the
    price of the name's narrow width, the others only while it keeps its wide one. What is left then
    widens them by priority, the name last and most. Where none fits, the state's mark still does.
    """
    others = sorted((column for column in columns if column is not NAME), key=lambda column: column.priority)
    widths = {NAME.title: max(1, width - GUTTER)}
    for column in others:
        left = widths[NAME.title] - column.narrow - GAP
        if left < (NAME.narrow if column.priority <= FIRST else NAME.wide):
            break
        widths[NAME.title], widths[column.title] = left, column.narrow
    if len(widths) == 1 and (left := width - GUTTER - _MARK.narrow - GAP) > 0:
        return Slot(_MARK, _MARK.narrow), Slot(NAME, left)
    for column in others:
        spare = widths[NAME.title] - NAME.wide
        if column.title in widths and spare > 0:
            more = min(spare, column.wide - column.narrow)
            widths[column.title] += more
            widths[NAME.title] -= more
    return tuple(Slot(column, widths[column.title]) for column in columns if column.title in widths)


def title(slot: Slot) -> str:
    """The column's head, as wide as the column."""
    return text.fit(slot.column.title, slot.width, right=slot.column.right)
