"""What `enable` and `disable` have in common."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from mi6_tui import frameworks
from mi6_tui.commands import arguments
from mi6_tui.errors import DONE, FAILED, Mi6Error, UsageError
from mi6_tui.frameworks.hooks import Scope
from mi6_tui.hooks.apply import set_up
from mi6_tui.hooks.place import Place, here
from mi6_tui.hooks.plan import Aim, Plan, plan
from mi6_tui.ingest.problem import as_text
from mi6_tui.report import out
from mi6_tui.report.cells import clean

_NOT_FOR_OTHERS: Final = "it names folders of yours, so keep it out of version control"


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` prints of each file."""

    framework: str
    scope: Scope
    file: str | None = None
    """None if it did not come so far."""
    changed: bool = False
    """With `--print`: whether it would be."""
    backup: str | None = None
    """Where the bytes before are kept."""
    advice: str | None = None
    """What the user has to do besides."""
    diff: str | None = None
    """With `--print`: the change."""
    error: str | None = None


def configure(parser: argparse.ArgumentParser, default: str) -> None:
    """Declare the arguments; `default` says which clients are meant if none is named."""
    known = ", ".join(frameworks.names())
    parser.add_argument("framework", nargs="*", help=f"one of {known} (default: {default})")
    parser.add_argument(
        "--project",
        metavar="DIR",
        nargs="?",
        const=".",
        help="in the settings of one project (default: this folder) instead of the user's",
    )
    parser.add_argument("--print", action="store_true", help="show the change as a diff and do nothing")
    arguments.add_json(parser, "a list with an object for each file")


def where(args: argparse.Namespace) -> tuple[Place, Scope]:
    """The place and scope that the arguments mean. UsageError if they make no sense."""
    for name in args.framework:
        frameworks.framework(name)
    if args.project is None:
        return here(), "user"
    project = Path(args.project).absolute()
    if not project.is_dir():
        raise UsageError(f"{args.project} is no folder", "clients are named before --project")
    return here(project), "project"


def run(
    aim: Aim,
    names: Iterable[str],
    args: argparse.Namespace,
    place: Place,
    scope: Scope,
    *,
    status_line: bool = False,
) -> int:
    """Do it, or show it, for each client; what fails for one does not keep the others from it."""
    done: list[Done] = []
    for name in dict.fromkeys(names):
        try:
            if args.print:
                plans = plan(aim, name, scope, place, status_line=status_line)
                done += [_row(change, diff=change.diff()) for change in plans]
            else:
                applied = set_up(aim, name, scope, place, status_line=status_line)
                done += [_row(change, backup=backup) for change, backup in applied]
        except Mi6Error as error:
            done.append(Done(framework=name, scope=scope, error=str(error)))
            out.note(f"{name}: {error}")
    if args.json:
        out.json(done)
    else:
        out.lines(line for one in done if one.error is None for line in _told(aim, one))
    return FAILED if any(one.error for one in done) else DONE


def _row(change: Plan, *, backup: Path | None = None, diff: str | None = None) -> Done:
    advice = frameworks.framework(change.framework).hooks().advice
    if change.scope == "project":
        advice = "; ".join(part for part in (advice, _NOT_FOR_OTHERS) if part)
    return Done(
        framework=change.framework,
        scope=change.scope,
        file=as_text(str(change.file)),
        changed=change.changes,
        backup=as_text(str(backup)) if backup else None,
        advice=advice if change.changes and change.aim == "enable" else None,
        diff=diff,
    )


def _told(aim: Aim, one: Done) -> Sequence[str]:
    if one.diff:
        return ["".join(map(_visible, line)) for line in one.diff.splitlines()]
    words = {
        ("enable", True): "enabled in",
        ("enable", False): "already enabled in",
        ("disable", True): "disabled in",
        ("disable", False): "not enabled in",
    }
    told = f"{one.framework:8}  {words[aim, one.changed]} {one.file}"
    told += f"; as it was before: {one.backup}" if one.backup else ""
    told += f"; {one.advice}" if one.advice else ""
    return [clean(told)]


def _visible(character: str) -> str:
    """Itself, unless a terminal would obey it."""
    return character if character.isprintable() or character == "\t" else "\N{REPLACEMENT CHARACTER}"
