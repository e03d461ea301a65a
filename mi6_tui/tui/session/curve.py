"""How the context filled, as lines of block characters. Pure: points in, lines out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from mi6_tui.model import ContextPoint
from mi6_tui.tui import text

Line = tuple[tuple[str, str], ...]

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_CUT: Final = "┊"
_AXIS: Final = 7
_NEAR: Final = 4
"""Below a quarter of the window nothing of the curve could be seen."""


def curve_lines(points: Sequence[ContextPoint], size: int | None, width: int, height: int) -> list[Line]:
    """`height` lines of `width` cells: a column for each request, or for the fullest of several.

    The top is the context window's `size`, unless nothing comes near it: then the largest number of tokens.
    A compaction is a dotted line.
    """
    room = width - _AXIS - 2
    known = [point for point in points if point.tokens is not None or point.compaction]
    largest = max((point.tokens or 0 for point in known), default=0)
    top = max(size or 0, largest) if largest * _NEAR >= (size or 0) else largest
    if room < 8 or height < 1 or not top or not any(not point.compaction for point in known):
        return []
    columns = list(_stretched([_column(part) for part in _parts(known, room)], room))
    lines = []
    for row in range(height):
        level = height - 1 - row
        label = text.count(top) if row == 0 else "0" if row == height - 1 else ""
        lines.append(((f"{label:>{_AXIS}} ", "faint"), *_row(columns, level, height, top)))
    return lines


def _parts(points: Sequence[ContextPoint], room: int) -> list[Sequence[ContextPoint]]:
    """The points in at most `room` groups of neighbours."""
    number = min(room, len(points))
    return [
        points[place * len(points) // number : (place + 1) * len(points) // number] for place in range(number)
    ]


def _column(points: Sequence[ContextPoint]) -> tuple[int, bool]:
    """The most tokens of a group, and whether the context was compacted within it."""
    return max((point.tokens or 0 for point in points), default=0), any(point.compaction for point in points)


def _stretched(columns: Sequence[tuple[int, bool]], room: int) -> Iterator[tuple[int, bool]]:
    """The columns over all cells of `room`; a compaction stays as thin as it is short."""
    thin = sum(compacted for _, compacted in columns)
    wide, cells = len(columns) - thin, room - thin
    place = 0
    for tokens, compacted in columns:
        if compacted or not wide:
            yield tokens, compacted
            continue
        for _ in range(place * cells // wide, (place + 1) * cells // wide):
            yield tokens, compacted
        place += 1


def _row(columns: Sequence[tuple[int, bool]], level: int, height: int, top: int) -> Line:
    pieces: list[tuple[str, str]] = []
    for tokens, compacted in columns:
        eighths = max(1, round(tokens / top * height * 8)) if tokens else 0
        filled = min(8, max(0, eighths - level * 8))
        mark = _CUT if compacted else _BLOCKS[filled - 1] if filled else " "
        ink = "needs-you" if compacted else "bar"
        if pieces and pieces[-1][1] == ink:
            pieces[-1] = pieces[-1][0] + mark, ink
        else:
            pieces.append((mark, ink))
    return tuple(pieces)
