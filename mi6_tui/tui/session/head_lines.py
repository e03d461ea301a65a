"""What the two lines above the tabs say of a session. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mi6_tui.judge.context import Context
from mi6_tui.judge.cost import dollars
from mi6_tui.model import Session
from mi6_tui.tui import status, text
from mi6_tui.tui.widgets.bar import Piece

Parts = tuple[Sequence[Piece], Sequence[Piece]]
"""Pieces for the left and for the right end of a line."""


def name_line(session: Session) -> Parts:
    """Its name; where it works, with which model."""
    model = text.short_model(session.model) if session.model else None
    worktree = (session.git_worktree_path or "").rstrip("/").rpartition("/")[2]
    project = " / ".join(part for part in (session.project, worktree) if part)
    places = dotted((project, session.git_branch, model, session.framework))
    pin = "↑ " if session.pinned else ""
    return [(f" {pin}{text.clean(session.name, 160)} ", "bold $name")], [*places, (" ", "")]


def state_line(session: Session, now: int) -> Parts:
    """What it does and since when; how full its context is, what it cost; `now` in ms."""
    shown = session.status_shown or "unknown"
    ink = f"${status.ink(shown)}"
    label, detail = status.label(session), status.detail(session)
    left: list[Piece] = [(f" {label}", f"bold {ink}")]
    if shown not in label:
        left.append((f" · {shown}", ink))
    if session.status_since is not None:
        left.append((f" {text.age(now - session.status_since)}", "$plain"))
    if about := detail.partition(": ")[2] or (detail if detail and detail not in label else ""):
        left.append((f"  {text.clean(about, 200)}", "$plain"))
    requests = text.plural(session.api_request_count, "request")
    cost = dollars(session) if session.cost_usd is not None else None
    return left, [*dotted((_context(session), cost, requests)), (" ", "")]


def _context(session: Session) -> str | None:
    context = Context(session.context, session.context_window)
    if context.used is None:
        return None
    if context.share is None:
        return f"context {text.count(context.used)} of ?"
    return f"context {text.percent(context.share)} of {text.window(context.size)}"


def dotted(parts: Iterable[str | None]) -> list[Piece]:
    """The known parts, each a piece of its own: a narrow screen shows the first ones."""
    known = [part for part in (text.clean(part, 120) for part in parts) if part]
    return [(f" · {part}" if number else part, "$quiet") for number, part in enumerate(known)]
