"""`mi6-tui bench`: what the program costs here, and what it counts, beside what it is held against."""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from datetime import date
from pathlib import Path

from mi6_tui import __version__
from mi6_tui.bench import peer
from mi6_tui.bench.measures import Bench, Row
from mi6_tui.errors import DONE, FAILED
from mi6_tui.report import out
from mi6_tui.report.cells import clean
from mi6_tui.report.table import Cell, Column, render

_COLUMNS = (
    Column(header="measured"),
    Column(header="value", right=True),
    Column(header="unit"),
    Column(header="ratio", right=True),
    Column(header="against"),
    Column(header="budget"),
)
_PEER_COLUMNS = (
    Column(header="CLIENT"),
    Column(header="MODEL"),
    Column(header="NUMBER"),
    Column(header="OURS", right=True),
    Column(header="CCUSAGE", right=True),
    Column(header="DIFFERENCE", right=True),
    Column(header="RULE"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--files", type=int, default=840, help="transcripts to make (default 840: 94 MB)")
    parser.add_argument("--runs", type=int, default=7, help="runs of each timed command (default 7)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument(
        "--peer", action="store_true", help="instead, count your transcripts beside what ccusage counts"
    )


def run(args: argparse.Namespace) -> int:
    """Measure in a temporary folder; without --peer nothing of the user's is read, and never written."""
    return _compare(args) if args.peer else _measure(args)


def _measure(args: argparse.Namespace) -> int:
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


def _compare(args: argparse.Namespace) -> int:
    """Both counts of the user's transcripts; 1 if a difference has no rule."""
    ccusage = peer.program()
    if ccusage is None:
        out.note(f"ccusage is not installed: nothing to compare with; `make compare` gets {peer.VERSION}")
        return DONE
    with tempfile.TemporaryDirectory(prefix="mi6-tui-peer-") as folder:
        rows = list(peer.compare(ccusage, Path(folder)))
    unexplained = sum(not row.explained for row in rows)
    if args.json:
        out.json({"rows": rows, "rules": peer.RULES, "unexplained": unexplained})
    else:
        out.lines(render(_PEER_COLUMNS, [_peer_cells(row) for row in rows]))
        used = sorted({number for row in rows for number in row.rules})
        rules = [f"rule {number}: {peer.RULES[number - 1].why}" for number in used]
        out.lines(["", *rules, f"{unexplained} of {len(rows)} numbers differ without a rule"])
    return FAILED if unexplained else DONE


def _peer_cells(row: peer.Compared) -> list[Cell]:
    difference = row.ours - row.theirs
    rules = ", ".join(map(str, row.rules)) or ("" if row.explained else "none")
    texts = (f"{row.ours:,}", f"{row.theirs:,}", f"{difference:+,}" if difference else "", rules)
    return [Cell(clean(text)) for text in (row.framework, row.model, row.field, *texts)]
