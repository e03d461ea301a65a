"""A list of lines with a cursor: what is under it can be opened; only what is visible is drawn."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Generic, Protocol, TypeVar

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from mi6_tui.tui.widgets.line_view import LineView

Piece = tuple[str, str]
"""Cleaned text and the name of its ink."""
_WHEEL = 3
"""Lines that a notch of the wheel moves."""


class Entry(Protocol):
    """A line of a list. Equal entries look the same."""

    @property
    def key(self) -> Hashable:
        """Tells it from all others of the list; None for one that cannot be chosen."""

    def __hash__(self) -> int: ...


Row = TypeVar("Row", bound=Entry)


class PickList(LineView, Generic[Row]):
    """Heirs say in `draw` what a row looks like. The cursor stays on its row while others come and go."""

    class Moved(Message):
        """Another row is under the cursor."""

    class Chosen(Message):
        """The row under the cursor was clicked twice."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id)
        self.rows: Sequence[Row] = ()
        self.cursor = 0
        """Index of the row under the cursor."""

    def draw(self, row: Row, width: int) -> Iterable[Piece]:
        """The pieces of a row; those behind `width` cells are cut."""
        raise NotImplementedError

    @property
    def selected(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def show(self, rows: Sequence[Row]) -> None:
        """Show other rows; the one under the cursor stays where the eye has it, if it is still there."""
        before, under = self.rows, self.selected
        self.rows = rows
        if len(before) != len(rows):
            self.virtual_size = Size(0, len(rows))
        height = self.cursor - self.first_line
        place = self._place_of(under.key if under is not None else None)
        if place != self.cursor:
            self.cursor = place
            self.jump(max(0, place - height))
        if len(before) != len(rows) or before != rows:
            self.refresh()
        self.post_message(self.Moved())

    def _place_of(self, key: Hashable) -> int:
        """Where the row of `key` is now, else where the cursor may stay."""
        stay = max(0, min(self.cursor, len(self.rows) - 1))
        if key is None or (self.rows and self.rows[stay].key == key):
            return stay
        return next((place for place, row in enumerate(self.rows) if row.key == key), stay)

    # Moving.

    def move(self, step: int) -> None:
        """Move the cursor by `step` rows, stopping at either end."""
        self.select(self.cursor + step)

    def move_page(self, pages: float) -> None:
        """Move the cursor by a share of what is visible."""
        self.move(round(pages * max(1, self.size.height)))

    def move_to_end(self, *, last: bool) -> None:
        """Move the cursor to the first or the last row."""
        self.select(len(self.rows) - 1 if last else 0)

    def select(self, place: int) -> None:
        """Put the cursor on the row at `place`, or on the nearest there is, and bring it into view."""
        before, self.cursor = self.cursor, max(0, min(place, len(self.rows) - 1))
        if self.cursor != before:
            self._refresh_row(before)
            self._refresh_row(self.cursor)
            self.post_message(self.Moved())
        self.keep_in_view()

    def keep_in_view(self) -> None:
        """Scroll as little as needed to see the cursor."""
        height = max(1, self.size.height)
        if self.cursor < self.first_line:
            self.jump(self.cursor)
        elif self.cursor >= self.first_line + height:
            self.jump(self.cursor - height + 1)

    def _refresh_row(self, place: int) -> None:
        y = place - self.first_line
        if 0 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def on_resize(self) -> None:
        """Keep the cursor in view."""
        self.virtual_size = Size(0, len(self.rows))
        self.call_after_refresh(self.keep_in_view)

    # The mouse.

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Look back."""
        self._wheel(event, -_WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Come back."""
        self._wheel(event, _WHEEL)

    def _wheel(self, event: events.MouseEvent, step: int) -> None:
        event.stop()
        event.prevent_default()
        self.move(step)

    def on_click(self, event: events.Click) -> None:
        """Select the clicked row; twice: choose it."""
        place = self.first_line + event.y
        if place < len(self.rows):
            self.select(place)
            if event.chain == 2:
                self.post_message(self.Chosen())

    # Painting.

    def render_line(self, y: int) -> Strip:
        """The row that stands in line `y` of the view."""
        place = self.first_line + y
        if place >= len(self.rows):
            return self.painted("blank", ())
        row = self.rows[place]
        cursor = place == self.cursor and row.key is not None
        return self.painted(row, self._pieces(row, cursor), cursor=cursor)

    def _pieces(self, row: Row, cursor: bool) -> Iterable[Piece]:
        yield ("▌" if cursor else " "), "mark"
        yield from self.draw(row, self.line_width - 1)
