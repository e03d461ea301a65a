"""The order of sessions as it is chosen by hand: column by column."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from mi6_tui.model import Session
from mi6_tui.query import Sort, SortKey
from mi6_tui.query.fields import Field, named
from mi6_tui.query.sort import ATTENTION
from mi6_tui.tui.columns import Column, Live
from mi6_tui.tui.rows import Key


def sort_name(column: Column) -> str | None:
    """What a column is sorted by; None for one without an order."""
    return column.sort_field or (column.id if column.measure is not None else None)


def sort_key(column: Column, live: Callable[[Key], Live]) -> SortKey | None:
    """The key that a column is sorted by, in its own direction; None for one without an order."""
    if column.sort_field == ATTENTION:
        return SortKey(None)
    if column.sort_field is not None:
        return SortKey(named(column.sort_field))
    measure = column.measure
    if measure is None:
        return None

    def value(session: Session, now: int) -> object:
        return measure(live(session.key))

    field = Field(
        name=column.id,
        aliases=(),
        kind="number",
        means=column.name,
        value=value,
        present=lambda session, now: value(session, now) is not None,
    )
    return SortKey(field)


def sorted_by(sort: Sort | None, key: SortKey, *, more: bool = False) -> Sort:
    """The order after a column was chosen: its own direction, then the other one.

    `more` keeps the keys there are and adds this one behind them, or turns it round where it stands.
    """
    old = sort.keys if sort is not None else ()
    if any(one.name == key.name for one in old) and (more or len(old) == 1):
        return Sort(tuple(turned(one) if one.name == key.name else one for one in old))
    return Sort((*old, key)) if more else Sort((key,))


def reversed_sort(sort: Sort | None) -> Sort:
    """The order with its first key turned round; that by attention begins with who needs you least."""
    first, *others = sort.keys if sort is not None and sort.keys else (SortKey(None),)
    return Sort((turned(first), *others))


def turned(key: SortKey) -> SortKey:
    """The same key in the other direction."""
    return msgspec.structs.replace(key, reverse=not key.reverse)


def is_measured(sort: Sort | None) -> bool:
    """Whether the order follows from what is known beside the rows."""
    return sort is not None and any(
        key.field is not None and named(key.name) is not key.field for key in sort.keys
    )
