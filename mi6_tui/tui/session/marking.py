"""Marks what was looked for in a line of pieces."""

from __future__ import annotations

from mi6_tui.tui.session.blocks import Line


def marked(line: Line, needle: str) -> Line:
    """The line with every piece cut where `needle` (case-folded) stands in it."""
    if not needle:
        return line
    pieces: list[tuple[str, str]] = []
    for words, ink in line:
        folded = words.casefold()
        # Folding may change lengths ("ß"): then only the whole piece can be marked.
        if len(folded) != len(words):
            pieces.append((words, "found" if needle in folded else ink))
            continue
        start = 0
        while (place := folded.find(needle, start)) >= 0:
            pieces += [(words[start:place], ink), (words[place : place + len(needle)], "found")]
            start = place + len(needle)
        pieces.append((words[start:], ink))
    return tuple(piece for piece in pieces if piece[0])
