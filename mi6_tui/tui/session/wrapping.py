"""Long foreign text as lines that fit: its line breaks and indents stay, nothing in it steers a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len, get_character_cell_size

from mi6_tui.frameworks.text import clean
from mi6_tui.tui.text import verbatim

_REPLACED: Final = "\N{REPLACEMENT CHARACTER}"


def safe_lines(words: str) -> list[str]:
    """The lines of a text without controls, marks of direction and joiners."""
    text = clean(words, len(words))
    if text.isascii():
        return [line.expandtabs(4) for line in text.split("\n")]
    return [verbatim(line).replace(_REPLACED, "") for line in text.split("\n")]


def wrapped(line: str, width: int) -> list[str]:
    """A line in pieces of at most `width` cells, broken at spaces where that is possible."""
    width = max(2, width)
    if len(line) <= width and (line.isascii() or cell_len(line) <= width):
        return [line]
    return list(_pieces(line, width))


def _pieces(line: str, width: int) -> Iterator[str]:
    start = 0
    indent = len(line) - len(line.lstrip(" "))
    while start < len(line):
        end = _reach(line, start, width)
        if end < len(line) and line[end] != " ":
            space = line.rfind(" ", start + 1, end)
            # Breaking inside the indent would give empty lines.
            end = space if space > (indent if start == 0 else start) else end
        yield line[start:end].rstrip(" ")
        start = end
        while start < len(line) and line[start] == " ":
            start += 1


def _reach(line: str, start: int, width: int) -> int:
    """How far `width` cells reach from `start`; at least one character."""
    end = min(len(line), start + width)
    part = line[start:end]
    if part.isascii():
        return end
    cells = 0
    for place, character in enumerate(part, start):
        cells += get_character_cell_size(character)
        if cells > width:
            return max(place, start + 1)
    return end
