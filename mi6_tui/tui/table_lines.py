"""The lines of the session table that are no session: its head, and the heads of groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from mi6_tui.judge.cost import dollars
from mi6_tui.tui import status, text
from mi6_tui.tui.columns import GAP, Slot
from mi6_tui.tui.rows import SessionRows, Summary

if TYPE_CHECKING:
    from mi6_tui.query import Sort

Piece = tuple[str, str]
"""Cleaned text and the name of its ink."""
About = Callable[[str], Iterable[Piece]]
"""What there is to say of a machine beside its sessions."""
DOWN: Final = "↓"
UP: Final = "↑"
OPEN: Final = "▾"
CLOSED: Final = "▸"
PINNED: Final = "↑"
PICKED: Final = "+"
HIDDEN: Final = "–"
SIGNS: Final = 2
"""Cells of a sign with its gap."""
_NAMELESS: Final = {"project": "no project", "framework": "unknown client", "machine": "unknown machine"}


def head(slots: Iterable[Slot], sort: Sort | None, picked: int, start: int) -> Iterable[Piece]:
    """The titles from cell `start` on, an arrow at each that is sorted by; `picked` sessions are selected."""
    signs = _signs(sort)
    yield " " * start, "head"
    gap = 0
    for number, slot in enumerate(slots):
        words, sign = slot.column.title, signs.get(slot.column.sort_field or slot.column.id, "")
        width = slot.width
        if width < 3:
            words = words[:width]  # an ellipsis would be all there is
        if picked and not number:
            words, sign = f"{picked} selected", ""
        if sign and slot.column.right and gap:
            # An arrow may reach into the gap beside its column.
            gap, width = gap - 1, width + 1
        title = f"{sign}{words}" if slot.column.right else f"{words}{sign}"
        after = GAP
        if sign and not slot.column.right and cell_len(title) > width:
            after, width = GAP - 1, width + 1
        yield " " * gap, "head"
        ink = "name" if sign else "needs-you" if picked and not number else "head"
        yield text.fit(title, width, right=slot.column.right), ink
        gap = after


def _signs(sort: Sort | None) -> dict[str, str]:
    """By field: which way it is sorted, and as the how manieth if there are several."""
    keys = sort.keys if sort is not None else ()
    return {
        key.name: (DOWN if key.descending else UP) + (str(number) if len(keys) > 1 else "")
        for number, key in enumerate(keys, 1)
    }


def group_line(rows: SessionRows, name: str, about: About, width: int) -> Iterable[Piece]:
    """The head of a group, in at most `width` cells; `about` says more of machines."""
    group, collapsed = rows.view.group, rows.is_collapsed(name)
    more = about(name) if group == "machine" else ()
    return whole((*group_head(name, group, rows.group(name), collapsed=collapsed), *more), width)


def group_head(name: str, group: str, summary: Summary, *, collapsed: bool) -> Iterable[Piece]:
    """What a group is called, and what its sessions sum up to."""
    yield f"{CLOSED if collapsed else OPEN} ", "quiet"
    if group == "status":
        yield f"{status.glyph(name)} {text.clean(name)}", status.ink(name)
    else:
        yield text.clean(name, 80) or _NAMELESS.get(group, ""), "name"
    yield f"  {text.plural(summary.sessions, 'session')}", "quiet"
    if summary.needs_you and group != "status":
        noun = "needs you" if summary.needs_you == 1 else "need you"
        yield f" · {summary.needs_you} {noun}", "needs-you"
    if summary.cost_usd is not None:
        yield f" · {dollars(summary)}", "plain"


def whole(pieces: Iterable[Piece], width: int) -> Iterable[Piece]:
    """The pieces up to the first that `width` cells do not hold whole; only the name may be cut."""
    for number, (words, ink) in enumerate(pieces):
        cells = cell_len(words)
        if cells > width and number > 1:
            return
        yield words, ink
        width -= cells


def sign(*, picked: bool, pinned: bool, hidden: bool) -> Iterable[Piece]:
    """SIGNS cells that tell what the user did to a session."""
    if picked:
        yield PICKED, "needs-you"
    elif hidden:
        yield HIDDEN, "faint"
    else:
        yield (PINNED if pinned else " "), "quiet"
    yield " ", "plain"
