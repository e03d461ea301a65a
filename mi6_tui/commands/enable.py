"""`enable`: set up the hooks by which the clients tell at once what they do."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from mi6_tui import frameworks
from mi6_tui.commands import hook_setup
from mi6_tui.errors import NotFoundError, UsageError
from mi6_tui.frameworks.hooks import Scope, StatusLined


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    hook_setup.configure(parser, "those on this machine")
    parser.add_argument(
        "--status-line",
        action="store_true",
        help="also hear what the client tells its status line: the provider's limits; your own line stays",
    )


def run(args: argparse.Namespace) -> int:
    """Set up, or show what would be."""
    place, scope = hook_setup.where(args)
    names = args.framework or [name for name in frameworks.names() if place.present(name)]
    if not names:
        raise NotFoundError("no client is on this machine", f"name one of {', '.join(frameworks.names())}")
    if args.status_line:
        _check(names, scope)
    return hook_setup.run("enable", names, args, place, scope, status_line=args.status_line)


def _check(names: Sequence[str], scope: Scope) -> None:
    """UsageError if no status line can be listened to."""
    having = [
        name for name in frameworks.names() if isinstance(frameworks.framework(name).hooks(), StatusLined)
    ]
    if not set(names) & set(having):
        raise UsageError("--status-line is for a client that has one", f"name {' or '.join(having)}")
    if scope == "project":
        raise UsageError("the status line is yours, and no project's", "leave out --project")
