"""`scan`: read what is new in the transcripts, once or as a service."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from mi6_tui import start
from mi6_tui.clock import now_ms
from mi6_tui.commands import arguments
from mi6_tui.commands.events import show_json
from mi6_tui.commands.follow import Worker, follow, keep
from mi6_tui.commands.store import opened, remotes, scanner, tell
from mi6_tui.errors import DONE, FAILED, ReadOnlyError, StoreLockedError, UsageError
from mi6_tui.ingest.problem import Problem
from mi6_tui.ingest.progress import ScanReport
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import EventQuery
from mi6_tui.report import out, units
from mi6_tui.report.progress import progress_bar
from mi6_tui.storage import Storage

if TYPE_CHECKING:
    from mi6_tui.ingest.remote.remotes import Remotes

_OTLP: Final = 4318
"""The port where clients send OTLP over HTTP unless they are told otherwise."""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` prints; see ingest.progress.ScanReport."""

    files: int
    bytes: int
    lines: int
    events: int
    requests: int
    malformed: int
    skipped: int
    sessions: int
    seconds: float
    problems: tuple[Problem, ...]
    blocked: bool


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        type=Path,
        help="only these files and folders (default: where the clients write)",
    )
    parser.add_argument("--framework", metavar="F", help="only the transcripts of one client")
    parser.add_argument("--follow", action="store_true", help="stay, and record what is written from now on")
    parser.add_argument(
        "--otel",
        nargs="?",
        const=_OTLP,
        type=arguments.port,
        metavar="PORT",
        help=f"with --follow: take the clients' OpenTelemetry, as a witness (default port: {_OTLP})",
    )
    parser.add_argument(
        "--metrics",
        type=arguments.port,
        metavar="PORT",
        help="with --follow: answer at /metrics (for Prometheus) and /snapshot.json on this machine",
    )
    parser.add_argument(
        "--otel-token-file",
        type=Path,
        metavar="FILE",
        help="requests to both must bear this token; default: MI6_TUI_OTEL_TOKEN",
    )
    parser.add_argument("--full", action="store_true", help="read every file from its start again")
    arguments.add_json(parser, "the counts as an object; with --follow each recorded event as a line")


def run(args: argparse.Namespace) -> int:
    """Scan."""
    if args.follow and args.full:
        raise UsageError("--full reads everything once, --follow only what is new", "run one after the other")
    asked = args.otel is not None or args.metrics is not None
    if asked and not args.follow:
        raise UsageError("--otel and --metrics answer as long as the scan stays", "add --follow")
    if args.otel_token_file is not None and not asked:
        raise UsageError("--otel-token-file guards --otel and --metrics", "add one of them")
    with opened(args, writing=True) as storage:
        if storage.read_only is not None:
            raise ReadOnlyError(storage.read_only)
        far = None if args.paths else remotes(storage, args, only=args.framework)
        with nullcontext() if far is None else closing(far):
            beside = [far] if far is not None and args.follow else []
            worker = scanner(storage, args, only=args.framework, named=args.paths, beside=beside)
            if args.follow:
                return _follow(storage, worker, args)
            return _once(storage, worker, far, args)


def _once(storage: Storage, worker: Scanner, far: Remotes | None, args: argparse.Namespace) -> int:
    start.collect_rarely()
    with progress_bar() as show:
        report = worker.scan_once(show, full=args.full)
    if far is not None and not report.blocked:
        report = _together(report, _read(far, storage, worker, full=args.full))
    if report.blocked:
        process = f"process {report.holder}" if report.holder else "another process"
        if args.full or args.paths:
            # Whoever writes reads only what is new, and only where the clients write.
            raise StoreLockedError(f"{process} writes the store", "scan again when it has ended")
        out.note(f"{process} writes the store and reads the transcripts already; nothing to do here")
    tell(report.problems)
    if args.json:
        out.json(_counts(report))
    else:
        out.lines([_sentence(report)])
    return FAILED if report.problems else DONE


def _read(far: Remotes, storage: Storage, worker: Scanner, *, full: bool) -> ScanReport:
    """Read the other machines, unless somebody else began to write meanwhile, who reads them as well."""
    if worker.lock is not None and not worker.lock.try_acquire():
        return ScanReport()
    try:
        report = far.read_once(full=full)
        storage.rejudge(now_ms())
    finally:
        if worker.lock is not None:
            worker.lock.release()
    for address, clients in far.unread.items():
        out.note(f"{address}: {', '.join(clients)} keeps a database, which is not read over ssh")
    return report


def _together(here: ScanReport, far: ScanReport) -> ScanReport:
    sums = {
        name: getattr(here, name) + getattr(far, name)
        for name in Counts.__struct_fields__
        if name != "blocked"
    }
    total = here.files_total + far.files_total
    return msgspec.structs.replace(here, **sums, files_total=total)


def _follow(storage: Storage, worker: Scanner, args: argparse.Namespace) -> int:
    if out.is_watched():
        out.note("keeping the store up to date; Ctrl-C ends it")
    with progress_bar() as show:
        following = Worker(worker, show)
        with _answering(args, storage, worker, following):
            if args.json:
                follow(storage, following, EventQuery(), storage.last_event_id(), show_json)
            else:
                keep(following)
    return DONE


def _answering(
    args: argparse.Namespace, storage: Storage, worker: Scanner, following: Worker
) -> AbstractContextManager[None]:
    """The ports that were asked for, while they are needed."""
    if args.otel is None and args.metrics is None:
        return nullcontext()
    from mi6_tui.commands.serving import serving  # late: most scans listen to nobody

    return serving(args, storage, worker.lock, following.tally)


def _counts(report: ScanReport) -> Counts:
    return Counts(**{name: getattr(report, name) for name in Counts.__struct_fields__})


def _sentence(report: ScanReport) -> str:
    parts = [
        f"{report.files} of {report.files_total} files",
        units.size(report.bytes),
        f"{report.events} new events",
        f"{report.requests} requests",
        f"{report.sessions} sessions",
        f"{report.seconds:.2f} s",
    ]
    doubts = (("malformed", report.malformed), ("too long", report.skipped))
    return ", ".join([*parts, *(f"{number} lines {what}" for what, number in doubts if number)])
