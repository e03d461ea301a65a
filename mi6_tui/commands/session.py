"""`session`: everything known about one session."""

from __future__ import annotations

import argparse

from mi6_tui.commands import arguments
from mi6_tui.commands.find import find_session
from mi6_tui.commands.store import catch_up, shown
from mi6_tui.errors import DONE
from mi6_tui.report import out, session_fields
from mi6_tui.report.cells import clean


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("session", metavar="ID|PID|PREFIX", help="its id, the start of it, or its process id")
    parser.add_argument("--fields", metavar="A,B", help="these fields only, in this order")
    arguments.add_json(parser, "one object with the store's field names; unknown is null")
    arguments.add_no_scan(parser)


def run(args: argparse.Namespace) -> int:
    """Show the session."""
    names = session_fields.chosen(args.fields, session_fields.FIELDS)
    with shown(args) as storage:
        catch_up(storage, args)
        session = find_session(storage, args.session)
    if args.json:
        out.json(session_fields.as_object(session, names))
        return DONE
    known = [name for name in names if args.fields or getattr(session, name) is not None]
    wide = max(map(len, known))
    out.lines(f"{name:{wide}}  {clean(session_fields.plain(session, name))}" for name in known)
    return DONE
