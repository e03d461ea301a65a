"""`sessions`: the table of sessions, those that need you first."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Final

from mi6_tui.clock import now_ms
from mi6_tui.commands import arguments
from mi6_tui.commands.store import catch_up, shown
from mi6_tui.errors import DONE
from mi6_tui.judge.attention import attention_key
from mi6_tui.model import Session, SessionQuery
from mi6_tui.report import out, session_fields
from mi6_tui.report.table import render

_ATTENTION: Final = "attention"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--active", action="store_true", help="only those that have not ended")
    parser.add_argument("--framework", metavar="F", help="only of one client, for example claude")
    parser.add_argument(
        "--where",
        metavar="QUERY",
        default="",
        help='only those that match, for example "status:waiting cost>3"',
    )
    parser.add_argument(
        "--sort",
        metavar="A,-B",
        default=_ATTENTION,
        help="order by fields, `-` for the other direction (default: attention)",
    )
    parser.add_argument("--limit", metavar="N", type=arguments.natural, help="at most N")
    parser.add_argument("--columns", metavar="A,B", help="these fields only, in this order")
    arguments.add_json(parser, "a list of objects with the store's field names; unknown is null")
    arguments.add_no_scan(parser)


def run(args: argparse.Namespace) -> int:
    """List the sessions."""
    names = session_fields.chosen(args.columns, session_fields.FIELDS if args.json else session_fields.TABLE)
    arranged = _arrangement(args)
    with shown(args) as storage:
        catch_up(storage, args)
        found = storage.list_sessions(SessionQuery(framework=args.framework, only_active=args.active))
    now = now_ms()
    sessions = arranged(found, now)[: args.limit]
    if args.json:
        out.json(session_fields.as_objects(sessions, names))
        return DONE
    print_table(sessions, names, now)
    if not sessions:
        where = "" if args.share else "; `mi6-tui status` says where was looked"
        out.note(f"no session matches{where}")
    return DONE


def print_table(sessions: Sequence[Session], names: Sequence[str], now: int) -> None:
    """Print a table of these fields; `now` in ms dates the ages."""
    fit = out.fit()
    rows = [session_fields.cells(session, names, now, short=fit is not None) for session in sessions]
    out.lines(render(session_fields.columns(names, sessions), rows, fit=fit, colour=out.colour()))


def _arrangement(args: argparse.Namespace) -> Callable[[Sequence[Session], int], list[Session]]:
    """What selects and sorts sessions at `now`; UsageError for a query or an order that makes no sense."""
    if not args.where and args.sort == _ATTENTION:
        return lambda sessions, now: sorted(sessions, key=lambda session: attention_key(session, now))
    from mi6_tui.query import Sort, parse  # late: status bars ask for neither, many times an hour

    query, sort = parse(args.where), Sort.parse(args.sort)
    return lambda sessions, now: sort.sorted(query.select(sessions, now), now)
