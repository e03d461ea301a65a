"""A long conversation to read: only what is seen is laid out, and only its texts are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from mi6_tui.model import Event
from mi6_tui.tui.session.blocks import Block, Line, Passages
from mi6_tui.tui.session.marking import marked
from mi6_tui.tui.session.stack import Spot, Stack
from mi6_tui.tui.widgets.line_view import LineView

_WHEEL: Final = 3


class ConversationView(LineView):
    """Blocks with a cursor on one of them. The topmost line is what holds still when heights become known."""

    class Wants(Message):
        """Texts that are seen, or nearly, were not read yet."""

        def __init__(self, events: tuple[Event, ...]) -> None:
            super().__init__()
            self.events = events

    class Moved(Message):
        """The view or its cursor moved."""

    class Edge(Message):
        """The first or the last block is seen; there may be more."""

        def __init__(self, last: bool) -> None:
            super().__init__()
            self.last = last

    class Chosen(Message):
        """A block was clicked twice, or a call once at its mark."""

    def __init__(self, passages: Passages, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.stack = Stack(passages)
        self._passages = passages
        self.cursor = ""
        """Key of the block that keys are about."""
        self.following = True
        self.open_end = False
        """Whether more lies behind the last block."""
        self.needle = ""
        """Folded text that is marked wherever it stands."""
        self._top: Spot = (0, 0)
        self._settling = False

    # What is shown.

    def show(self, blocks: Sequence[Block]) -> None:
        """Show other blocks; the topmost of them stays where it is, unless the end is followed."""
        stack = self.stack
        top = stack.blocks[self._top[0]].key if self._top[0] < len(stack.blocks) else ""
        stack.show(blocks, self._room)
        place = stack.place_of(top)
        self._top = (place, self._top[1]) if place is not None else (0, 0)
        if stack.place_of(self.cursor) is None or self.following:
            self.cursor = blocks[-1].key if blocks else ""
        self._stay()

    def changed(self, keys: Iterable[str]) -> None:
        """Some blocks look different now."""
        for key in keys:
            self.stack.forget(key)
        self.stack.show(self.stack.blocks, self._room)
        self._stay()

    @property
    def _room(self) -> int:
        """Cells of a block: all but the cursor's."""
        return max(4, self.line_width - 1)

    def _stay(self) -> None:
        if self.following:
            self._top = self._last_top()
        self._settle()

    def _last_top(self) -> Spot:
        stack = self.stack
        if not stack.blocks:
            return 0, 0
        last = len(stack.blocks) - 1
        return stack.step((last, len(stack.lines(last)) - 1), 1 - max(1, self.size.height))

    def _settle(self) -> None:
        """Lay out what is seen, put the scroll bar where it belongs, ask for what is missing."""
        stack, height = self.stack, max(1, self.size.height)
        if not stack.blocks:
            self.virtual_size = Size(0, 0)
            self.refresh()
            return
        place, within = self._top
        self._top = place, within = place, min(within, len(stack.lines(place)) - 1)
        seen = within + height
        last = place
        while seen > 0 and last < len(stack.blocks):
            seen -= len(stack.lines(last))
            last += 1
        if seen > 0 and self._top != (end := self._last_top()):
            self._top = end  # nothing below the last line
            place, within = end
        self._settling = True
        self.virtual_size = Size(0, stack.height)
        self.jump(stack.starts[place] + within)
        self._settling = False
        self._want(place, last)
        self.refresh()
        self.post_message(self.Moved())

    def _want(self, first: int, last: int) -> None:
        """Ask for the texts of the blocks from `first` to `last`, and of a screenful around them."""
        height = max(1, self.size.height)
        first, spare = first, height
        while first > 0 and spare > 0:
            first -= 1
            spare -= self.stack.starts[first + 1] - self.stack.starts[first]
        spare = height
        while last < len(self.stack.blocks) and spare > 0:
            spare -= self.stack.starts[last + 1] - self.stack.starts[last]
            last += 1
        missing = [
            event
            for block in self.stack.blocks[first:last]
            for event in block.to_read(block.key in self.stack.unfolded)
            if event.id not in self._passages
        ]
        if missing:
            self.post_message(self.Wants(tuple(missing)))

    # Moving.

    @property
    def at_end(self) -> bool:
        """Whether the last line is seen."""
        return self._top >= self._last_top()

    def scroll(self, lines: int) -> None:
        """Move the view by lines; the cursor comes along when it would be lost."""
        self._top = self.stack.step(self._top, lines) if self.stack.blocks else (0, 0)
        self._moved()
        first, last = self._top[0], self.stack.spot(self.first_line + max(1, self.size.height) - 1)[0]
        place = self.stack.place_of(self.cursor)
        if place is not None and not first <= place <= last:
            self.cursor = self.stack.blocks[first if place < first else last].key
            self.refresh()

    def _moved(self) -> None:
        self._settle()
        self.following = self.at_end and not self.open_end
        if self._top == (0, 0):
            self.post_message(self.Edge(last=False))
        elif self.at_end and self.open_end:
            self.post_message(self.Edge(last=True))

    def move(self, step: int) -> None:
        """Move the cursor by blocks; through a tall one by lines."""
        place = self.stack.place_of(self.cursor)
        if place is None:
            return
        start, end = self.stack.starts[place], self.stack.starts[place + 1]
        top, height = self.first_line, max(1, self.size.height)
        beyond = end > top + height if step > 0 else start < top
        if beyond:
            self.scroll(step)
            return
        other = max(0, min(place + (1 if step > 0 else -1), len(self.stack.blocks) - 1))
        if other == place:
            self.scroll(step)
            return
        self.cursor = self.stack.blocks[other].key
        self._bring_in(other)

    def _bring_in(self, place: int) -> None:
        """Scroll as little as needed to see the beginning of a block, or all of it where it fits."""
        lines, height = len(self.stack.lines(place)), max(1, self.size.height)
        start, top = self.stack.starts[place], self.first_line
        if start < top:
            # From below one comes to its end first.
            self._top = (place, max(0, lines - height))
        elif start + min(lines, height) > top + height:
            self._top = self.stack.step((place, min(lines, height) - 1), 1 - height)
        self._moved()

    def move_page(self, pages: float) -> None:
        """Move the view by a share of what is visible."""
        self.scroll(round(pages * max(1, self.size.height)))

    def move_to_end(self, *, last: bool) -> None:
        """Move to the first or the last line."""
        if self.stack.blocks:
            self.cursor = self.stack.blocks[-1 if last else 0].key
            self._top = self._last_top() if last else (0, 0)
            self._moved()

    def look_at(self, key: str) -> bool:
        """Put the cursor on a block and show what is looked for in it; False if it is not loaded."""
        place = self.stack.place_of(key)
        if place is None:
            return False
        self.cursor, self.following = key, False
        within = 0
        if self.needle:
            lines = self.stack.lines(place)
            within = next((n for n, line in enumerate(lines) if self.needle in _folded(line)), 0)
        height = max(1, self.size.height)
        if within < height // 2:
            within = 0
        self._top = self.stack.step((place, within), -(height // 3))
        self._moved()
        self.following = False
        return True

    @property
    def block(self) -> Block | None:
        """The one under the cursor."""
        place = self.stack.place_of(self.cursor)
        return None if place is None else self.stack.blocks[place]

    def fold(self) -> None:
        """Show the call under the cursor in full, or in one line again."""
        block = self.block
        if block is not None and block.is_call:
            self.following = False
            self.stack.unfolded ^= {block.key}
            self.changed([block.key])

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The scroll bar was dragged."""
        super().watch_scroll_y(old_value, new_value)
        if not self._settling and self.is_mounted and self.stack.blocks:
            self._top = self.stack.spot(round(new_value))
            self._moved()

    def on_resize(self) -> None:
        """Lines break elsewhere."""
        self.call_after_refresh(self.changed, ())

    # The mouse.

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Look back."""
        event.stop()
        event.prevent_default()
        self.scroll(-_WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Come back."""
        event.stop()
        event.prevent_default()
        self.scroll(_WHEEL)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the clicked block; a call unfolds."""
        line = self.first_line + event.y
        if line < self.stack.height:
            place, within = self.stack.spot(line)
            self.cursor = self.stack.blocks[place].key
            self.refresh()
            if within == self.stack.blocks[place].gap:
                self.fold()

    # Painting.

    def render_line(self, y: int) -> Strip:
        """The line at `y` of the view."""
        line = self.first_line + y
        if line >= self.stack.height:
            return self.painted("blank", ())
        place, within = self.stack.spot(line)
        lines = self.stack.lines(place)
        if within >= len(lines):
            return self.painted("blank", ())
        here = self.stack.blocks[place].key == self.cursor
        pieces = marked(lines[within], self.needle)
        return self.painted((pieces, here), (("▌" if here else " ", "mark"), *pieces))


def _folded(line: Line) -> str:
    return "".join(piece[0] for piece in line).casefold()
