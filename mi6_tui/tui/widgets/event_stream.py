"""What one session did: newest at the bottom, followed until the user looks back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from mi6_tui.tui import text
from mi6_tui.tui.event_lines import Line
from mi6_tui.tui.widgets.scroller import Scroller


class EventStream(Scroller):
    """Lines in a scroll view. Any upward movement stops following; the end starts it again."""

    class Followed(Message):
        """Following started or stopped, or lines arrived below the ones on show."""

        def __init__(self, unseen: int) -> None:
            super().__init__()
            self.unseen = unseen

    class Edge(Message):
        """The user moved to the first or the last of the lines, where there may be more."""

        def __init__(self, last: bool) -> None:
            super().__init__()
            self.last = last

    class Chosen(Message):
        """The user clicked a line."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.lines: Sequence[Line] = ()
        self.open_end = False
        """Whether more lies behind the last line: the end is then not followed."""
        self.marked = ""
        """Key of the line that was looked for."""
        self.following = True
        self.unseen = 0
        """Lines that came while the user was looking at older ones."""

    def show(self, lines: Sequence[Line], *, restart: bool = False) -> None:
        """Show `lines`; `restart` when they are another session's."""
        if restart:
            self.following, self.unseen = True, 0
        places = {line.key: place for place, line in enumerate(lines)}
        newest = places.get(self.lines[-1].key) if self.lines else None
        top = places.get(self.lines[self.first_line].key) if self.first_line < len(self.lines) else None
        self.lines = lines
        self.virtual_size = Size(0, len(lines))
        if self.open_end:
            self.following = False
        if self.following:
            self.jump(len(lines))
        else:
            if not self.open_end:
                self.unseen += len(lines) - 1 - newest if newest is not None else len(lines)
            if top is not None:
                self.jump(top)
        self.refresh()
        self.post_message(self.Followed(self.unseen))

    # Moving.

    def look_at(self, key: str) -> bool:
        """Mark the line of `key` and show it in the middle; False if there is none."""
        place = next((place for place, line in enumerate(self.lines) if line.key == key), None)
        if place is None:
            return False
        self.marked = key
        super()._go(place - self.size.height // 2)
        self._follow(False)
        self.refresh()
        return True

    def _go(self, line: int) -> None:
        end = max(0, len(self.lines) - self.size.height)
        super()._go(line)
        self._follow(line >= end and not self.open_end)
        if line <= 0 or (line >= end and self.open_end):
            self.post_message(self.Edge(last=line > 0))

    def _follow(self, following: bool) -> None:
        self.following = following
        if following:
            self.unseen = 0
        self.post_message(self.Followed(self.unseen))

    def on_click(self, event: events.Click) -> None:
        """Tell which line was clicked."""
        place = self.first_line + event.y
        if place < len(self.lines):
            self.post_message(self.Chosen(self.lines[place].key))

    def on_resize(self) -> None:
        """Keep the newest line at the bottom."""
        self.call_after_refresh(self._stay)

    def _stay(self) -> None:
        if self.following:
            self.jump(len(self.lines))

    # Painting.

    def render_line(self, y: int) -> Strip:
        """The line at `y` of the view; a short list stands at the top."""
        place = self.first_line + y
        if place >= len(self.lines):
            return self.painted("blank", ())
        line = self.lines[place]
        return self.painted(line, self._pieces(line), cursor=line.key == self.marked)

    def _pieces(self, line: Line) -> Iterable[tuple[str, str]]:
        width = self.line_width
        if not line.time:
            yield text.fit(f" {line.text}", width), "faint"
            return
        yield f" {line.time} ", "faint"
        yield f"{line.glyph} {text.fit(line.word, 11)} ", line.ink
        left = width - 24
        measure = f" {line.measure} " if line.measure and left >= 24 else ""
        body = "plain" if line.ink in ("turn", "needs-you", "trouble", "working") else line.ink
        yield text.fit(line.text, max(1, left - cell_len(measure))), body
        yield measure, line.measure_ink
