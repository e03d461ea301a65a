"""`events`: what happened, once or as it happens."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Final

from mi6_tui.commands import arguments
from mi6_tui.commands.find import find_session
from mi6_tui.commands.follow import Worker, follow
from mi6_tui.commands.store import catch_up, scanner, shown
from mi6_tui.errors import DONE
from mi6_tui.model import Event, EventQuery
from mi6_tui.report import event_lines, out
from mi6_tui.storage import Storage

_DEFAULT_LIMIT: Final = 50


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--session", metavar="ID", help="of one session: its id, the start of it, or its pid")
    parser.add_argument("--type", metavar="T", help="of one type, for example PreToolUse")
    parser.add_argument("--framework", metavar="F", help="of one client, for example claude")
    parser.add_argument("--mode", metavar="M", help="in one permission mode, for example plan")
    parser.add_argument(
        "--after-id",
        metavar="N",
        type=arguments.natural,
        help="those stored after event N, in the order of storing",
    )
    parser.add_argument(
        "--limit",
        metavar="N",
        type=arguments.natural,
        help=f"at most N (default: the last {_DEFAULT_LIMIT}; none with --after-id)",
    )
    parser.add_argument("--follow", action="store_true", help="stay and show new ones as they are recorded")
    arguments.add_json(parser, "an object a line with the store's field names; unknown is null")
    arguments.add_no_scan(parser)


def run(args: argparse.Namespace) -> int:
    """List the events, and follow them if asked to."""
    show = show_json if args.json else show_text
    with shown(args) as storage:
        catch_up(storage, args)
        query = _query(storage, args)
        last = storage.last_event_id()
        events = _listed(storage, query, args)
        show(events)
        if args.follow:
            after = (
                last
                if args.after_id is None
                else max((event.id or 0 for event in events), default=args.after_id)
            )
            follow(storage, Worker(scanner(storage, args)), query, after, show)
    return DONE


def show_json(events: Sequence[Event]) -> None:
    """Print an object a line."""
    out.json_lines(map(event_lines.as_object, events))


def show_text(events: Sequence[Event]) -> None:
    """Print a line of text for each."""
    fit = out.fit()
    out.lines(event_lines.line(event, fit) for event in events)


def _query(storage: Storage, args: argparse.Namespace) -> EventQuery:
    return EventQuery(
        session_id=find_session(storage, args.session).session_id if args.session is not None else None,
        event_type=args.type,
        permission_mode=args.mode,
        framework=args.framework,
    )


def _listed(storage: Storage, query: EventQuery, args: argparse.Namespace) -> list[Event]:
    """The latest ones, oldest of them first; or those behind the caller's cursor."""
    if args.after_id is not None:
        cursor = query.order_by_id().with_after_id(args.after_id)
        return storage.query(cursor if args.limit is None else cursor.with_limit(args.limit))
    latest = query.with_limit(_DEFAULT_LIMIT if args.limit is None else args.limit)
    return storage.query(latest.order_by_timestamp().descending())[::-1]
