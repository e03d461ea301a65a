"""What was measured, as text, as JSON, and as the table of the README."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from mi6_tui.bench.about import About
from mi6_tui.bench.row import Compared, Figure
from mi6_tui.report.table import Cell, Column, render

_COLUMNS: Final = (
    Column(header="ROW"),
    Column(header="MEASURED"),
    Column(header="VALUE", right=True),
    Column(header="SPREAD", right=True),
    Column(header="BUDGET"),
    Column(header="MET"),
)
_VERDICTS: Final = {True: "met", False: "missed", None: "-"}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What `bench --json` prints."""

    about: About
    rows: tuple[Figure, ...]


def headline(about: About) -> list[str]:
    """The machine and the programs, in lines."""
    rivals = [f"{name} {found or 'not here'}" for name, found in about.versions.items()]
    return [
        f"{about.command}, {about.date}",
        f"{about.system}, {about.cores} cores {about.cpu}, {about.memory / 2**30:.0f} GB, load {about.load}",
        ", ".join([f"mi6-tui {about.version}", f"Python {about.python}", *rivals]),
    ]


def text(report: Report) -> list[str]:
    """Lines for a terminal."""
    return [*headline(report.about), "", *render(_COLUMNS, [_cells(figure) for figure in report.rows])]


def _cells(figure: Figure) -> list[Cell]:
    ends = [number(end) for end in (figure.least, figure.most) if end is not None]
    spread = " .. ".join(ends) if figure.runs > 1 else ""
    texts = (
        figure.name,
        figure.title,
        value(figure),
        spread,
        "; ".join(_held(figure)),
        _VERDICTS[figure.met],
    )
    return [Cell(text) for text in texts]


def markdown(report: Report) -> list[str]:
    """The table of the README."""
    lines = [f"Measured with `{report.about.command}` on {report.about.date}, {_machine(report.about)}:", ""]
    lines += [*table_head(), *(_markdown_row(figure) for figure in report.rows)]
    return lines


def table_head() -> list[str]:
    """How that table begins."""
    return ["| measured | value | held against | |", "|---|---|---|---|"]


def _machine(about: About) -> str:
    rivals = [f"{name} {found}" for name, found in about.versions.items() if found]
    cores = f"{about.cores} cores {about.cpu}, {about.memory / 2**30:.0f} GB"
    return f"{about.system}, {cores}, Python {about.python}, {', '.join(rivals)}"


def _markdown_row(figure: Figure) -> str:
    cells = (figure.title, value(figure), "; ".join(_held(figure)), _VERDICTS[figure.met].strip("-"))
    return f"| {' | '.join(cells)} |"


def value(figure: Figure) -> str:
    """What came out, with its unit."""
    return "not known" if figure.value is None else f"{number(figure.value)} {figure.unit}"


def _held(figure: Figure) -> Sequence[str]:
    own = [] if figure.budget is None else [f"at most {number(figure.budget)}"]
    return own if figure.value is None else [*own, *map(_against, figure.against)]


def _against(compared: Compared) -> str:
    most = "" if compared.budget is None else f", at most {compared.budget:g}"
    if compared.ratio is None:
        return f"{compared.name} is not here{most}"
    return f"{compared.ratio:.3g} times {compared.name}{most}"


def number(value: float) -> str:
    """Three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
