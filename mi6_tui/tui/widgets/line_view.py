"""A scrolling list of lines that paints only what is visible, each line once.

Textual's own table repaints everything at every change; at a thousand rows and several changes a
second that is most of a core.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.scroll_view import ScrollView
from textual.strip import Strip

INKS: Final = (
    "needs-you",
    "trouble",
    "working",
    "turn",
    "name",
    "plain",
    "quiet",
    "faint",
    "rule",
    "bar",
    "head",
    "cursor",
    "mark",
    "found",
)
"""Names of colours; style sheets say what they look like."""
_GROUND: Final = ""
_CACHED_LINES: Final = 1024


class LineView(ScrollView, can_focus=True, inherit_bindings=False):
    """Base of the session table and the event stream: inks, a line cache, strips of exact width."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"ink--{name}" for name in INKS}

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id)
        self._strips: LRUCache[Hashable, Strip] = LRUCache(_CACHED_LINES)
        self._palettes: dict[bool, dict[str, Style]] = {}

    def _palette(self, cursor: bool) -> dict[str, Style]:
        """The styles of all inks, on the cursor's ground or on the view's."""
        palette = self._palettes.get(cursor)
        if palette is None:
            inks = {name: self.get_component_rich_style(f"ink--{name}", partial=True) for name in INKS}
            base = self.rich_style + inks["cursor"] if cursor else self.rich_style
            palette = {_GROUND: base} | {name: base + ink for name, ink in inks.items()}
            self._palettes[cursor] = palette
        return palette

    def notify_style_update(self) -> None:
        """Forget painted lines when colours change."""
        self._strips.clear()
        self._palettes.clear()
        super().notify_style_update()

    def painted(self, key: Hashable, pieces: Iterable[tuple[str, str]], *, cursor: bool = False) -> Strip:
        """A line of (text, ink) pieces, filled up to the view's width; from the cache if `key` is known.

        `key` must hold everything the pieces were made from.
        """
        width = self.line_width
        known = (key, width, cursor)
        strip = self._strips.get(known)
        if strip is None:
            palette = self._palette(cursor)
            segments = [Segment(text, palette[ink]) for text, ink in pieces if text]
            strip = Strip(segments).adjust_cell_length(width, palette[_GROUND])
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
