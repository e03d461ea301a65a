"""`stats`: requests, tokens and dollars, by day or by what they were for."""

from __future__ import annotations

import argparse
from typing import Final, get_args

import msgspec

from mi6_tui.clock import now_ms
from mi6_tui.commands import arguments
from mi6_tui.commands.store import catch_up, shown
from mi6_tui.errors import DONE, UsageError
from mi6_tui.judge.cost import dollars
from mi6_tui.model import Usage, UsageQuery, UsageRow
from mi6_tui.model.limits import LIMITS, Limit, limits_of
from mi6_tui.model.usage import Dimension
from mi6_tui.report import out, times, units
from mi6_tui.report.cells import clean
from mi6_tui.report.table import Cell, Column, render
from mi6_tui.storage import Storage
from mi6_tui.storage.sharing import SharedError

_COLUMNS: Final = ("SESSIONS", "REQUESTS", "INPUT", "OUTPUT", "CACHE READ", "CACHE WRITE", "COST")


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` prints. Times in ms; None: no bound, the machine's own time zone."""

    by: Dimension
    since: int | None
    until: int | None
    timezone: str | None
    rows: tuple[UsageRow, ...]
    total: UsageRow
    limits: tuple[Limit, ...]
    """What the providers allow, as the clients were last told; no part of the rows."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--by", choices=get_args(Dimension), default="day", help="a row for each (default: day)"
    )
    parser.add_argument(
        "--since",
        metavar="TIME",
        help="from a day (2026-11-23), a moment, or an age (7d) on; to the quarter of an hour",
    )
    parser.add_argument("--until", metavar="TIME", help="to a day (that day included), a moment, or an age")
    parser.add_argument(
        "--timezone", metavar="TZ", help="where days begin (default: here), like Europe/Berlin"
    )
    arguments.add_json(parser, "one object with rows and total; unknown is null")
    arguments.add_no_scan(parser)


def run(args: argparse.Namespace) -> int:
    """Add up."""
    query = _query(args, now_ms())
    with shown(args) as storage:
        catch_up(storage, args)
        usage = storage.usage(query)
        limits = _limits(storage) if args.json else ()
    if args.json:
        out.json(
            Stats(
                by=query.by,
                since=query.since,
                until=query.until,
                timezone=args.timezone,
                rows=usage.rows,
                total=usage.total,
                limits=limits,
            )
        )
    else:
        _show(usage, query)
    return DONE


def _limits(storage: Storage) -> tuple[Limit, ...]:
    try:
        return tuple(limits_of(storage.telemetry((LIMITS,)), now_ms()))
    except SharedError:
        return ()  # how far an account is used is nothing for others


def _query(args: argparse.Namespace, now: int) -> UsageQuery:
    zone = times.zone(args.timezone)
    since = times.instant(args.since, zone, now) if args.since else None
    until = times.instant(args.until, zone, now, end=True) if args.until else None
    if since is not None and until is not None and since >= until:
        raise UsageError(f"nothing is between {args.since} and {args.until}", "--since is the earlier one")
    return UsageQuery(by=args.by, since=since, until=until, timezone=zone).rounded()


def _show(usage: Usage, query: UsageQuery) -> None:
    fit = out.fit()
    shorten = units.short_id if query.by == "session" and fit is not None else str
    head = Column(header=query.by.upper(), least=10)
    columns = [head, *(Column(header=name, right=True) for name in _COLUMNS)]
    rows = [_cells(row, shorten(clean(row.key or units.UNKNOWN))) for row in usage.rows]
    out.lines(render(columns, [*rows, _cells(usage.total, "total")], fit=fit, colour=out.colour()))
    if unpriced := usage.total.unpriced_requests:
        out.note(f"{unpriced} of {usage.total.api_request_count} requests have no known price")


def _cells(row: UsageRow, key: str) -> list[Cell]:
    bound = "≥" if row.incomplete_requests else ""
    tokens = (row.tokens_input, row.tokens_output, row.tokens_cache_read, row.tokens_cache_write)
    return [
        Cell(key),
        Cell(str(row.session_count)),
        Cell(str(row.api_request_count)),
        *(Cell(bound + units.count(number)) for number in tokens),
        Cell(dollars(row)),
    ]
