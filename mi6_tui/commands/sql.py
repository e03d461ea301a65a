"""`sql`: one question in SQL, to a store that is only read."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any, Final

from mi6_tui.commands import arguments
from mi6_tui.commands.store import database, places
from mi6_tui.errors import DONE
from mi6_tui.report import out, units
from mi6_tui.report.cells import clean
from mi6_tui.report.table import Cell, Column, render
from mi6_tui.storage import missing_engine
from mi6_tui.storage.selection import Selection

_PAGE: Final = 1_000
"""Rows that are printed together, and share the widths of their columns."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("query", metavar="SELECT", help="for example 'SELECT * FROM v_sessions'")
    arguments.add_json(parser, "an object a line, a key for each column")


def run(args: argparse.Namespace) -> int:
    """Ask."""
    with _selected(args) as answer:
        show = _show_json if args.json else _show_table
        first = True
        while (page := list(islice(answer.rows, _PAGE))) or first:
            show(answer, page, first)
            first = False
    return DONE


def _selected(args: argparse.Namespace) -> AbstractContextManager[Selection]:
    """The answer of the store that the command line means; its engine is loaded here and not before."""
    url = database(args)
    if url is None:
        from mi6_tui.storage.sqlite.select import selected

        return selected(places(args).store, args.query)
    try:
        from mi6_tui.storage.postgres.select import selected as selected_there
    except ImportError as error:
        raise missing_engine(error) from error
    return selected_there(url, args.query)


def _show_json(answer: Selection, page: list[tuple[Any, ...]], first: bool) -> None:
    out.json_lines(dict(zip(answer.columns, row, strict=True)) for row in page)


def _show_table(answer: Selection, page: list[tuple[Any, ...]], first: bool) -> None:
    columns = [
        Column(
            header=clean(name),
            right=any(isinstance(row[place], int | float) for row in page),
            least=min(12, len(name)),
        )
        for place, name in enumerate(answer.columns)
    ]
    rows = [[Cell(_text(value)) for value in row] for row in page]
    lines = render(columns, rows, fit=out.fit(), colour=out.colour())
    out.lines(lines if first else lines[1:])


def _text(value: object) -> str:
    if value is None:
        return units.UNKNOWN
    return value.hex() if isinstance(value, bytes) else clean(str(value))
