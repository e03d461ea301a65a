"""The user's own views of the sessions: names for a query, an order, groups and columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mi6_tui.errors import UsageError
from mi6_tui.query import Query, Sort, parse
from mi6_tui.query.fields import named
from mi6_tui.tui.columns import wrong_names
from mi6_tui.tui.keymap import key_named
from mi6_tui.tui.view import View

if TYPE_CHECKING:
    from mi6_tui.config import SavedView

_KEYS: Final = tuple(f"f{number}" for number in range(1, 9))
"""Keys of views that name none."""


class NamedView(msgspec.Struct, frozen=True, eq=False):
    """A view under its name."""

    name: str
    key: str
    """The key that shows it, as Textual names it; empty: none."""
    query: Query | None
    sort: Sort | None
    group: str
    columns: tuple[str, ...]
    """Names of columns; empty: no others than at other times."""


def views_of(tables: Mapping[str, SavedView]) -> Sequence[NamedView]:
    """The views of the settings, without those that cannot be meant: of these the settings' reader tells."""
    views = []
    taken = {table.key for table in tables.values()}
    free = iter([key for key in _KEYS if key not in taken])
    for name, table in tables.items():
        key = table.key or next(free, "")
        with suppress(UsageError):
            views.append(_view(name, key, table))
    return views


def _view(name: str, key: str, table: SavedView) -> NamedView:
    if wrong := wrong_names(table.columns):
        raise UsageError(wrong)
    return NamedView(
        name=name,
        key=key_named(key),
        query=parse(table.query) if table.query.strip() else None,
        sort=Sort.parse(table.sort) if table.sort.strip() else None,
        group=table.group,
        columns=table.columns,
    )


def saved(view: View, old: SavedView | None) -> dict[str, Any]:
    """The table that a view is in the settings; of an `old` one of its name the key and the columns stay.

    Only what is known of every session can be sorted by again.
    """
    keys = view.sort.keys if view.sort is not None else ()
    sort = Sort(tuple(key for key in keys if key.field is None or named(key.name) is key.field))
    parts = {
        "query": str(view.query) if view.query is not None else "",
        "sort": str(sort) if sort.keys else "",
        "group": view.group,
        "columns": list(old.columns) if old is not None else [],
        "key": old.key if old is not None else "",
    }
    return {name: part for name, part in parts.items() if part}
