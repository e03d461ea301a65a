"""The list of sessions: a fixed head, virtual rows, a cursor that stays on its session."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer

from mi6_tui.model import Session
from mi6_tui.tui import table_lines
from mi6_tui.tui.columns import GUTTER, Choice, Column, column_at
from mi6_tui.tui.newly import Newly
from mi6_tui.tui.row_painter import LiveOf, RowPainter, Slots, nothing
from mi6_tui.tui.rows import Head, Key, SessionRows, Spot
from mi6_tui.tui.table_lines import About, Piece
from mi6_tui.tui.view import View
from mi6_tui.tui.widgets.line_view import LineView

_HEAD: Final = 1
SETTLE: Final = 1.0
"""Seconds without a key or a click after which rows may move again."""


class SessionTable(LineView):
    """Shows `SessionRows`; changed rows are repainted alone, rows move only when nobody is moving."""

    class Highlighted(Message):
        """Another line is under the cursor, or none."""

        def __init__(self, spot: Spot | None) -> None:
            super().__init__()
            self.spot = spot

    class Activated(Message):
        """The session under the cursor was clicked twice."""

    class Titled(Message):
        """The head of a column was clicked; `more`: with Shift."""

        def __init__(self, column: Column, more: bool) -> None:
            super().__init__()
            self.column = column
            self.more = more

    def __init__(
        self,
        rows: SessionRows,
        now: int,
        live_of: LiveOf = nothing,
        about: About = lambda _: (),
        *,
        id: str | None = None,  # noqa: A002 (Textual's own name)
    ) -> None:
        super().__init__(id=id)
        self.rows = rows
        self._about = about
        self.cursor: Spot | None = None
        self.picked: set[Key] = set()
        """Sessions that the user chose to do something to."""
        self._now = now
        self._settling: Timer | None = None
        self._heads: dict[str, tuple[Piece, ...]] = {}
        """Heads of groups as they were painted."""
        self.painter = RowPainter(live_of)
        self.newly = Newly(self, self._repaint)
        self._differs = False
        """Whether sessions may have come to differ in other columns."""

    # What is shown.

    def show(self, sessions: Sequence[Session], now: int, gone: Collection[Key] = ()) -> None:
        """Take in changed sessions (`now` in ms) and paint no others again; those `gone` leave at once."""
        self._now = now
        self.rows.remove(gone)
        self.picked.difference_update(gone)
        self.newly.take(sessions, self.rows, now)
        changed = self.rows.update(sessions)
        held = self._settling is not None and len(self.rows) > 0 and not gone
        if changed and not self._differs:
            self._differs = True
            if not len(self.rows):
                self._choose_columns()
        if held or not self.reorder():
            self._repaint(changed)

    def choose(self, choice: Choice | None) -> None:
        """Show the columns that the user chose; None: the usual ones."""
        if self.painter.choose(choice, self.rows.held):
            self.refresh()

    def _choose_columns(self) -> None:
        """Some columns are on show only where sessions differ; a query makes them no other sessions."""
        self._differs = False
        if self.painter.differ(self.rows.held):
            self.refresh()

    def enliven(self) -> None:
        """There is news beside the rows; only what differs is painted again."""
        self.rows.measured()
        if self._settling is None and self.reorder():
            return
        self._repaint(self.painter.enliven(session.key for session in self.in_sight))

    @property
    def in_sight(self) -> Sequence[Session]:
        """The sessions whose rows are visible."""
        found = (self.rows.at(place) for place in self._visible())
        return [session for session in found if session is not None]

    def look_at(self, view: View, now: int) -> None:
        """Show other sessions, or the same in another order, at once."""
        self._now = now
        before = self.rows.view
        self.rows.arrange(view)
        self.settle()
        if (view.ended, view.hidden) != (before.ended, before.hidden):
            self._choose_columns()
        self.refresh()

    def look_again(self, now: int) -> None:
        """Time went by (`now` in ms): other sessions may be what the view asks for."""
        self._now = now
        self.rows.look_again()
        if self._settling is None:
            self.reorder()

    def reorder(self) -> bool:
        """Put the rows in their order, the selected one where the eye has it; whether any moved."""
        old = self.rows.place_of(self.cursor)
        group = self._group_of_cursor()
        if not self.rows.reorder(self._now):
            return False
        new = self.rows.place_of(self.cursor)
        if new is None and group is not None and (new := self.rows.place_of(group)) is not None:
            self._select(new)
        self.virtual_size = Size(0, len(self.rows) + _HEAD)
        if new is None:
            self._select(min(old or 0, len(self.rows) - 1))
        elif old is not None and self._is_visible(old):
            if self.first_line:
                self.jump(self.first_line + new - old)
            self._scroll_into_view(new)
        self.refresh()
        return True

    def _group_of_cursor(self) -> Head | None:
        """The head of the group that is collapsed over the cursor's session."""
        session = self.selected
        head = Head(self.rows.group_name(session)) if session is not None and self.rows.view.group else None
        return head if head is not None and self.rows.is_collapsed(head.name) else None

    def tick(self, now: int) -> None:
        """The clock moved: repaint the visible rows whose ages read differently."""
        before, self._now = self._now, now
        if self._differs:
            self._choose_columns()
        aged, slots = self.painter.aged, self.slots
        for place in self._visible():
            session = self.rows.at(place)
            if session is not None and aged(session, before, now, slots):
                self._refresh_row(place)
        if self.rows.view.group == "machine":
            self._repaint_heads()

    def _repaint(self, changed: set[Key]) -> None:
        if changed:
            for place in self._visible():
                if self.rows.lines[place] in changed:
                    self._refresh_row(place)
            self._repaint_heads()

    def _repaint_heads(self) -> None:
        for place in self._visible() if self.rows.view.group else ():
            spot = self.rows.lines[place]
            if isinstance(spot, Head) and self._heads.get(spot.name) != self._head_of(spot):
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
        self.move(round(pages * self._height))

    def move_to_end(self, *, last: bool) -> None:
        """Move the cursor to the first or the last row."""
        self.move(len(self.rows) if last else -len(self.rows))

    def select(self, spot: Spot) -> None:
        """Put the cursor on a session, or the head of a group, that is on show."""
        place = self.rows.place_of(spot)
        if place is not None:
            self._hold()
            self._select(place)

    def begin(self) -> None:
        """Put the cursor on the first row, if it is nowhere yet."""
        if self.cursor is None and len(self.rows):
            self._select(0)

    def _select(self, place: int) -> None:
        old = self.rows.place_of(self.cursor)
        if not len(self.rows):
            spot = None
        else:
            place = max(0, min(place, len(self.rows) - 1))
            spot = self.rows.lines[place]
            self._scroll_into_view(place)
        if spot == self.cursor:
            return
        self.cursor = spot
        for changed in (old, place):
            if changed is not None:
                self._refresh_row(changed)
        self.post_message(self.Highlighted(spot))

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

    # Groups, and sessions to do something to.

    def fold(self, *, collapsed: bool) -> bool:
        """Collapse the group under the cursor, or show its sessions; whether that is a change."""
        name = self._group_under_cursor
        if name is None or not self.rows.collapse(name, collapsed=collapsed):
            return False
        self.settle()
        return True

    def toggle_fold(self) -> bool:
        """Collapse or show the group whose head is under the cursor; False if there is none."""
        if not isinstance(self.cursor, Head):
            return False
        return self.fold(collapsed=not self.rows.is_collapsed(self.cursor.name))

    @property
    def _group_under_cursor(self) -> str | None:
        if isinstance(self.cursor, Head):
            return self.cursor.name
        session = self.selected
        return self.rows.group_name(session) if session is not None and self.rows.view.group else None

    def pick(self) -> None:
        """Choose the session under the cursor, or all of its group, or give it up again."""
        if isinstance(self.cursor, Head):
            keys = set(self.rows.members(self.cursor.name))
        else:
            keys = {self.cursor} if self.cursor is not None else set()
        self.picked = self.picked - keys if keys <= self.picked else self.picked | keys
        self.refresh()

    def unpick(self) -> bool:
        """Give up all that were chosen; whether there were any."""
        had, self.picked = bool(self.picked), set()
        if had:
            self.refresh()
        return had

    # Where things are.

    @property
    def _height(self) -> int:
        return max(1, self.size.height - _HEAD)

    def _visible(self) -> range:
        first = self.first_line
        return range(first, min(len(self.rows), first + max(0, self.size.height - _HEAD)))

    def _is_visible(self, place: int) -> bool:
        return self.first_line <= place < self.first_line + self._height

    def _scroll_into_view(self, place: int) -> None:
        if place < self.first_line:
            self.jump(place)
        elif place >= self.first_line + self._height:
            self.jump(place - self._height + 1)

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
    def _signed(self) -> bool:
        """Whether there is room for the signs of what the user did to sessions."""
        return bool(self.picked) or self.rows.signed

    @property
    def _signs(self) -> int:
        """Cells for the signs of what the user did to sessions."""
        return table_lines.SIGNS if self._signed else 0

    @property
    def slots(self) -> Slots:
        """The columns on show."""
        return self.painter.slots(self.line_width - self._signs)

    def render_line(self, y: int) -> Strip:
        """The head, or the row that stands in line `y` of the view."""
        if y < _HEAD:
            return self._painted_head()
        place = self.first_line + y - _HEAD
        if place >= len(self.rows):
            return self.painted("blank", ())
        spot = self.rows.lines[place]
        cursor = spot == self.cursor
        if isinstance(spot, Head):
            pieces = self._heads[spot.name] = self._head_of(spot)
            return self.painted(pieces, (_bar(cursor), *pieces), cursor=cursor)
        session = self.rows.get(spot)
        if session is None:
            return self.painted("blank", ())
        slots, picked = self.slots, spot in self.picked
        ages = self.painter.ages(session, self._now, slots)
        key = session, slots, self._signed, picked, self.painter.live(spot), ages
        row = self._row(session, slots, cursor=cursor)
        return self.painted(key, row, cursor=cursor, fresh=spot in self.newly)

    def _painted_head(self) -> Strip:
        picked = len(self.rows.chosen(self.picked))
        sort = self.rows.view.sort
        pieces = tuple(table_lines.head(self.slots, sort, picked, GUTTER + self._signs))
        return self.painted(pieces, pieces)

    def _head_of(self, head: Head) -> tuple[Piece, ...]:
        return tuple(table_lines.group_line(self.rows, head.name, self._about, self.line_width - 1))

    def _row(self, session: Session, slots: Slots, *, cursor: bool) -> Iterable[Piece]:
        yield _bar(cursor)
        if self._signed:
            picked = session.key in self.picked
            yield from table_lines.sign(picked=picked, pinned=session.pinned, hidden=session.hidden)
        yield from self.painter.row(session, self._now, slots)

    # The mouse.

    def on_mouse_scroll_down(self) -> None:
        """Rows hold still for a wheel, too; the scrolling itself is Textual's."""
        self._hold()

    def on_mouse_scroll_up(self) -> None:
        """See on_mouse_scroll_down."""
        self._hold()

    def on_click(self, event: events.Click) -> None:
        """Select the clicked row, open or collapse the clicked group, sort by the clicked column."""
        if event.y < _HEAD:
            column = column_at(event.x - self._signs, self.slots)
            if column is not None:
                self.post_message(self.Titled(column, event.shift))
            return
        place = self.first_line + event.y - _HEAD
        if place >= len(self.rows):
            return
        self._hold()
        self._select(place)
        if isinstance(self.cursor, Head):
            self.toggle_fold()
        elif event.chain == 2:
            self.post_message(self.Activated())


def _bar(cursor: bool) -> Piece:
    return ("▌" if cursor else " "), "mark"
