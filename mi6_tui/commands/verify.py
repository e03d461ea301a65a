"""`verify`: count the transcripts again, on another way, and hold the store against it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from mi6_tui import frameworks
from mi6_tui.commands import arguments
from mi6_tui.commands.find import find_session
from mi6_tui.commands.store import catch_up, opened, tell
from mi6_tui.errors import DONE, FAILED, NotFoundError
from mi6_tui.ingest.discover import default_roots, existing, walk
from mi6_tui.ingest.problem import Problem
from mi6_tui.model import EventQuery, Session, SessionQuery, Source, UsageQuery
from mi6_tui.paths import machine_id, user_home
from mi6_tui.report import out, units
from mi6_tui.report.cells import clean
from mi6_tui.report.table import Cell, Column, render
from mi6_tui.storage import Storage
from mi6_tui.verify import FRAMEWORKS, NAMES, Comparison, File, Held, Numbers, compare, recount

_READ = (Source.TRANSCRIPT, Source.CODEX_SESSION)
_DIFFERENCES = (
    Column(header="SESSION"),
    Column(header="NUMBER"),
    Column(header="STORE", right=True),
    Column(header="FILES", right=True),
    Column(header="TABLE"),
)
_TOTALS = (Column(header="TOTAL"), Column(header="STORE", right=True), Column(header="FILES", right=True))
_SHOWN = 5


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "sessions", nargs="*", metavar="ID", help="only these sessions (default: every one on this machine)"
    )
    arguments.add_json(parser, "one object: `checked`, `differences`, both totals, what cannot be checked")
    arguments.add_no_scan(parser)


def run(args: argparse.Namespace) -> int:
    """Count and compare; 1 if there is any difference, 3 if there is nothing to compare."""
    with opened(args) as storage:
        catch_up(storage, args)
        wanted = [find_session(storage, word) for word in args.sessions]
        clients = {session.framework for session in wanted}
        outcome, files = Comparison(), 0
        for name in frameworks.names():
            if name in FRAMEWORKS and (not wanted or name in clients):
                transcripts = _files(storage, name)
                files += len(transcripts)
                outcome.plus(_check(storage, name, transcripts, wanted))
    if not outcome.checked:
        why = next(iter(outcome.unchecked.values()), "no transcript tells of a request")
        raise NotFoundError(f"there is nothing to check: {why}")
    _show(outcome, files, as_json=args.json)
    return FAILED if outcome.differences else DONE


def _files(storage: Storage, name: str) -> list[File]:
    """The client's transcripts, each up to where the store has read it; to the end if it never did."""
    roots = default_roots([frameworks.framework(name)], os.environ, user_home())
    positions = dict(storage.query_transcript_positions())
    problems: list[Problem] = []
    files: dict[str, File] = {}
    for root in existing(roots, problems.append):
        for path, kind, _ in walk(root, problems.append):
            if not os.access(path, os.R_OK):
                problems.append(Problem(path, "Permission denied"))
                continue
            position = positions.get(path) if kind == "lines" else None
            files[path] = File(path, position.byte_offset if position else None)
    tell(problems)
    return list(files.values())


def _check(storage: Storage, name: str, files: Sequence[File], wanted: Sequence[Session]) -> Comparison:
    counted = recount(name, files)
    if wanted:
        sessions = [session for session in wanted if session.framework == name]
        ids = {session.session_id for session in sessions}
        counted = {session_id: sums for session_id, sums in counted.items() if session_id in ids}
    else:
        sessions = storage.list_sessions(SessionQuery().with_machine(machine_id()).with_framework(name))
    paths = {file.path for file in files}
    stats = _stats(storage)
    return compare(
        {session.session_id: _held(storage, session, paths, stats) for session in sessions}, counted
    )


def _stats(storage: Storage) -> dict[str, Numbers | None]:
    """What `stats` says of each session that has requests; None where two machines have one of that id."""
    found: dict[str, Numbers | None] = {}
    for row in storage.usage(UsageQuery(by="session")).rows:
        if row.key is not None:
            numbers = _numbers(row, requests=row.api_request_count)
            found[row.key] = None if row.key in found else numbers
    return found


def _held(storage: Storage, session: Session, paths: set[str], stats: Mapping[str, Numbers | None]) -> Held:
    listed = Numbers()
    witnesses = {session.transcript_path}
    for event in storage.query(EventQuery().with_session(session.session_id).api_requests_only()):
        if event.machine_id == session.machine_id and event.source in _READ:
            listed.plus(_numbers(event, requests=1))
            witnesses.add(event.transcript_path)
    row = _numbers(session, requests=session.api_request_count if session.transcript_available else 0)
    known = stats.get(session.session_id, Numbers()) if session.transcript_available else None
    return Held(row, listed, stats=known, complete=witnesses - {None} <= paths)


def _numbers(found: object, *, requests: int) -> Numbers:
    return Numbers(requests, *(getattr(found, name) or 0 for name in NAMES[1:]))


def _show(outcome: Comparison, files: int, *, as_json: bool) -> None:
    if as_json:
        out.json({**asdict(outcome), "transcripts": files})
        return
    differences = len(outcome.differences)
    verdict = _of(differences, "difference") if differences else "no difference"
    out.lines([f"{_of(outcome.checked, 'session')} in {_of(files, 'transcript')}: {verdict}", ""])
    out.lines(render(_TOTALS, list(_totals(outcome)), fit=out.fit()))
    if differences:
        rows = [
            [Cell(clean(text)) for text in (d.session_id, d.field, _text(d.store), _text(d.files), d.where)]
            for d in outcome.differences
        ]
        out.lines(["", *render(_DIFFERENCES, rows, fit=out.fit())])
        out.note("`mi6-tui explain ID tokens` lists the requests of a session with their places")
    for session_id, why in list(outcome.unchecked.items())[:_SHOWN]:
        out.note(f"{session_id} is not checked: {why}")
    if len(outcome.unchecked) > _SHOWN:
        out.note(f"and {len(outcome.unchecked) - _SHOWN} more are not checked")


def _totals(outcome: Comparison) -> Iterable[list[Cell]]:
    for name in NAMES:
        numbers = (getattr(outcome.store, name), getattr(outcome.files, name))
        yield [Cell(name), *(Cell(f"{number:,}") for number in numbers)]


def _text(number: int | None) -> str:
    return units.UNKNOWN if number is None else f"{number:,}"


def _of(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
