"""Which columns are shown: the usual ones, or those that the user chose."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import Final

import msgspec

from mi6_tui.model import Session
from mi6_tui.tui.columns.column import Choice, Column
from mi6_tui.tui.columns.declared import BY_ID, COLUMNS, USUAL

CONDITIONAL: Final = "~"
"""Before an id: only shown where the sessions differ in it."""
LARGEST: Final = 200
"""Cells of the widest column there can be."""


class Shown(msgspec.Struct, frozen=True):
    """A column that was chosen, and on which condition."""

    column: Column
    conditional: bool


def columns_for(choice: Choice | None, sessions: Collection[Session]) -> tuple[Column, ...]:
    """The columns for these sessions, in their order; None: nothing was chosen.

    The same tuple every time for the same columns, so that a layout stays the same, too.
    """
    shown = shown_by(choice)
    return _only(
        shown, tuple(one.column for one in shown if one.conditional and not _differ(one.column, sessions))
    )


def shown_by(choice: Choice | None) -> tuple[Shown, ...]:
    """What a choice comes to, whatever the sessions; names that no column has are left out."""
    if choice is None:
        return _shown((), ())
    return _shown(choice.show, tuple(choice.widths.items()))


def usual_names() -> tuple[str, ...]:
    """The usual columns as a choice has them."""
    return tuple(CONDITIONAL * column.conditional + column.id for column in USUAL)


def column_named(name: str) -> Column | None:
    """The column of that id, head or query field, however its letters are written; `~` does not count."""
    wanted = name.removeprefix(CONDITIONAL).casefold()
    if found := BY_ID.get(wanted) or next((one for one in COLUMNS if one.title.casefold() == wanted), None):
        return found
    if wanted in _ORIGINAL:
        return BY_ID[_ORIGINAL[wanted]]
    from mi6_tui.query.fields import named  # late: most names are ids

    field = named(wanted)
    return BY_ID.get(field.name) if field else None


_ORIGINAL: Final = {"mem": "memory", "disk": "diskw", "children": "kids"}
"""Other habits' names that are no query field's."""


def wrong_names(names: Iterable[str]) -> str:
    """What is wrong with a list of columns, in a few words; empty if nothing is."""
    for name in names:
        if column_named(name) is None:
            from difflib import get_close_matches

            near = get_close_matches(name.removeprefix(CONDITIONAL).casefold(), list(BY_ID), n=1)
            return f"no column is called {name!r}" + (f", did you mean {near[0]}?" if near else "")
    return ""


def wrong_choice(choice: Choice) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What of the table `[columns]` cannot be meant: where, and why."""
    for place, name in enumerate(choice.show):
        if why := wrong_names([name]):
            yield ("columns", "show", place), why
    for name in choice.widths:
        if why := wrong_names([name]):
            yield ("columns", "widths", name), why


def named_by(words: Iterable[str]) -> tuple[str, ...]:
    """The list that arguments mean: names split at commas and blanks; with one `+name` the usual ones and all
    of them, else only those, in their order. Names are left as they are: see `wrong_names`.
    """
    names = [name for word in words for name in word.replace(",", " ").split()]
    added = any(name.startswith("+") for name in names)
    listed = [*(usual_names() if added else ()), *(name.removeprefix("+") for name in names)]
    return tuple(dict.fromkeys(listed))


@lru_cache(maxsize=32)
def _shown(names: tuple[str, ...], widths: tuple[tuple[str, int], ...]) -> tuple[Shown, ...]:
    wanted = {column.id: cells for name, cells in widths if (column := column_named(name))}
    found: dict[str, Shown] = {}
    for name in (*names, "") if names else usual_names():
        column = column_named(name) if name else None
        if column is not None and column.id not in found:
            resized = _resized(column, wanted[column.id]) if column.id in wanted else column
            found[column.id] = Shown(resized, name.startswith(CONDITIONAL))
    return tuple(found.values()) or _shown((), widths)


def _resized(column: Column, cells: int) -> Column:
    """With a width of the user's; a column of figures never gets too narrow for them."""
    cells = max(column.narrow if column.right else 1, min(cells, LARGEST))
    return msgspec.structs.replace(column, narrow=cells, wide=cells)


@lru_cache(maxsize=64)
def _only(shown: tuple[Shown, ...], hidden: tuple[Column, ...]) -> tuple[Column, ...]:
    return tuple(one.column for one in shown if one.column not in hidden)


def _differ(column: Column, sessions: Iterable[Session]) -> bool:
    if column.differs_by is None:
        return True
    values = map(column.differs_by, sessions)
    first = next(values, None)
    nothing = _is_nothing(first)
    return any(value != first and not (nothing and _is_nothing(value)) for value in values)


def _is_nothing(value: object) -> bool:
    """Whether a cell of it would be a dash or a zero."""
    return not (any(value) if isinstance(value, tuple) else value)
