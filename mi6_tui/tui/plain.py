"""What a plain terminal gets: no colours, and no characters beyond ASCII.

Both are done to finished lines, so that no widget need know of them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

_TWINS: Final = {
    # States; see tui/status.py.
    "◆": "!", "▲": "X", "●": "*", "◐": "+", "○": "o", "·": ".", "✓": "v", "–": "-", "—": "-",
    "◌": "~",
    # Bars, curves, rules, frames, scroll bars.
    "━": "#", "╸": "+", "╺": "+", "─": "-", "│": "|", "┃": "|", "▌": "|", "▐": "|", "▎": "|", "▏": "|",
    "▍": "|", "▊": "#", "▋": "#", "▉": "#", "█": "#", "▀": '"', "▄": "=", "▔": "-", "▕": "|", "░": ".",
    "▒": ":", "▓": "%", "■": "#", "□": ".", "▪": "#", "▫": ".", "▁": "_", "▂": ".", "▃": "-", "▅": "+",
    "▆": "*", "▇": "%",
    # Clients; see tui/columns/cells.py.
    "✻": "c", "⌘": "x", "✦": "g", "⊙": "p", "▣": "o", "✧": "q", "❯": "u", "π": "i", "↯": "a",
    # Arrows and other signs.
    "↓": "v", "↑": "^", "←": "<", "→": ">", "↕": "|", "↵": "<", "⏎": "<", "▼": "v", "△": "^", "▽": "v",
    "▸": ">", "▾": "v", "►": ">", "◀": "<", "▶": ">", "◂": "<", "›": ">", "‹": "<", "»": ">", "«": "<",
    "…": "~", "≥": ">", "≤": "<", "≈": "~", "×": "x", "•": "*", "★": "*", "☆": "*", "✔": "v", "✗": "x",
    "✕": "x", "✖": "x", "⚠": "!", "Σ": "S", "µ": "u", "°": "o", "“": '"', "”": '"', "‘": "'", "’": "'",
    "\N{NO-BREAK SPACE}": " ", "\N{REPLACEMENT CHARACTER}": "?",
}  # fmt: skip
"""Characters that the dashboard draws, each with one of a single cell that says the same."""
_DENSITY: Final = " .:-=+*%#"
"""For dots of a Braille cell, 0 to 8."""
_BRAILLE: Final = 0x2800
_CORNERS: Final = range(0x2500, 0x2580)


def wants_ascii(env: Mapping[str, str]) -> bool:
    """Whether MI6_TUI_ASCII asks for plain characters."""
    return env.get("MI6_TUI_ASCII", "") not in ("", "0")


@lru_cache(4096)
def as_ascii(text: str) -> str:
    """`text` in ASCII and exactly as many cells; letters lose their accents, what has no twin becomes `?`."""
    return text if text.isascii() else "".join(map(_twin, text))


def _twin(character: str) -> str:
    if character.isascii():
        return character
    if twin := _TWINS.get(character):
        return twin
    code = ord(character)
    if _BRAILLE <= code < _BRAILLE + 256:
        return _DENSITY[(code - _BRAILLE).bit_count()]
    if code in _CORNERS:
        return "+"
    width = cell_len(character)
    bare = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return bare if len(bare) == width and bare.isprintable() else "?" * width


class Ascii(LineFilter):
    """Lines in ASCII."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same line, as wide as it was."""
        return [Segment(as_ascii(text), style, control) for text, style, control in segments]


class Colourless(LineFilter):
    """Lines in the terminal's own two colours."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same line; weight, underlining and reversal stay."""
        return [
            Segment(text, _bare(style) if style is not None else None, control)
            for text, style, control in segments
        ]


@lru_cache(1024)
def _bare(style: Style) -> Style:
    kept = {
        name: value
        for name in ("bold", "italic", "underline", "reverse", "strike")
        if (value := getattr(style, name))
    }
    return Style(**kept, meta=style.meta or None)
