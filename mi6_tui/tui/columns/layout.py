"""How columns share a width: the same columns at the same width are the same slots."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import msgspec

from mi6_tui.tui import text
from mi6_tui.tui.columns.column import Column, Slot
from mi6_tui.tui.columns.declared import MARK, NAME, USUAL

GAP: Final = 2
GUTTER: Final = 1
"""Cells left of the first column, where the selected row has its mark."""
_IMPORTANT: Final = 16
"""Largest priority of columns that may take of the name's width, and are widened before others come in."""
STATE: Final = "status"
"""The column that has a mark in its stead."""
_FIRST: Final = msgspec.structs.replace(MARK, priority=0)
_KEPT: Final = ((4, 20), (8, 32), (_IMPORTANT, 36))
"""Cells of the name that columns up to a priority leave to it; the others leave it its wide width."""


@lru_cache(maxsize=64)
def layout(width: int, columns: tuple[Column, ...] = USUAL) -> tuple[Slot, ...]:
    """The columns that fit into `width` cells; the name column takes what is left.

    The important columns come in by priority at their narrow width where they fit, at the price of the
    name's. What the name leaves then widens them, the others come in and are widened, and the name gets the
    rest.
    Where the state does not fit, its mark still does. Without a name column what is left stays empty.
    """
    elastic = next((column for column in columns if column.id == NAME.id), None)
    others = sorted(
        (column for column in columns if column is not elastic), key=lambda column: column.priority
    )
    left = max(1, width - GUTTER) if elastic else width - GUTTER + GAP
    widths: dict[str, int] = {}
    for important in (True, False):
        group = [column for column in others if (column.priority <= _IMPORTANT) is important]
        for column in group:
            rest = left - column.narrow - GAP
            if rest >= (_kept(column.priority, elastic) if elastic else 0):
                left, widths[column.id] = rest, column.narrow
        for column in group:
            spare = left - (elastic.wide if elastic else 0)
            if column.id in widths and spare > 0:
                more = min(spare, column.wide - column.narrow)
                widths[column.id] += more
                left -= more
    if widths and any(column.id == STATE and STATE not in widths for column in columns):
        return layout(width, tuple(_FIRST if column.id == STATE else column for column in columns))
    if not widths and (not elastic or left - MARK.narrow - GAP > 0):
        alone = Slot(MARK, MARK.narrow)
        return (alone, Slot(elastic, left - MARK.narrow - GAP)) if elastic else (alone,)
    if elastic:
        widths[elastic.id] = left
    return tuple(Slot(column, widths[column.id]) for column in columns if column.id in widths)


def _kept(priority: int, name: Column) -> int:
    kept = next((cells for limit, cells in _KEPT if priority <= limit), name.wide)
    return max(name.narrow, min(kept, name.wide))


def title(slot: Slot) -> str:
    """The column's head, as wide as the column."""
    head = slot.column.title
    if slot.width < 3:
        head = head[: slot.width]  # an ellipsis would be all there is
    return text.fit(head, slot.width, right=slot.column.right)


def column_at(x: int, slots: Iterable[Slot]) -> Column | None:
    """The column in cell `x` of a row, the gap behind it included; None left and right of all."""
    start = GUTTER
    for slot in slots:
        if start <= x < start + slot.width + GAP:
            return slot.column
        start += slot.width + GAP
    return None
