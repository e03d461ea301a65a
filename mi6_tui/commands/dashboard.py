"""The bare command: the dashboard on a terminal, else the table of sessions."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from typing import TYPE_CHECKING

from mi6_tui.commands.store import database, folders, places, remotes, scanner, shown
from mi6_tui.errors import UsageError
from mi6_tui.report import out

if TYPE_CHECKING:
    from mi6_tui.hooks.place import Place
    from mi6_tui.ingest.apart import Loop
    from mi6_tui.storage import Storage


def can_show() -> bool:
    """Whether there is something to draw on and to read keys from. UsageError if it cannot be drawn on."""
    if os.environ.get("TEXTUAL_DRIVER"):
        return True  # it is no terminal, and whoever asked for it is there
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
    where, url = places(args), database(args)
    first = url is None and not where.store.exists()
    with shown(args, writing=True) as storage:
        from mi6_tui.tui.app import run_dashboard

        return run_dashboard(
            storage,
            # A database is filled by the machines whose sessions it shows.
            make_scanner=(lambda: _scanner(storage, args)) if url is None else None,
            folders=folders if url is None else list,
            settings=where.settings,
            typed=where.typed,
            hooks=_place,
            read_only=args.read_only,
            share=args.share,
            welcome=first,
        )


def _scanner(storage: Storage, args: argparse.Namespace) -> Loop:
    from mi6_tui.commands import apart  # late, as what follows: not before the first paint
    from mi6_tui.ingest.apart import Sharing

    command, far = apart.command(places(args)), remotes(storage, args)
    if far is None:
        return Sharing(lambda: scanner(storage, args), command)
    from mi6_tui.ingest.remote.loop import Attended

    # What other machines tell goes on coming while a process reads a backlog of this one.
    return Attended(Sharing(lambda: scanner(storage, args, beside=[far]), command), far)


def _place() -> Place:
    from mi6_tui.hooks.place import here

    return here()
