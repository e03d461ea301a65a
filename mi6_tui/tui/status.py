"""How a status looks: a glyph, a word, a colour by name. Never the colour alone."""

from __future__ import annotations

import re
from typing import Final

from mi6_tui.model import Session
from mi6_tui.tui.text import clean

_LOOKS: Final = {
    "waiting": ("◆", "needs-you"),
    "error": ("▲", "trouble"),
    "working": ("●", "working"),
    "background": ("◐", "working"),
    "your turn": ("○", "turn"),
    "idle": ("·", "quiet"),
    "ended": ("✓", "quiet"),
    "unknown": ("?", "quiet"),
}
_SHORT: Final = {"plan approval": "plan"}
_TOOL_SERVER: Final = re.compile(r"mcp__.*?__(?=.)")
"""What stands before the name of a tool that a server lends."""
_DETAILED: Final = ("waiting", "error", "working", "background")
SHOWN: Final = tuple(_LOOKS)


def glyph(shown: str | None) -> str:
    """One cell."""
    return _LOOKS.get(shown or "unknown", _LOOKS["unknown"])[0]


def ink(shown: str | None) -> str:
    """Name of the colour."""
    return _LOOKS.get(shown or "unknown", _LOOKS["unknown"])[1]


def label(session: Session) -> str:
    """Glyph and the most telling word: `◆ permission`, `● Edit`, `○ your turn`."""
    shown = session.status_shown or "unknown"
    detail = _TOOL_SERVER.sub("", clean(session.status_detail, 80)).replace("_", " ")
    if shown == "ended" and detail == "silent":
        return "– silent"
    word = _SHORT.get(detail, detail) if shown in _DETAILED or detail == "interrupted" else shown
    return f"{glyph(shown)} {word or shown}"
