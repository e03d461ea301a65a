"""`mi6-tui bench`: what the program costs here, beside what it is held against."""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from datetime import date
from pathlib import Path

from mi6_tui import __version__
from mi6_tui.bench.measures import Bench, Row
from mi6_tui.errors import DONE
from mi6_tui.report import out
from mi6_tui.report.table import Cell, Column, render

_COLUMNS = (
    Column(header="measured"),
    Column(header="value", right=True),
    Column(header="unit"),
    Column(header="ratio", right=True),
    Column(header="against"),
    Column(header="budget"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--files", type=int, default=840, help="transcripts to make (default 840: 94 MB)")
    parser.add_argument("--runs", type=int, default=7, help="runs of each timed command (default 7)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")


def run(args: argparse.Namespace) -> int:
    """Measure in a temporary folder; nothing of the user's is read or written."""
    with tempfile.TemporaryDirectory(prefix="mi6-tui-bench-") as folder:
        bench = Bench(Path(folder), files=max(20, args.files), runs=max(1, args.runs))
        corpus = bench.corpus
        out.note(f"measuring with {corpus.files} files, {corpus.bytes / 1e6:.0f} MB; takes a few minutes")
        rows = []
        for row in bench.rows():
            rows.append(row)
            out.note(f"{row.name}: {_number(row.value)} {row.unit}")
    about = {
        "version": __version__,
        "date": date.today().isoformat(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
    }
    if args.json:
        out.json({"about": about, "rows": rows})
    else:
        out.lines([", ".join(f"{name} {value}" for name, value in about.items())])
        out.lines(render(_COLUMNS, [_cells(row) for row in rows]))
    return DONE


def _cells(row: Row) -> list[Cell]:
    ratio = "" if row.ratio is None else f"{row.ratio:.3g}x"
    return [Cell(text) for text in (row.name, _number(row.value), row.unit, ratio, row.against, row.budget)]


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
