"""Text in terminal cells: how wide, cut, padded, and free of what would move the cursor."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from mi6_tui.model.thinning import thinned

_JOINING: Final = range(0x1160, 0x1200)
"""Hangul vowels and finals: drawn inside the syllable before them."""
_TURNING: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They change the direction of the text that follows, beyond the end of their own."""
ELLIPSIS: Final = "…"


def clean(text: str) -> str:
    """`text` on one line: control characters are blanks, runs of blanks are one, direction marks are gone.

    Of marks above and below a letter four stay.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join(thinned("".join(map(_clean_char, text))).split())


@lru_cache(maxsize=4096)
def _clean_char(char: str) -> str:
    if char in _TURNING:
        return ""
    category = unicodedata.category(char)
    if category == "Cs":  # half of a pair: no terminal can be sent it
        return "\ufffd"
    return " " if category in ("Cc", "Zl", "Zp") else char


def width(text: str) -> int:
    """Cells that clean `text` takes."""
    return len(text) if text.isascii() else sum(map(_char_width, text))


@lru_cache(maxsize=4096)
def _char_width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf") or ord(char) in _JOINING:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, cells: int) -> str:
    """`text` in at most `cells` cells; what is cut off leaves an ellipsis."""
    if width(text) <= cells:
        return text
    if cells < 1:
        return ""
    used = 0
    for end, char in enumerate(text):
        used += _char_width(char)
        if used > cells - 1:
            return text[:end].rstrip() + ELLIPSIS
    return text


def pad(text: str, cells: int, *, right: bool = False) -> str:
    """`text` filled with blanks to `cells` cells; `right` puts them before it."""
    blanks = " " * (cells - width(text))
    return blanks + text if right else text + blanks
