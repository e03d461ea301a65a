"""What some tabs have in common: a loaded stretch of events, or a page of lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult

from mi6_tui.model import Session, TimelineQuery
from mi6_tui.tui.event_lines import EventLines
from mi6_tui.tui.event_lines import Line as EventLine
from mi6_tui.tui.feed import Question
from mi6_tui.tui.rows import Key
from mi6_tui.tui.session.tab import Pane, Tab
from mi6_tui.tui.session.timeline import Timeline
from mi6_tui.tui.widgets.scroller import Page


class PagedTab(Tab):
    """A tab over a timeline; heirs say in `query` what is in it."""

    def __init__(self, session: Session | None, key: Key, at: int | None = None) -> None:
        super().__init__(session, key)
        self.timeline = Timeline(self.query_of_events, at)
        self.awaited: bool | None = None
        """Set while the last (True) or the first events are awaited, to be looked at."""
        self._lines: EventLines | None = None

    @property
    def query_of_events(self) -> TimelineQuery:
        """Which events."""
        machine_id, session_id = self.key
        return TimelineQuery(
            machine_id=machine_id,
            session_id=session_id,
            without_repeats=self.session is not None and self.session.transcript_available,
        )

    def questions(self) -> Mapping[str, Question]:
        """The latest events, and a page of others where the user looks."""
        return self.timeline.questions()

    def resume(self) -> None:
        """Go on with what came meanwhile."""
        self.timeline.resume()

    def show_session(self, session: Session) -> None:
        """Once there is a transcript, what hooks repeat of it is left out."""
        super().show_session(session)
        if self.query_of_events != self.timeline.query:
            self.restart()

    def restart(self, at: int | None = None) -> None:
        """Begin anew: other events are wanted."""
        self.timeline = Timeline(self.query_of_events, at)
        self.post_message(self.Asks())

    def lines_of_events(self) -> Sequence[EventLine]:
        """A line for each of the loaded events."""
        if self._lines is None:
            self._lines = EventLines(self.mi6.zone)
        return self._lines.of(self.timeline.events, self.mi6.now())

    def further(self, *, last: bool) -> None:
        """Ask for what lies behind the last of the loaded events, or before the first."""
        if self.timeline.newer() if last else self.timeline.older():
            self.post_message(self.Asks())

    def end(self, *, last: bool) -> None:
        """Go to the very first event, or to the latest and follow them."""
        if self.timeline.go_to_end() if last else self.timeline.go_to_start():
            self.awaited = last
            self.post_message(self.Asks())
        else:
            super().end(last=last)


class PageTab(Tab):
    """A tab of lines that are drawn anew whenever something is different."""

    def __init__(self, session: Session | None, key: Key) -> None:
        super().__init__(session, key)
        self.page = Page(id="page")

    def compose(self) -> ComposeResult:
        """The page."""
        yield self.page

    @property
    def pane(self) -> Pane:
        """The page."""
        return self.page

    def show_session(self, session: Session) -> None:
        """The row is another one."""
        super().show_session(session)
        self.draw_page()

    def tick(self, now: int) -> None:
        """Ages read differently."""
        self.draw_page()

    def on_resize(self) -> None:
        """Lines break elsewhere."""
        self.call_after_refresh(self.draw_page)

    def draw_page(self) -> None:
        """Draw it, if there is anything to draw yet."""
        if self.session is not None and self.page.is_mounted:
            self.page.show(self.lines(self.session, self.page.line_width))

    def lines(self, session: Session, width: int) -> Sequence[tuple[tuple[str, str], ...]]:
        """All lines."""
        raise NotImplementedError
