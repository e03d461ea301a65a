"""Cells as the tests read them."""

from __future__ import annotations

from mi6_tui.model import Session
from mi6_tui.tui.columns import COLUMNS, USUAL, Column, Live
from tests.tui.conftest import NOW

BY_ID = {column.id: column for column in COLUMNS}


def words(column: Column, row: Session, width: int | None = None, live: Live | None = None) -> str:
    """A cell, as wide as it gets unless said otherwise, without the blanks around it."""
    pieces = column.value(row, NOW, width or column.wide, live or Live())
    return "".join(piece[0] for piece in pieces).strip()


def cells(row: Session, columns: tuple[Column, ...] = USUAL) -> dict[str, str]:
    return {column.title: words(column, row) for column in columns}
