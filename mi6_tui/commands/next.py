"""`next`: the session that most needs the user, in one line for status bars."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Final

from mi6_tui.clock import now_ms
from mi6_tui.commands import arguments
from mi6_tui.commands.store import catch_up, shown
from mi6_tui.errors import DONE, NOTHING_FOUND
from mi6_tui.judge.attention import attention_key
from mi6_tui.model import Session, SessionQuery
from mi6_tui.report import out, session_fields, units
from mi6_tui.report.cells import clean, cut, width

GLYPHS: Final = {"waiting": "◆", "error": "▲", "your turn": "○"}
"""By shown status: those in which a session needs its user, the most urgent first."""
_WIDEST: Final = 120
"""Cells of a line that no terminal bounds."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    arguments.add_json(
        parser, "the session's object with the store's field names, and `waiting`: how many need you by state"
    )
    parser.add_argument("--focus", action="store_true", help="go to its terminal instead of telling")
    arguments.add_no_scan(parser)


def run(args: argparse.Namespace) -> int:
    """Tell it, or go there; NOTHING_FOUND without a word on stdout if no session needs the user."""
    if args.focus and (args.read_only or args.share):
        from mi6_tui.actions.errors import ForbiddenError

        raise ForbiddenError("read-only: no terminal is brought to the front")
    with shown(args) as storage:
        catch_up(storage, args)
        found = storage.list_sessions(SessionQuery().active_only().with_statuses(*GLYPHS))
        now = now_ms()
        waiting = sorted(found, key=lambda session: attention_key(session, now))
        claims = storage.claims(*waiting[0].key) if waiting and args.focus else []
    if not waiting:
        if out.is_watched():
            out.note("no session needs you")
        return NOTHING_FOUND
    if args.focus:
        from mi6_tui.actions.focus import focus  # late: a status bar only asks

        if remark := focus(waiting[0], claims):
            out.note(remark)
    if args.json:
        counts = {shown: sum(session.status_shown == shown for session in waiting) for shown in GLYPHS}
        out.json(session_fields.as_object(waiting[0]) | {"waiting": counts})
    elif not args.focus:
        out.lines([line(waiting, now, out.fit() or _WIDEST)])
    return DONE


def line(waiting: Sequence[Session], now: int, cells: int) -> str:
    """The first of the sessions in one line of at most `cells` cells, and how many more there are."""
    session = waiting[0]
    shown = session.status_shown or ""
    since = "" if session.status_since is None else f" {units.span(max(0, now - session.status_since))}"
    about = session.name if shown == "your turn" else session.status_detail or session.name
    place = f"{session.project}: " if session.project else ""
    more = f"  ({len(waiting) - 1} more)" if len(waiting) > 1 else ""
    told = cut(clean(f"{place}{about}"), max(1, cells - width(f"{GLYPHS[shown]} {shown}{since}  {more}")))
    return cut(f"{GLYPHS[shown]} {shown}{since}  {told}{more}", cells)
