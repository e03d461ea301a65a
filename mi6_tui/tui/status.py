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
STALE: Final = "◌"
"""In place of the glyph of a state that may be another by now."""
_SHORT: Final = {"plan approval": "plan"}
_ABNORMAL: Final = ("killed", "silent")
"""Ends without a goodbye."""
_OWN_DOING: Final = ("declined", "interrupted")
"""Ends of a turn that are more telling than that it ended."""
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


def detail(session: Session) -> str:
    """`status_detail` as it is shown, with what it is about: `permission: Bash npm test`."""
    word, colon, subject = _TOOL_SERVER.sub("", clean(session.status_detail, 160)).partition(": ")
    return word.replace("_", " ") + colon + subject


def label(session: Session, *, stale: bool = False) -> str:
    """Glyph and the most telling word: `◆ permission`, `● Edit`, `○ your turn`; `◌ Edit` if it is stale."""
    if stale:
        return f"{STALE} {label(session).partition(' ')[2]}"
    shown = session.status_shown or "unknown"
    word = detail(session).partition(": ")[0]
    if shown == "ended" and word in _ABNORMAL:
        return f"– {word}"
    if shown in _DETAILED or (shown == "your turn" and word in _OWN_DOING):
        return f"{glyph(shown)} {_SHORT.get(word, word) or shown}"
    return f"{glyph(shown)} {shown}"
