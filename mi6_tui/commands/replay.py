"""`replay`: a recorded store, played again on a clock, event by event, in a copy that is gone afterwards."""

from __future__ import annotations

import argparse
from pathlib import Path

from mi6_tui.commands import arguments
from mi6_tui.commands.dashboard import can_show
from mi6_tui.commands.sessions import print_table
from mi6_tui.errors import DONE, NotFoundError
from mi6_tui.ingest.recording import Recording
from mi6_tui.ingest.scratch import scratch_folder
from mi6_tui.judge.attention import attention_key
from mi6_tui.model import SessionQuery
from mi6_tui.report import out, session_fields, times
from mi6_tui.storage.sqlite import SqliteStorage


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE", help="a store, of this program or of mi6; it is only read")
    parser.add_argument(
        "--speed", metavar="X", type=arguments.speed, default=1.0, help="so many times as fast as it happened"
    )
    parser.add_argument(
        "--from", dest="begin", metavar="TIME", help="from a day, a moment, or an age before its end (2h) on"
    )
    parser.add_argument("--at", metavar="TIME", help="no dashboard: the sessions as they stood at that time")
    arguments.add_json(parser, "no dashboard: the same list, as `sessions --json` prints it")


def run(args: argparse.Namespace) -> int:
    """Play it on a terminal, else print the table of one instant."""
    recording = SqliteStorage(Path(args.file), read_only=True)
    try:
        begin, end = _span(recording, args.file)
        if can_show() and not args.json and args.at is None:
            from mi6_tui.tui.replaying import run_replay

            start = _instant(args.begin, end) if args.begin else begin
            return run_replay(recording, min(max(start, begin), end), args.speed)
        return _print(recording, _instant(args.at, end) if args.at else end, as_json=args.json)
    finally:
        recording.close()


def _span(recording: SqliteStorage, file: str) -> tuple[int, int]:
    """The first and the last instant (ms). NotFoundError if nothing ever happened."""
    whole = Recording(recording)
    if whole.begin is None or whole.end is None:
        raise NotFoundError(f"{file} holds no events", "record some with `mi6-tui scan`")
    return whole.begin, whole.end


def _instant(text: str, end: int) -> int:
    return times.instant(text, None, end)


def _print(recording: SqliteStorage, at: int, *, as_json: bool) -> int:
    with scratch_folder("replay") as folder:
        storage = SqliteStorage(folder / "mi6.db", clock=lambda: at)
        try:
            script = Recording(recording)
            while (next_at := script.next_at) is not None and next_at <= at:
                storage.record(script.until(at))
            storage.rejudge(at)
            sessions = storage.list_sessions(SessionQuery())
        finally:
            storage.close()
    sessions.sort(key=lambda session: attention_key(session, at))
    if as_json:
        out.json([session_fields.as_object(session) for session in sessions])
    else:
        print_table(sessions, session_fields.TABLE, at)
    return DONE
