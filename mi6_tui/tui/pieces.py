"""Lines made of pieces: kept within a width, and set side by side. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len

Piece = tuple[str, str]
"""Cleaned text and the name of its ink."""
Line = tuple[Piece, ...]


def within(pieces: Iterable[Piece], width: int) -> Line:
    """Pieces as long as they fit whole; one that does not is left out, and all that follow."""
    kept: list[Piece] = []
    left = width
    for words, ink in pieces:
        left -= cell_len(words)
        if left < 0:
            break
        kept.append((words, ink))
    return tuple(kept)


def beside(left: Iterable[Line], width: int, right: Iterable[Line]) -> Iterable[Line]:
    """Two columns of lines, the first `width` cells wide."""
    both = list(left), list(right)
    for number in range(max(map(len, both))):
        first, second = (column[number] if number < len(column) else () for column in both)
        gap = width - sum(cell_len(words) for words, _ in first)
        yield (*first, (" " * gap, "plain"), *second)
