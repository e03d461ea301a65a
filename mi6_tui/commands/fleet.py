"""`fleet`: what a store that many machines share needs: its users, what they sent, and how fresh they are."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from typing import Final

from mi6_tui.commands import arguments
from mi6_tui.commands.store import database, engine, opened
from mi6_tui.errors import DONE, ReadOnlyError, StorageError, UsageError
from mi6_tui.model import Machine
from mi6_tui.report import out, units
from mi6_tui.report.cells import clean
from mi6_tui.report.table import Cell, Column, render
from mi6_tui.storage import Storage

_LOOK_EVERY: Final = 1.0
_LONGEST_DELAY: Final = 30.0
"""Seconds between two looks into the inbox; after failures each is twice as long as the one before."""
_COLUMNS: Final = (
    Column(header="MACHINE", least=12),
    Column(header="SEEN", right=True),
    Column(header="CLOCK", right=True),
    Column(header="WAY"),
    Column(header="ADDRESS", least=8),
    Column(header="PROBLEM", least=12),
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "what",
        choices=("roles", "collect", "machines"),
        help="roles: print the SQL that makes a user who may only send and one who may only look; "
        "collect: take in what machines sent; machines: list them",
    )
    parser.add_argument(
        "--pusher", metavar="NAME", help="with roles: who may only send (default: mi6_pusher)"
    )
    parser.add_argument(
        "--viewer", metavar="NAME", help="with roles: who may only look (default: mi6_viewer)"
    )
    parser.add_argument(
        "--follow", action="store_true", help="with collect: stay, and take in what comes from now on"
    )
    arguments.add_json(parser, "with machines: a list of objects; times are ms, unknown is null")


def run(args: argparse.Namespace) -> int:
    """Do that."""
    _check(args)
    if args.what == "roles":
        return _roles(args)
    return _collect(args) if args.what == "collect" else _machines(args)


def _check(args: argparse.Namespace) -> None:
    """UsageError for an option of another of these."""
    owners = {"pusher": "roles", "viewer": "roles", "follow": "collect", "json": "machines"}
    for name, owner in owners.items():
        if getattr(args, name) and args.what != owner:
            raise UsageError(f"--{name} goes with `fleet {owner}`", f"leave it out of `fleet {args.what}`")


def _roles(args: argparse.Namespace) -> int:
    if database(args) is not None:
        # The rights are on tables: they are there when psql reads this.
        with opened(args, writing=True):
            pass
    with engine():
        from mi6_tui.storage.postgres.roles import PUSHER, VIEWER, roles_sql

    out.lines([roles_sql(args.pusher or PUSHER, args.viewer or VIEWER)])
    return DONE


def _collect(args: argparse.Namespace) -> int:
    if database(args) is None:
        raise UsageError("machines send into a database", "name it with --db postgresql://...")
    with opened(args, writing=True) as storage:
        if storage.read_only is not None:
            raise ReadOnlyError(storage.read_only)
        if args.follow:
            _follow(storage)
        else:
            from mi6_tui.ingest.forward import collect_all  # late: nobody else here needs it

            out.lines([f"{collect_all(storage)} rows taken in"])
    return DONE


def _follow(storage: Storage) -> None:
    """Until interrupted; a database that cannot be reached is tried again."""
    from mi6_tui.ingest.forward import collect_all

    if out.is_watched():
        out.note("taking in what machines send; Ctrl-C ends it")
    delay = _LOOK_EVERY
    while True:
        try:
            collect_all(storage)
        except ReadOnlyError:
            raise
        except StorageError as error:
            if delay == _LOOK_EVERY:
                out.note(f"{error.message}; trying again")
            delay = min(2 * delay, _LONGEST_DELAY)
        else:
            if delay > _LOOK_EVERY:
                out.note("the database can be reached again")
            delay = _LOOK_EVERY
        time.sleep(delay)


def _machines(args: argparse.Namespace) -> int:
    with opened(args) as storage:
        found, now = storage.machines(), storage.now()
    if args.json:
        out.json(found)
        return DONE
    fit = out.fit()
    out.lines(render(_COLUMNS, [list(_cells(one, now)) for one in found], fit=fit, colour=out.colour()))
    if not found:
        out.note("no machine has reported yet; `mi6-tui push` sends what one records")
    return DONE


def _cells(machine: Machine, now: int) -> Iterable[Cell]:
    yield Cell(clean(machine.machine_id))
    yield Cell(f"{units.span(max(0, now - machine.seen_at))} ago")
    yield Cell(_skew(machine.skew_ms))
    yield Cell(machine.way)
    yield Cell(clean(machine.address or units.UNKNOWN))
    yield Cell(clean(machine.problem or ""), "33")


def _skew(ms: int | None) -> str:
    """How far a clock is ahead or behind; within a second it is right."""
    if ms is None:
        return units.UNKNOWN
    if abs(ms) < 1000:
        return "right"
    return f"{units.span(abs(ms))} {'ahead' if ms > 0 else 'behind'}"
