"""What can be shown of a session: every field of the store's row, and what follows from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any, Final

import msgspec

from mi6_tui.errors import UsageError
from mi6_tui.judge.cost import dollars
from mi6_tui.model import Session
from mi6_tui.report import units
from mi6_tui.report.cells import clean
from mi6_tui.report.table import Cell, Column

COMPUTED: Final = ("total_tokens", "duration_ms", "is_active", "name", "project", "cost_incomplete")
FIELDS: Final = (*Session.__struct_fields__, *COMPUTED)
"""Names as in the store, in JSON and in the arguments of --columns and --fields."""

TABLE: Final = (
    "status_shown",
    "status_since",
    "session_id",
    "name",
    "project",
    "context",
    "total_tokens",
    "cost_usd",
    "model",
    "git_branch",
    "last_activity",
)
"""The columns of the table when none are chosen; a narrow terminal shows the first of them."""

_COLOURS: Final = {"waiting": "1;33", "error": "1;31", "your turn": "36", "working": "32", "background": "32"}
_DETAILED: Final = ("waiting", "error", "working", "background")
"""States that say little without their detail."""
_QUIET: Final = "2"


def chosen(text: str | None, otherwise: Sequence[str]) -> tuple[str, ...]:
    """The fields that a comma-separated list names; UsageError for one that does not exist."""
    if text is None:
        return tuple(otherwise)
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if name not in FIELDS:
            from difflib import get_close_matches  # late: most names are right

            near = get_close_matches(name, FIELDS, n=1)
            hint = f"did you mean {near[0]}?" if near else "`mi6-tui session ID --json` shows all fields"
            raise UsageError(f"a session has no field {name!r}", hint)
    if not names:
        raise UsageError("no field is named", f"for example {','.join(otherwise[:3])}")
    return names


def as_object(session: Session, names: Sequence[str] = FIELDS) -> dict[str, Any]:
    """The fields of a session for JSON: every one is there, unknown is null, times are ms."""
    return as_objects([session], names)[0]


def as_objects(sessions: Iterable[Session], names: Sequence[str] = FIELDS) -> list[dict[str, Any]]:
    """`as_object` of each session."""
    if len(names) == 1:
        return [{names[0]: getattr(session, names[0])} for session in sessions]
    values = attrgetter(*names)
    return [dict(zip(names, values(session), strict=True)) for session in sessions]


def columns(names: Iterable[str], sessions: Sequence[Session]) -> list[Column]:
    """A table's columns for these fields of these sessions."""
    return [
        Column(
            header=_SHOWN[name].header if name in _SHOWN else name.upper(),
            right=_SHOWN[name].right if name in _SHOWN else _holds_numbers(name, sessions),
            least=_LEAST.get(name),
        )
        for name in names
    ]


def cells(session: Session, names: Iterable[str], now: int, *, short: bool) -> list[Cell]:
    """A row; `now` in ms dates it, `short` cuts ids as people quote them."""
    quiet = session.status_shown == "ended"
    row = []
    for name in names:
        text = clean(_SHOWN[name].text(session, now) if name in _SHOWN else plain(session, name))
        if short and name == "session_id":
            text = units.short_id(text)
        colour = _COLOURS.get(session.status_shown or "", "") if name == "status_shown" else ""
        row.append(Cell(text, _QUIET if quiet else colour))
    return row


def plain(session: Session, name: str) -> str:
    """A field's value in full, as text."""
    value = getattr(session, name)
    if value is None:
        return units.UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if _is_moment(name):
        return units.moment(value)
    return f"{value:.6f}" if isinstance(value, float) else str(value)


def _is_moment(name: str) -> bool:
    return name.endswith(("_at", "_since", "_until")) or name == "last_activity"


def _holds_numbers(name: str, sessions: Sequence[Session]) -> bool:
    values = (getattr(session, name) for session in sessions)
    known = next((value for value in values if value is not None), None)
    return isinstance(known, int | float) and not isinstance(known, bool) and not _is_moment(name)


def _state(session: Session, now: int) -> str:
    shown, detail = session.status_shown or session.status, session.status_detail
    if shown is None:
        return units.UNKNOWN
    return f"{shown}: {detail}" if detail and shown in _DETAILED else shown


def _tokens(session: Session, now: int) -> str:
    bound = "≥" if session.incomplete_requests else ""
    return bound + units.count(session.total_tokens)


def _context(session: Session, now: int) -> str:
    if session.context is None:
        return units.UNKNOWN
    if not session.context_window:
        return units.count(session.context)
    return f"{min(100, session.context * 100 // session.context_window)}%"


def _model(session: Session, now: int) -> str:
    if not session.model:
        return units.UNKNOWN
    return re.sub(r"-\d{8}$", "", session.model.removeprefix("claude-"))


def _age(name: str) -> Callable[[Session, int], str]:
    def age(session: Session, now: int) -> str:
        value = getattr(session, name)
        return units.UNKNOWN if value is None else units.span(now - value)

    return age


class _Shown(msgspec.Struct, frozen=True):
    header: str
    text: Callable[[Session, int], str]
    right: bool = False


_SHOWN: Final = {
    "session_id": _Shown("SESSION", lambda session, now: session.session_id),
    "status_shown": _Shown("STATE", _state),
    "status_since": _Shown("SINCE", _age("status_since"), right=True),
    "git_branch": _Shown("BRANCH", lambda session, now: session.git_branch or units.UNKNOWN),
    "model": _Shown("MODEL", _model),
    "context": _Shown("CONTEXT", _context, right=True),
    "total_tokens": _Shown("TOKENS", _tokens, right=True),
    "cost_usd": _Shown("COST", lambda session, now: dollars(session), right=True),
    "last_activity": _Shown("LAST", _age("last_activity"), right=True),
}
"""Fields that the table words better than their bare value."""
_LEAST: Final = {"status_shown": 18, "name": 16, "project": 8, "git_branch": 8, "cwd": 12}
"""Cells that the columns keep which give way to others."""
