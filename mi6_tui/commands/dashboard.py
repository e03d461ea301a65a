"""The bare command: the dashboard on a terminal, else the table of sessions."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from typing import TYPE_CHECKING

from mi6_tui.commands.store import folders, opened, scanner
from mi6_tui.errors import UsageError
from mi6_tui.paths import paths
from mi6_tui.report import out

if TYPE_CHECKING:
    from mi6_tui.hooks.place import Place


def can_show() -> bool:
    """Whether there is a terminal to draw on and to read keys from. UsageError if it cannot be drawn on."""
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        return False
    if os.environ.get("TERM") == "dumb":
        raise UsageError(
            "TERM is dumb: on this terminal nothing can be drawn", "`mi6-tui sessions` prints the list"
        )
    return True


def run(args: argparse.Namespace) -> int:
    """Start the dashboard."""
    if not can_show():
        from mi6_tui.commands import sessions

        out.note("no terminal, so no dashboard: this is `mi6-tui sessions`; `mi6-tui --help` lists more")
        table = argparse.ArgumentParser()
        sessions.configure(table)
        return sessions.run(table.parse_args([], args))
    # A collection would find nothing before the first paint; the dashboard turns it on again.
    gc.disable()
    where = paths(store=args.db)
    first = not where.store.exists()
    with opened(args, writing=True) as storage:
        from mi6_tui.tui.app import run_dashboard

        return run_dashboard(
            storage,
            make_scanner=lambda: scanner(storage, args),
            folders=folders,
            settings=where.settings,
            hooks=None if args.read_only else _place,
            read_only=args.read_only,
            welcome=first,
        )


def _place() -> Place:
    from mi6_tui.hooks.place import here  # late: not before the first paint

    return here()
