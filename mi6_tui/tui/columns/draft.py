"""A choice of columns while it is being made. Plain data: every change is a new draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

import msgspec

from mi6_tui.tui.columns.chosen import CONDITIONAL, LARGEST, Shown, shown_by, usual_names
from mi6_tui.tui.columns.column import Choice, Column
from mi6_tui.tui.columns.declared import BY_ID, COLUMNS

State = Literal["shown", "conditional", "hidden"]


class Chosen(msgspec.Struct, frozen=True):
    """A choice as the settings hold it."""

    show: tuple[str, ...] = ()
    widths: Mapping[str, int] = {}


class Entry(msgspec.Struct, frozen=True):
    """One column of the draft."""

    id: str
    state: State
    width: int | None = None
    """The user's; None: the column's own."""

    @property
    def column(self) -> Column:
        """As it was declared."""
        return BY_ID[self.id]


class Draft(msgspec.Struct, frozen=True):
    """All columns in the order in which they would stand, hidden ones among them."""

    entries: tuple[Entry, ...]

    @classmethod
    def of(cls, choice: Choice | None) -> Self:
        """What was chosen so far; what is hidden stands behind what it follows in the usual order."""
        shown = shown_by(choice)
        entries = [_entry(one) for one in shown]
        known = {entry.id for entry in entries}
        for place, column in enumerate(COLUMNS):
            if column.id not in known:
                before = COLUMNS[place - 1].id if place else None
                after = next((at for at, entry in enumerate(entries, 1) if entry.id == before), 0)
                entries.insert(after, Entry(column.id, "hidden"))
        return cls(tuple(entries))

    def choice(self) -> Chosen:
        """What to write down; the usual columns need no words."""
        names = tuple(
            (CONDITIONAL if entry.state == "conditional" else "") + entry.id
            for entry in self.entries
            if entry.state != "hidden"
        )
        widths = {entry.id: entry.width for entry in self.entries if entry.width is not None}
        return Chosen(() if names == usual_names() else names, widths)

    def toggled(self, place: int) -> Draft:
        """Hide what is shown, show what is hidden; the last one shown stays."""
        if self.entries[place].state == "hidden":
            return self._with(place, state="shown")
        return self._with(place, state="hidden") if self.count > 1 else self

    def made_conditional(self, place: int) -> Draft:
        """Show it only where the sessions differ in it, or else always; hidden ones become conditional."""
        entry = self.entries[place]
        if entry.column.differs_by is None:
            return self
        return self._with(place, state="shown" if entry.state == "conditional" else "conditional")

    def moved(self, place: int, step: int) -> Draft:
        """Change places with a neighbour; at either end nothing changes."""
        other = place + step
        if not 0 <= other < len(self.entries):
            return self
        entries = list(self.entries)
        entries[place], entries[other] = entries[other], entries[place]
        return Draft(tuple(entries))

    def widened(self, place: int, step: int, now: int) -> Draft:
        """Other cells than the user's, or than the `now` ones where he has not said any."""
        entry = self.entries[place]
        least = entry.column.narrow if entry.column.right else 1
        width = max(least, min((entry.width or now) + step, LARGEST))
        return self._with(place, width=width)

    @property
    def count(self) -> int:
        """Columns that are shown, if only on a condition."""
        return sum(entry.state != "hidden" for entry in self.entries)

    def _with(self, place: int, **changes: object) -> Draft:
        changed = msgspec.structs.replace(self.entries[place], **changes)
        return Draft((*self.entries[:place], changed, *self.entries[place + 1 :]))


def _entry(shown: Shown) -> Entry:
    column = shown.column
    width = column.wide if column is not BY_ID[column.id] else None
    return Entry(column.id, "conditional" if shown.conditional else "shown", width)
