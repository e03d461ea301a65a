"""`sessions`: the table of sessions, those that need you first."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Final

from mi6_tui.clock import now_ms
from mi6_tui.commands import arguments
from mi6_tui.commands.store import catch_up, opened
from mi6_tui.errors import DONE
from mi6_tui.judge.attention import attention_key
from mi6_tui.model import Session, SessionQuery
from mi6_tui.report import out, session_fields
from mi6_tui.report.table import render
from mi6_tui.storage import Storage

_SORTS: Final = ("attention", "last_activity", "started_at", "cost")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--active", action="store_true", help="only those that have not ended")
    parser.add_argument("--framework", metavar="F", help="only of one client, for example claude")
    parser.add_argument("--sort", choices=_SORTS, default="attention", help="order (default: attention)")
    parser.add_argument("--limit", metavar="N", type=arguments.natural, help="at most N")
    parser.add_argument("--columns", metavar="A,B", help="these fields only, in this order")
    arguments.add_json(parser, "a list of objects with the store's field names; unknown is null")
    arguments.add_no_scan(parser)


def run(args: argparse.Namespace) -> int:
    """List the sessions."""
    names = session_fields.chosen(args.columns, session_fields.FIELDS if args.json else session_fields.TABLE)
    with opened(args) as storage:
        catch_up(storage, args)
        sessions = _selected(storage, args)
    if args.json:
        out.json([session_fields.as_object(session, names) for session in sessions])
        return DONE
    print_table(sessions, names, now_ms())
    if not sessions:
        out.note("no session matches; `mi6-tui status` says where was looked")
    return DONE


def print_table(sessions: Sequence[Session], names: Sequence[str], now: int) -> None:
    """Print a table of these fields; `now` in ms dates the ages."""
    fit = out.fit()
    rows = [session_fields.cells(session, names, now, short=fit is not None) for session in sessions]
    out.lines(render(session_fields.columns(names, sessions), rows, fit=fit, colour=out.colour()))


def _selected(storage: Storage, args: argparse.Namespace) -> list[Session]:
    by_attention = args.sort == "attention"
    query = SessionQuery(
        framework=args.framework,
        only_active=args.active,
        limit=None if by_attention else args.limit,
        order_by="last_activity" if by_attention else args.sort,
    )
    sessions = storage.list_sessions(query)
    return sorted(sessions, key=attention_key)[: args.limit] if by_attention else sessions
