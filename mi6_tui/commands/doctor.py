"""`doctor`: whether everything works, and what to do where it does not."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from mi6_tui.clock import now_ms
from mi6_tui.commands import arguments
from mi6_tui.doctor.checks import Check, checks
from mi6_tui.doctor.facts import Facts
from mi6_tui.doctor.gather import gather
from mi6_tui.errors import DONE, FAILED
from mi6_tui.hooks.place import here
from mi6_tui.paths import paths
from mi6_tui.report import out
from mi6_tui.report.cells import clean

_MARKS: Final = {"ok": "ok", "warning": "warning", "failed": "FAILED"}
_COLOURS: Final = {"ok": "32", "warning": "33", "failed": "31"}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` prints. Times are ms, unknown is null."""

    failed: int
    warnings: int
    checks: tuple[Check, ...]
    facts: Facts


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    arguments.add_json(parser, "one object with the checks and the facts behind them")


def run(args: argparse.Namespace) -> int:
    """Look, judge and tell; 1 if a check failed."""
    facts = gather(here(), paths(store=args.db), now_ms())
    found = checks(facts)
    report = Report(
        failed=_count(found, "failed"),
        warnings=_count(found, "warning"),
        checks=tuple(found),
        facts=facts,
    )
    if args.json:
        out.json(report)
    else:
        out.lines(_lines(report, colour=out.colour()))
    return FAILED if report.failed else DONE


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
    versions = ", ".join(f"{name} {version}" for name, version in report.facts.versions.items())
    yield f"{len(report.checks)} checks, {report.warnings} warnings, {report.failed} failed"
    yield clean(versions)
