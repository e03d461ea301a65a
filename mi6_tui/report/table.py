"""Aligned columns of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from mi6_tui.report.cells import cut, pad, width

_GAP: Final = "  "
_WIDEST: Final = 80
"""Cells that a column is aligned to where lines may be of any length: one long value widens no other row."""


class Cell(msgspec.Struct, frozen=True):
    """Clean text, and the SGR code it is drawn with where colour is wanted ('': none)."""

    text: str
    colour: str = ""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A heading, and how its cells stand."""

    header: str
    right: bool = False
    least: int | None = None
    """Cells down to which the column gives way when the line is too long; None: never."""


def render(
    columns: Sequence[Column], rows: Sequence[Sequence[Cell]], *, fit: int | None = None, colour: bool = False
) -> list[str]:
    """A heading and a line a row; no line is wider than `fit` cells (None: every value in full)."""
    widths = [
        max(width(column.header), *(width(row[place].text) for row in rows)) if rows else width(column.header)
        for place, column in enumerate(columns)
    ]
    widths = [min(cells, _WIDEST) for cells in widths] if fit is None else _fitted(columns, widths, fit)
    heading = [Cell(column.header, "1") for column in columns]
    return [_line(columns, widths, row, colour, whole=fit is None) for row in (heading, *rows)]


def _fitted(columns: Sequence[Column], natural: Sequence[int], fit: int) -> list[int]:
    """Widths of as many columns, from the left, as find room once all gave way; the widest does so first."""
    for kept in range(len(natural), 0, -1):
        widths = list(natural[:kept])
        least = [
            cells if column.least is None else column.least
            for column, cells in zip(columns, widths, strict=False)
        ]
        while (excess := _total(widths) - fit) > 0:
            yielding = [place for place in range(kept) if widths[place] > least[place]]
            if not yielding:
                break
            widest, *others = sorted(yielding, key=widths.__getitem__, reverse=True)
            next_widest = widths[others[0]] - 1 if others else 0
            widths[widest] = max(least[widest], next_widest, widths[widest] - excess)
        else:
            return widths
    return [max(1, fit)]


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _line(
    columns: Sequence[Column], widths: Sequence[int], row: Sequence[Cell], colour: bool, *, whole: bool
) -> str:
    parts = []
    for column, cells, cell in zip(columns, widths, row, strict=False):
        text = pad(cell.text if whole else cut(cell.text, cells), cells, right=column.right)
        parts.append(f"\x1b[{cell.colour}m{text}\x1b[0m" if colour and cell.colour else text)
    return _GAP.join(parts).rstrip()
