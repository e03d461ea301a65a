"""A scroll view over a list of lines that keys and the wheel move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from textual import events
from textual.geometry import Region, Size
from textual.strip import Strip

from mi6_tui.tui.widgets.line_view import LineView

_WHEEL: Final = 3
"""Lines that a notch of the wheel moves."""


class Scroller(LineView):
    """Moves by lines, pages and to the ends; what its lines are is its heirs' business."""

    @property
    def line_count(self) -> int:
        """Lines there are."""
        return self.virtual_size.height

    def move(self, step: int) -> None:
        """Scroll by `step` lines."""
        self._go(self.first_line + step)

    def move_page(self, pages: float) -> None:
        """Scroll by a share of what is visible."""
        self.move(round(pages * max(1, self.size.height)))

    def move_to_end(self, *, last: bool) -> None:
        """Scroll to the first or the last line."""
        self._go(self.line_count if last else 0)

    def _go(self, line: int) -> None:
        end = max(0, self.line_count - self.size.height)
        self.jump(max(0, min(line, end)))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Look back."""
        event.stop()
        event.prevent_default()
        self.move(-_WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Come back."""
        event.stop()
        event.prevent_default()
        self.move(_WHEEL)


Piece = tuple[str, str]
"""Cleaned text and the name of its ink."""


class Page(Scroller):
    """Lines of pieces, as they are given; what does not fit is cut."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id)
        self.lines: Sequence[tuple[Piece, ...]] = ()

    def show(self, lines: Iterable[tuple[Piece, ...]]) -> None:
        """Show other lines where the view stands; only those that differ are painted again."""
        before, self.lines = self.lines, tuple(lines)
        if len(before) != len(self.lines):
            self.virtual_size = Size(0, len(self.lines))
            self.refresh()
            return
        for place, line in enumerate(self.lines):
            y = place - self.first_line
            if line != before[place] and 0 <= y < self.size.height:
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """The line at `y` of the view."""
        place = self.first_line + y
        if place >= len(self.lines):
            return self.painted("blank", ())
        return self.painted(self.lines[place], self.lines[place])
