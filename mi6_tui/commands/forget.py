"""`forget`: delete all that the store knows of one session, to the last byte, and keep it out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import ClassVar, Final

import msgspec

from mi6_tui.commands import arguments
from mi6_tui.commands.find import find_session
from mi6_tui.commands.store import catch_up, opened
from mi6_tui.errors import DONE, REFUSED, Mi6Error, NotFoundError
from mi6_tui.model import EventQuery, Session
from mi6_tui.report import out
from mi6_tui.report.cells import clean
from mi6_tui.storage import Storage

_OWN_FILES: Final = ("", "-wal", "-shm", "-journal", ".lock")
"""What the names of the files that `forget` reaches end in, after the store's."""


class NotConfirmedError(Mi6Error):
    """Nobody said yes."""

    exit_code: ClassVar[int] = REFUSED


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """What was deleted, or with `--dry-run` would be; what holds it besides."""

    session_id: str
    name: str
    events: int
    transcript_path: str | None
    """Stays as it is."""
    copies: list[str]
    """Older copies of the store, which stay as well."""
    done: bool


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("session", metavar="ID|PID|PREFIX", help="its id, the start of it, or its process id")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be deleted")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--undo",
        action="store_true",
        help="let the session (its whole id) be recorded again; a full scan then reads its transcripts",
    )
    arguments.add_json(parser, "what was deleted, as one object")
    arguments.add_no_scan(parser)


def run(args: argparse.Namespace) -> int:
    """Forget the session, after a question; or take that back."""
    with opened(args, writing=True) as storage:
        if args.undo:
            return _undo(storage, args.session)
        # What hooks told and nobody read yet is in the store then, and not in the spool.
        catch_up(storage, args)
        session = find_session(storage, args.session)
        events = len(storage.query(EventQuery().with_session(session.session_id)))
        if not args.dry_run:
            if not args.yes:
                _ask(session, events)
            events = storage.forget(session.session_id)
        copies = _copies(storage.path)
    told = Forgotten(
        session_id=session.session_id,
        name=session.name,
        events=events,
        transcript_path=session.transcript_path,
        copies=copies,
        done=not args.dry_run,
    )
    if args.json:
        out.json(told)
    else:
        out.lines(_lines(told))
    return DONE


def _undo(storage: Storage, session_id: str) -> int:
    if not storage.recall(session_id):
        raise NotFoundError(f"no session {clean(session_id)!r} was forgotten", "give its whole id")
    out.lines([f"{clean(session_id)} may be recorded again; `mi6-tui scan --full` reads its transcripts"])
    return DONE


def _ask(session: Session, events: int) -> None:
    """NotConfirmedError unless a person at a terminal says yes."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise NotConfirmedError("nobody is there to be asked", "add --yes to forget the session for good")
    out.note(f"forget {events} events of {session.name[:60]!r} ({session.session_id}) for good? Type yes:")
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise NotConfirmedError("nothing was forgotten")


def _lines(told: Forgotten) -> list[str]:
    done = "forgotten" if told.done else "would be forgotten"
    lines = [f"{clean(told.session_id)} ({clean(told.name[:60])}): {told.events} events {done}"]
    if told.transcript_path:
        lines.append(f"its transcript stays: {clean(told.transcript_path)}")
    lines += [f"an older copy of the store stays: {clean(path)}" for path in told.copies]
    if told.done:
        lines.append(f"`mi6-tui forget --undo {clean(told.session_id)}` lets it be recorded again")
    return lines


def _copies(store: Path | None) -> list[str]:
    """Files beside the store that an update or a rebuild left, and that may hold what was forgotten."""
    if store is None:
        return []
    own = {store.name + ending for ending in _OWN_FILES}
    found = (
        path for path in store.parent.iterdir() if path.name.startswith(store.name) and path.name not in own
    )
    return sorted(str(path) for path in found)
