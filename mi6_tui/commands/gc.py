"""`gc`: delete old events, to the last byte. Sessions and their totals stay."""

from __future__ import annotations

import argparse

from mi6_tui.commands.arguments import duration
from mi6_tui.commands.store import opened
from mi6_tui.errors import DONE
from mi6_tui.report import out


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--older-than",
        metavar="AGE",
        type=duration,
        default=duration("90d"),
        help="how old an event must be, like 90d, 12h or 30m (default: 90d)",
    )
    parser.add_argument("--dry-run", action="store_true", help="only say how many there are")


def run(args: argparse.Namespace) -> int:
    """Delete, or count."""
    with opened(args, writing=True) as storage:
        if args.dry_run:
            expired = storage.count_expired(args.older_than)
            out.lines([f"{expired} of {storage.count()} events would be deleted"])
        else:
            deleted = storage.gc(args.older_than)
            out.lines([f"{deleted} events deleted, {storage.count()} left"])
    return DONE
