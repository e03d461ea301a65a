"""What a column is, and what its cells are made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, Protocol

import msgspec

from mi6_tui.model import Session
from mi6_tui.model.rates import Rate

Cell = tuple[tuple[str, str], ...]
"""Pieces of text, each with the name of its ink; together exactly as wide as the column."""
Topic = Literal["", "status", "tokens", "cost", "context"]
"""What `explain` says more about; empty: nothing."""
Source = Literal["row", "vitals", "rates"]
"""Where the cells come from: the session's row, a look at its processes, the requests of the last minutes."""


class Vitals(msgspec.Struct, frozen=True, kw_only=True):
    """What a session's process and all that it started use; None where that cannot be known.

    Rounded to what is shown, so that what reads the same is the same.
    """

    cpu: float | None = None
    """Percent of one core."""
    memory: int | None = None
    """Bytes of main memory."""
    children: int | None = None
    """Processes below the session's own."""
    ports: tuple[int, ...] | None = None
    """TCP ports that they listen to; None if nobody asked for them, too."""
    read_rate: int | None = None
    """Bytes read from disks a second; as with `ports`."""
    write_rate: int | None = None


class Live(msgspec.Struct, frozen=True):
    """What is known of a session beside its row; None until it is known."""

    vitals: Vitals | None = None
    rate: Rate | None = None
    stale: bool = False
    """Its row may be otherwise by now: nothing was heard of its machine for a while."""

    def is_stale(self, session: Session) -> bool:
        """Whether the session, whose row this stands beside, may have another state by now."""
        return self.stale and session.status_shown != "ended"


NOTHING: Final = Live()


class Value(Protocol):
    """Makes a cell."""

    def __call__(self, session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
        """`now` in ms, `width` in cells, at least 1. Depends on nothing else."""


class Column(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What one column shows. `narrow` and `wide` are widths in cells; no figure is cut at either."""

    id: str
    """The query field's name where there is one."""
    title: str
    """The head."""
    name: str
    """What it shows, in words."""
    value: Value
    narrow: int
    wide: int
    priority: int
    """0 stays longest when the screen narrows."""
    right: bool = False
    ages: bool = False
    """The text changes as time goes by."""
    usual: bool = False
    """Shown unless the user chooses others."""
    conditional: bool = False
    """As a usual column only shown where the sessions differ in it."""
    differs_by: Callable[[Session], object] | None = None
    """What the sessions differ in; None: it cannot be told before it is shown, so it always is."""
    sort_field: str | None = None
    """The query field to sort by."""
    measure: Callable[[Live], Any] | None = None
    """What to sort by where there is no field; None when unknown."""
    source: Source = "row"
    explains: Topic = ""


class Slot(msgspec.Struct, frozen=True):
    """A column with the width it got."""

    column: Column
    width: int


class Choice(Protocol):
    """What a user can say about columns: the table `[columns]` of the settings."""

    @property
    def show(self) -> tuple[str, ...]:
        """Ids in their order, `~id`: only where the sessions differ in it; empty: the usual ones."""

    @property
    def widths(self) -> Mapping[str, int]:
        """Cells by id, instead of the column's own."""
