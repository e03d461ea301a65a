"""A scrolling list of lines that paints only what is visible, each line once.

Textual's own table repaints everything at every change; at a thousand rows and several changes a
second that is most of a core.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Final, Literal, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.color import Color
from textual.scroll_view import ScrollView
from textual.strip import Strip

from mi6_tui.tui.theme import colours_of


class _Ink(NamedTuple):
    """A colour of the theme for the text, another one for the ground; None: that of the line."""

    text: str | None = None
    ground: str | None = None
    bold: bool | None = None
    underline: bool | None = None


INKS: Final = {
    "needs-you": _Ink("needs-you", bold=True),
    "trouble": _Ink("trouble"),
    "working": _Ink("working"),
    "turn": _Ink("turn"),
    "name": _Ink("name"),
    "plain": _Ink("plain"),
    "quiet": _Ink("quiet"),
    "faint": _Ink("faint"),
    "rule": _Ink("rule"),
    "bar": _Ink("bar"),
    "head": _Ink("quiet"),
    "cursor": _Ink(ground="row-cursor", bold=True),
    "fresh": _Ink(ground="row-fresh", bold=True),
    "mark": _Ink("needs-you"),
    "found": _Ink("name", bold=True, underline=True),
}
"""Styles of pieces by name. Not component classes: of these Textual matches each one with all style sheets,
for each view, whenever a style changes."""
Ground = Literal["", "cursor", "fresh"]
"""What a line stands on: the view's own ground, the cursor's, that of a row that newly needs the user."""
_CACHED_LINES: Final = 256


class LineView(ScrollView, can_focus=True, inherit_bindings=False):
    """Base of the session table and the event stream: inks, a line cache, strips of exact width."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id)
        self._strips: LRUCache[Hashable, Strip] = LRUCache(_CACHED_LINES)
        self._palettes: dict[Ground, dict[str, Style]] = {}

    def _palette(self, ground: Ground) -> dict[str, Style]:
        """The styles of all inks on a ground."""
        palette = self._palettes.get(ground)
        if palette is None:
            colours = colours_of(self.app.current_theme)
            inks = {name: _style(ink, colours) for name, ink in INKS.items()}
            base = self.rich_style + inks[ground] if ground else self.rich_style
            palette = {"": base} | {name: base + ink for name, ink in inks.items()}
            self._palettes[ground] = palette
        return palette

    def notify_style_update(self) -> None:
        """Forget painted lines when colours change."""
        self._strips.clear()
        self._palettes.clear()
        super().notify_style_update()

    def painted(
        self, key: Hashable, pieces: Iterable[tuple[str, str]], *, cursor: bool = False, fresh: bool = False
    ) -> Strip:
        """A line of (text, ink) pieces, filled up to the view's width; from the cache if `key` is known.

        `key` must hold everything the pieces were made from. `fresh` is stronger than `cursor`.
        """
        width = self.line_width
        ground: Ground = "fresh" if fresh else "cursor" if cursor else ""
        known = (key, width, cursor, fresh)
        strip = self._strips.get(known)
        if strip is None:
            palette = self._palette(ground)
            segments = [Segment(text, palette[ink]) for text, ink in pieces if text]
            strip = Strip(segments).adjust_cell_length(width, palette[""])
            self._strips[known] = strip
        return strip

    @property
    def line_width(self) -> int:
        """Cells of a line: all but the scroll bar's, whose place is always kept."""
        return self.scrollable_content_region.width

    @property
    def first_line(self) -> int:
        """Index of the topmost visible line."""
        return self.scroll_offset.y

    def jump(self, line: int) -> None:
        """Scroll so that `line` is the topmost, at once."""
        # Forced: whether there is a scroll bar is only known after the next layout.
        self.scroll_to(y=line, animate=False, force=True)


def _style(ink: _Ink, colours: Mapping[str, str]) -> Style:
    text, ground = (
        Color.parse(colours[name]).rich_color if name else None for name in (ink.text, ink.ground)
    )
    return Style(color=text, bgcolor=ground, bold=ink.bold, underline=ink.underline)
