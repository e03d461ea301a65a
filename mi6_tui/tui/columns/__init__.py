"""The columns of the session table: one declaration each, and how they share a width.

A cell is `column.value(session, now, width, live)`: pieces of (text, ink), exactly `width` cells. `live` is
what is known beside the row (`Live`: vitals, rate) and may be left out. `columns_for(choice, sessions)` says
which columns there are, `layout(width, columns)` which of them fit and how wide; both give the same object
for the same question. Heads: `title(slot)`, `column_at(x, slots)`, `column.sort_field` (a query field) or
`column.measure` (what to sort by without one).
"""

from mi6_tui.tui.columns.chosen import column_named, columns_for, named_by, wrong_choice, wrong_names
from mi6_tui.tui.columns.column import NOTHING, Cell, Choice, Column, Live, Slot, Vitals
from mi6_tui.tui.columns.declared import COLUMNS, NAME, USUAL
from mi6_tui.tui.columns.layout import GAP, GUTTER, column_at, layout, title

__all__ = [
    "COLUMNS",
    "GAP",
    "GUTTER",
    "NAME",
    "NOTHING",
    "USUAL",
    "Cell",
    "Choice",
    "Column",
    "Live",
    "Slot",
    "Vitals",
    "column_at",
    "column_named",
    "columns_for",
    "layout",
    "named_by",
    "title",
    "wrong_choice",
    "wrong_names",
]
