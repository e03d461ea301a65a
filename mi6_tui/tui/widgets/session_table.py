"""The list of sessions: a fixed head, virtual rows, a cursor that stays on its session."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer

from mi6_tui.model import Session
from mi6_tui.tui.rows import Key, SessionRows
from mi6_tui.tui.widgets.columns import GAP, GUTTER, Slot, layout, title
from mi6_tui.tui.widgets.line_view import LineView

_HEAD: Final = 1
SETTLE: Final = 1.0
"""Seconds without a key or a click after which rows may move again."""


class SessionTable(LineView):
    """Shows `SessionRows`; changed rows are repainted alone, rows move only when nobody is moving."""

    class Highlighted(Message):
        """Another session is under the cursor, or none."""

        def __init__(self, key: Key | None) -> None:
            super().__init__()
            self.key = key

    def __init__(self, rows: SessionRows, now: int, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.rows = rows
        self.cursor: Key | None = None
        self._now = now
        self._settling: Timer | None = None

    # What is shown.

    def show(self, sessions: Iterable[Session], now: int) -> None:
        """Take in changed sessions (`now` in ms); rows that did not change are not painted again."""
        self._now = now
        changed = self.rows.update(sessions)
        held = self._settling is not None and len(self.rows) > 0
        if held or not self.reorder():
            self._repaint(changed)

    def reorder(self) -> bool:
        """Put the rows in their order, the selected one where the eye has it; whether any moved."""
        old = self.rows.place_of(self.cursor)
        if not self.rows.reorder(self._now):
            return False
        new = self.rows.place_of(self.cursor)
        self.virtual_size = Size(0, len(self.rows) + _HEAD)
        if new is None:
            self._select(min(old or 0, len(self.rows) - 1))
        elif old is not None and self._is_visible(old):
            if self.first_line:
                self.jump(self.first_line + new - old)
            self._scroll_into_view(new)
        self.refresh()
        return True

    def tick(self, now: int) -> None:
        """The clock moved: repaint the visible rows whose ages read differently."""
        before, self._now = self._now, now
        slots = self._aging
        for place in self._visible():
            session = self.rows.at(place)
            if _ages(session, before, slots) != _ages(session, now, slots):
                self._refresh_row(place)

    def _repaint(self, changed: set[Key]) -> None:
        for place in self._visible():
            if self.rows.keys[place] in changed:
                self._refresh_row(place)

    # The cursor.

    @property
    def selected(self) -> Session | None:
        """The session under the cursor."""
        return self.rows.get(self.cursor)

    def move(self, step: int) -> None:
        """Move the cursor by `step` rows, stopping at either end."""
        self._hold()
        self._select((self.rows.place_of(self.cursor) or 0) + step)

    def move_page(self, pages: float) -> None:
        """Move the cursor by a share of what is visible."""
        self.move(round(pages * max(1, self.size.height - _HEAD)))

    def move_to_end(self, *, last: bool) -> None:
        """Move the cursor to the first or the last row."""
        self.move(len(self.rows) if last else -len(self.rows))

    def select(self, key: Key) -> None:
        """Put the cursor on a session that is on show."""
        place = self.rows.place_of(key)
        if place is not None:
            self._select(place)

    def _select(self, place: int) -> None:
        old = self.rows.place_of(self.cursor)
        if not len(self.rows):
            key = None
        else:
            place = max(0, min(place, len(self.rows) - 1))
            key = self.rows.keys[place]
            self._scroll_into_view(place)
        if key == self.cursor:
            return
        self.cursor = key
        for changed in (old, place):
            if changed is not None:
                self._refresh_row(changed)
        self.post_message(self.Highlighted(key))

    def _hold(self) -> None:
        if self._settling is None:
            self._settling = self.set_timer(SETTLE, self.settle)
        else:
            self._settling.reset()

    def settle(self) -> None:
        """Let rows move again: nobody has pressed a key for a while."""
        if self._settling is not None:
            self._settling.stop()
            self._settling = None
        self.reorder()

    # Where things are.

    def _visible(self) -> range:
        first = self.first_line
        return range(first, min(len(self.rows), first + max(0, self.size.height - _HEAD)))

    def _is_visible(self, place: int) -> bool:
        return self.first_line <= place < self.first_line + max(1, self.size.height - _HEAD)

    def _scroll_into_view(self, place: int) -> None:
        height = max(1, self.size.height - _HEAD)
        if place < self.first_line:
            self.jump(place)
        elif place >= self.first_line + height:
            self.jump(place - height + 1)

    def _refresh_row(self, place: int) -> None:
        line = place - self.first_line + _HEAD
        if _HEAD <= line < self.size.height:
            self.refresh(Region(0, line, self.size.width, 1))

    # Painting.

    def on_resize(self) -> None:
        """Keep the selected row in view."""
        self.virtual_size = Size(0, len(self.rows) + _HEAD)
        self.call_after_refresh(self._stay)

    def _stay(self) -> None:
        place = self.rows.place_of(self.cursor)
        if place is not None:
            self._scroll_into_view(place)

    @property
    def _slots(self) -> tuple[Slot, ...]:
        return layout(self.line_width)

    @property
    def _aging(self) -> tuple[Slot, ...]:
        return tuple(slot for slot in self._slots if slot.column.ages)

    def render_line(self, y: int) -> Strip:
        """The head, or the row that stands in line `y` of the view."""
        if y < _HEAD:
            return self.painted("head", self._head())
        place = self.first_line + y - _HEAD
        if place >= len(self.rows):
            return self.painted("blank", ())
        session = self.rows.at(place)
        cursor = session.key == self.cursor
        ages = _ages(session, self._now, self._aging)
        return self.painted((session, ages), self._row(session, cursor), cursor=cursor)

    def _head(self) -> Iterable[tuple[str, str]]:
        yield " " * GUTTER, "head"
        for number, slot in enumerate(self._slots):
            yield (" " * GAP if number else ""), "head"
            yield title(slot), "head"

    def _row(self, session: Session, cursor: bool) -> Iterable[tuple[str, str]]:
        yield ("▌" if cursor else " "), "mark"
        for number, slot in enumerate(self._slots):
            yield (" " * GAP if number else ""), "plain"
            yield from slot.column.value(session, self._now, slot.width)

    # The mouse.

    def on_mouse_scroll_down(self) -> None:
        """Rows hold still for a wheel, too; the scrolling itself is Textual's."""
        self._hold()

    def on_mouse_scroll_up(self) -> None:
        """See on_mouse_scroll_down."""
        self._hold()

    def on_click(self, event: events.Click) -> None:
        """Select the clicked row."""
        place = self.first_line + event.y - _HEAD
        if event.y >= _HEAD and place < len(self.rows):
            self._hold()
            self._select(place)


def _ages(session: Session, now: int, slots: Iterable[Slot]) -> tuple[str, ...]:
    """What the clock makes of a row."""
    return tuple(slot.column.value(session, now, slot.width)[0][0] for slot in slots)
