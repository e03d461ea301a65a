"""`demo`: invented sessions in a store that is gone afterwards."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from mi6_tui.clock import now_ms
from mi6_tui.commands import arguments
from mi6_tui.commands.dashboard import can_show
from mi6_tui.commands.sessions import print_table
from mi6_tui.errors import DONE
from mi6_tui.ingest.demo import fill_demo
from mi6_tui.judge.attention import attention_key
from mi6_tui.model import SessionQuery
from mi6_tui.report import out, session_fields
from mi6_tui.storage.sqlite import SqliteStorage


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    arguments.add_json(parser, "no dashboard: the list of the sessions, as `sessions --json` prints it")


def run(args: argparse.Namespace) -> int:
    """Show the demo: the dashboard on a terminal, else its table."""
    now = now_ms()
    with tempfile.TemporaryDirectory(prefix="mi6-tui-demo-") as folder:
        storage = SqliteStorage(Path(folder) / "mi6.db", clock=lambda: now)
        try:
            fill_demo(storage, now)
            if can_show() and not args.json:
                from mi6_tui.tui.app import run_dashboard

                return run_dashboard(storage)
            sessions = sorted(
                storage.list_sessions(SessionQuery()), key=lambda session: attention_key(session, now)
            )
        finally:
            storage.close()
    if args.json:
        out.json([session_fields.as_object(session) for session in sessions])
    else:
        print_table(sessions, session_fields.TABLE, now)
    return DONE
