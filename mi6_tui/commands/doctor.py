"""`doctor`: whether everything works, and what to do where it does not; a new store for a broken one."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from mi6_tui.clock import now_ms
from mi6_tui.commands import arguments
from mi6_tui.commands.store import database, engine
from mi6_tui.doctor.checks import Check, checks
from mi6_tui.doctor.database import UNCHECKED
from mi6_tui.doctor.facts import Facts, Integrity
from mi6_tui.doctor.gather import gather
from mi6_tui.errors import DONE, FAILED, UsageError
from mi6_tui.hooks.place import here
from mi6_tui.paths import machine_id, paths, user_home
from mi6_tui.report import out, units
from mi6_tui.report.cells import clean
from mi6_tui.storage.about import About

if TYPE_CHECKING:
    from mi6_tui.doctor.rebuild import Rebuilt

_MARKS: Final = {"ok": "ok", "warning": "warning", "failed": "FAILED"}
_COLOURS: Final = {"ok": "32", "warning": "33", "failed": "31"}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` prints. Times are ms, unknown is null."""

    failed: int
    warnings: int
    checks: tuple[Check, ...]
    facts: Facts | None = None
    """Of a store in a file."""
    database: About | None = None
    """Of a store in PostgreSQL."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--thorough", action="store_true", help="look at every page of the store, however long it takes"
    )
    parser.add_argument(
        "--rebuild",
        action="store_true",
        help="put a new store, made from the transcripts and what only the old one knew, in its place",
    )
    parser.add_argument("--dry-run", action="store_true", help="with --rebuild: only say what would be done")
    arguments.add_json(parser, "one object with the checks and the facts behind them, or what was rebuilt")


def run(args: argparse.Namespace) -> int:
    """Look, judge and tell, 1 if a check failed; or rebuild."""
    if args.dry_run and not args.rebuild:
        raise UsageError("--dry-run goes with --rebuild", "a look alone changes nothing")
    if args.rebuild:
        return _rebuild(args)
    url = database(args)
    if url is not None and not args.thorough:
        return _tell(_of_database(url), args)
    return _tell(_of_file(args), args)


def _of_database(url: str) -> Report:
    with engine():
        from mi6_tui.doctor.look_at_database import look_at_database

    found, about = look_at_database(url)
    return _report(found, database=about)


def _of_file(args: argparse.Namespace) -> Report:
    from mi6_tui.doctor.machine import machine  # late: the schema of the report is asked for more often

    where, place = paths(store=args.db), here()
    facts = gather(
        place,
        where,
        now_ms(),
        integrity=_integrity(where.store, thorough=args.thorough),
        machine=machine(),
        judge_settings=_judge_settings,
    )
    return _report(checks(facts), facts=facts)


def _report(found: Sequence[Check], *, facts: Facts | None = None, database: About | None = None) -> Report:
    return Report(
        failed=_count(found, "failed"),
        warnings=_count(found, "warning"),
        checks=tuple(found),
        facts=facts,
        database=database,
    )


def _tell(report: Report, args: argparse.Namespace) -> int:
    if args.json:
        out.json(report)
    else:
        out.lines(_lines(report, colour=out.colour()))
    return FAILED if report.failed else DONE


def _judge_settings(path: Path) -> Iterable[str]:
    from mi6_tui.tui.checked import wrong  # late: whoever has no such file needs nothing of the dashboard

    return wrong(path)


def _integrity(store: Path, *, thorough: bool) -> Integrity | None:
    from mi6_tui.doctor.machine import integrity

    return integrity(store, thorough=thorough) if store.is_file() else None


def _rebuild(args: argparse.Namespace) -> int:
    from mi6_tui.commands.store import prices_of
    from mi6_tui.doctor.rebuild import Rebuild
    from mi6_tui.report.progress import progress_bar

    where = paths(store=args.db)
    with progress_bar() as show:
        rebuilt = Rebuild(
            where,
            machine_id(),
            user_home(),
            env=os.environ,
            prices=prices_of(where.settings),
            on_step=out.note,
            on_progress=show,
        ).run(dry_run=args.dry_run)
    for problem in rebuilt.problems:
        out.note(f"cannot read {problem}; what the old store held of it is kept")
    if args.json:
        out.json(rebuilt)
    else:
        out.lines(_told(rebuilt))
    return DONE


def _told(rebuilt: Rebuilt) -> Iterable[str]:
    unreadable = rebuilt.unreadable
    lost = f", about {unreadable} rows of the old one cannot be read" if unreadable else ""
    if not rebuilt.done or rebuilt.kept is None:
        yield f"{rebuilt.store} would be made anew: {rebuilt.events} events in the old store{lost}"
        return
    kept = rebuilt.kept
    yield f"{rebuilt.events} events, {rebuilt.files} transcripts read, {rebuilt.seconds:.1f} s{lost}"
    yield (
        f"kept of the old store: {kept.events} events and {kept.sessions} sessions that no transcript tells, "
        f"the marks of {kept.marked} sessions"
    )
    if kept.dropped:
        yield f"{kept.dropped} events are left out: their transcripts do not tell them any more"
    if kept.forgets:
        yield "sessions that were forgotten may be here again: run `mi6-tui forget` for them once more"
    if rebuilt.bytes is not None:
        yield f"{units.size(rebuilt.bytes_before)} before, {units.size(rebuilt.bytes)} now"
    yield f"the old store is {clean(rebuilt.kept_as or '')}; delete it when all is well"


def _count(found: Sequence[Check], level: str) -> int:
    return sum(check.level == level for check in found)


def _lines(report: Report, *, colour: bool) -> Iterable[str]:
    for check in report.checks:
        mark = f"{_MARKS[check.level]:7}"
        if colour:
            mark = f"\x1b[{_COLOURS[check.level]}m{mark}\x1b[0m"
        yield f"{mark}  {clean(check.name)}: {clean(check.told)}"
        if check.advice:
            yield f"         {clean(check.advice)}"
    yield f"{len(report.checks)} checks, {report.warnings} warnings, {report.failed} failed"
    if report.facts is None:
        yield UNCHECKED
    else:
        yield clean(", ".join(f"{name} {version}" for name, version in report.facts.versions.items()))
