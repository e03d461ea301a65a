"""`demo`: an invented fleet that lives on a clock, in a store that is gone afterwards."""

from __future__ import annotations

import argparse
from pathlib import Path

from mi6_tui.clock import now_ms
from mi6_tui.commands import arguments
from mi6_tui.commands.dashboard import can_show
from mi6_tui.commands.sessions import print_table
from mi6_tui.errors import DONE
from mi6_tui.ingest.demo import Demo
from mi6_tui.ingest.play_clock import PlayClock
from mi6_tui.ingest.scratch import scratch_folder
from mi6_tui.judge.attention import attention_key
from mi6_tui.model import SessionQuery
from mi6_tui.report import out, session_fields
from mi6_tui.storage.sharing import SharedStorage
from mi6_tui.storage.sqlite import SqliteStorage


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--seed",
        metavar="N",
        type=arguments.natural,
        default=1,
        help="the same N, the same events (default: 1)",
    )
    parser.add_argument(
        "--speed", metavar="X", type=arguments.speed, default=1.0, help="so many times as fast as the world"
    )
    parser.add_argument(
        "--read-only",
        action="store_true",
        default=argparse.SUPPRESS,
        help="change nothing outside of the dashboard",
    )
    arguments.add_json(parser, "no dashboard: the list of the sessions, as `sessions --json` prints it")


def run(args: argparse.Namespace) -> int:
    """Show the demo: the dashboard on a terminal, else its table."""
    clock = PlayClock(now_ms(), args.speed)
    begin = clock()
    demo = Demo(begin, seed=args.seed)
    with scratch_folder("demo") as folder:
        storage = SqliteStorage(folder / "mi6.db", clock=clock)
        try:
            storage.record(demo.until(begin))
            if can_show() and not args.json:
                return _play(storage, demo, clock, folder, args)
            sessions = (SharedStorage(storage) if args.share else storage).list_sessions(SessionQuery())
        finally:
            storage.close()
    sessions.sort(key=lambda session: attention_key(session, begin))
    if args.json:
        out.json([session_fields.as_object(session) for session in sessions])
    else:
        print_table(sessions, session_fields.TABLE, begin)
    return DONE


def _play(
    storage: SqliteStorage, demo: Demo, clock: PlayClock, folder: Path, args: argparse.Namespace
) -> int:
    from mi6_tui.ingest.player import Player
    from mi6_tui.tui.app import run_dashboard

    return run_dashboard(
        SharedStorage(storage) if args.share else storage,
        make_scanner=lambda: Player(storage, demo, clock, before=demo.past),
        clock=clock,
        settings=folder / "settings.toml",
        read_only=args.read_only,
        share=args.share,
    )
