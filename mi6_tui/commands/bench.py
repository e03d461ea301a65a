"""`mi6-tui bench`: what the program costs here, and what it counts, beside what it is held against."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NoReturn

from mi6_tui.bench import peer
from mi6_tui.bench.about import about
from mi6_tui.bench.place import folder_in, place, usual_folder
from mi6_tui.bench.report import Report, markdown, text, value
from mi6_tui.bench.row import Figure
from mi6_tui.bench.rows import ROWS, chosen, measure
from mi6_tui.commands import arguments
from mi6_tui.errors import DONE, FAILED, Mi6Error, UsageError
from mi6_tui.report import out
from mi6_tui.report.cells import clean
from mi6_tui.report.table import Cell, Column, render

_RUNS: Final = 7
_PEER_COLUMNS: Final = (
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
    names = ", ".join(row.name for row in ROWS)
    parser.add_argument(
        "--only", metavar="NAME[,NAME]", help=f"only these rows, and those below them: {names}"
    )
    parser.add_argument("--large", action="store_true", help="also those that take gigabytes of disk")
    parser.add_argument(
        "--runs", metavar="N", type=_runs, help=f"runs of each timed thing (default: {_RUNS})"
    )
    parser.add_argument(
        "--folder",
        metavar="DIR",
        type=_folder,
        help="where a folder mi6-tui-bench is made, to work in and to keep the transcripts made for it",
    )
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--markdown", action="store_true", help="the table as it stands in the README")
    shape.add_argument("--json", action="store_true", help="one object instead of the table")
    parser.add_argument(
        "--peer", action="store_true", help="instead, count your transcripts beside what ccusage counts"
    )


def run(args: argparse.Namespace) -> int:
    """Measure with transcripts of our own; the user's are read with --peer alone, and never written."""
    return _compare(args) if args.peer else _measure(args)


def _runs(text: str) -> int:
    number = arguments.natural(text)
    if not number:
        raise argparse.ArgumentTypeError("something is measured once at least")
    return number


def _folder(text: str) -> Path:
    if not text.strip():
        raise argparse.ArgumentTypeError("it has no name")
    return folder_in(Path(text))


def _words(only: str | None) -> list[str]:
    if only is None:
        return []
    words = [word.strip() for word in only.split(",") if word.strip()]
    if not words:
        raise UsageError("--only names no row", "leave it out to measure all")
    return words


def _measure(args: argparse.Namespace) -> int:
    words = _words(args.only)
    try:
        names = chosen(words, large=args.large)
    except KeyError as error:
        known = ", ".join(row.name for row in ROWS)
        raise UsageError(
            f"nothing that is measured is called {error.args[0]!r}", f"there are {known}"
        ) from error
    found = about(sys.argv[1:])
    rows: list[Figure] = []
    failures: list[str] = []
    folder = args.folder or usual_folder()
    with _ending_well(), place(folder, runs=args.runs or _RUNS) as where:
        long = "" if words else "; takes some minutes"
        out.note(f"measuring {len(names)} rows in {folder}{long}")
        for figure in measure(where, names, lambda *failure: failures.append(_failure(*failure))):
            rows.append(figure)
            out.note(f"{figure.name}: {value(figure)}")
    report = Report(about=found, rows=tuple(rows))
    if args.json:
        out.json(report)
    else:
        out.lines(markdown(report) if args.markdown else text(report))
    return FAILED if failures else DONE


def _failure(rows: str, error: Exception) -> str:
    """Narrate why some rows could not be measured."""
    said = getattr(error, "stderr", None)
    if not said:
        said = str(error) if isinstance(error, Mi6Error) else f"{type(error).__name__}: {error}"
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    out.note(f"{rows}: not measured: {text.strip()}")
    return rows


@contextmanager
def _ending_well() -> Iterator[None]:
    """Whoever ends us by a signal leaves nothing behind, either: what was begun is taken back."""

    def end(number: int, frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _compare(args: argparse.Namespace) -> int:
    """Both counts of the user's transcripts; 1 if a difference has no rule."""
    for name in ("only", "large", "runs", "folder", "markdown"):
        if getattr(args, name) not in (None, False):
            raise UsageError(f"--peer measures nothing and has no use for --{name}", "ask for one of them")
    ccusage = peer.program()
    if ccusage is None:
        raise Mi6Error(
            "ccusage is not installed: nothing to compare with", f"`make compare` gets {peer.VERSION}"
        )
    with tempfile.TemporaryDirectory(prefix="mi6-tui-peer-") as folder:
        rows = tuple(peer.compare(ccusage, Path(folder)))
    unexplained = sum(not row.explained for row in rows)
    if args.json:
        out.json(peer.Comparison(rows, peer.RULES, unexplained))
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
