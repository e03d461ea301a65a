"""One line with something at its left and something at its right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from mi6_tui.tui.text import fit

Piece = tuple[str, str]
"""Text and a Textual style; the text is never read as markup."""


class Bar(Widget):
    """A line of pieces. What does not fit goes piece by piece from the end of one part.

    That is the left part, or with `keeps_left` the right one.
    """

    def __init__(self, *, keeps_left: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._keeps_left = keeps_left
        self._left: tuple[Piece, ...] = ()
        self._right: tuple[Piece, ...] = ()

    @property
    def text(self) -> str:
        """What it says, without colours."""
        return "".join(piece[0] for piece in (*self._left, *self._right))

    def say(self, left: Iterable[Piece], right: Iterable[Piece] = ()) -> None:
        """Show other pieces; nothing is painted if they are the same."""
        pieces = tuple(left), tuple(right)
        if pieces != (self._left, self._right):
            self._left, self._right = pieces
            self.refresh()

    def render(self) -> Content:
        """The line, exactly as wide as the widget."""
        width = self.size.width
        if self._keeps_left:
            left = _within(self._left, width)
            right = _within(self._right, width - cells(left) - 1, cut=False)
        else:
            right = _within(self._right, width)
            left = _within(self._left, width - cells(right) - (1 if right else 0))
        gap = " " * (width - cells(left) - cells(right))
        return Content.assemble(*left, gap, *right)


def cells(pieces: Iterable[Piece]) -> int:
    """How wide they are."""
    return sum(cell_len(piece[0]) for piece in pieces)


def _within(pieces: Sequence[Piece], width: int, *, cut: bool = True) -> list[Piece]:
    kept: list[Piece] = []
    for words, style in pieces:
        left = width - cells(kept)
        if cell_len(words) > left:
            if cut and not kept and left > 0:
                kept.append((fit(words, left), style))
            break
        kept.append((words, style))
    return kept
