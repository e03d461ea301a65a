"""What the session did, and does: all its events, newest at the bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult

from mi6_tui.model import EventType, Session, TimelineQuery
from mi6_tui.tui.rows import Key
from mi6_tui.tui.session.bases import PagedTab
from mi6_tui.tui.session.tab import Pane
from mi6_tui.tui.text import count
from mi6_tui.tui.widgets.bar import Piece
from mi6_tui.tui.widgets.event_stream import EventStream

FILTERS: Final[Mapping[str, tuple[str, ...]]] = {
    "all": (),
    "prompts": (EventType.USER_PROMPT_SUBMIT,),
    "replies": (EventType.ASSISTANT_MESSAGE,),
    "tools": (EventType.PRE_TOOL_USE, EventType.POST_TOOL_USE, EventType.PERMISSION_REQUEST),
    "errors": (EventType.API_ERROR, EventType.INTERRUPT),
    "requests": (EventType.API_REQUEST, EventType.COMPACTION),
}
"""Kinds of events by name; `errors` also has the calls that failed."""


class ActivityTab(PagedTab):
    """The event stream, by kind, held still or followed."""

    LABEL: ClassVar[str] = "activity"

    def __init__(self, session: Session | None, key: Key, at: int | None = None) -> None:
        self._filter = "all"
        self._held = False
        self._missed = 0
        self.stream = EventStream()
        super().__init__(session, key, at)

    def compose(self) -> ComposeResult:
        """Nothing but the stream."""
        yield self.stream

    @property
    def pane(self) -> Pane:
        """The stream."""
        return self.stream

    @property
    def query_of_events(self) -> TimelineQuery:
        """All, or those of one kind."""
        return super().query_of_events.with_(
            event_types=FILTERS[self._filter], failed_calls=self._filter == "errors"
        )

    # News.

    def restart(self, at: int | None = None) -> None:
        """Begin anew: other events are wanted."""
        super().restart(at)
        self._missed = 0

    def take(self, answers: Mapping[str, object]) -> None:
        """Show what is new, unless the stream is held."""
        first, before = not self.timeline.loaded, len(self.timeline.events)
        if not self.timeline.take(answers):
            return
        if self._held and not first:
            self._missed += max(0, len(self.timeline.events) - before)
        else:
            self._draw(restart=first or self.awaited is True)
            if self.awaited is False:
                super().end(last=False)
            self.awaited = None
        # What was asked for has come: there may be something else to ask.
        self.post_message(self.Asks())
        self.post_message(self.Told())

    def _draw(self, *, restart: bool = False) -> None:
        timeline, stream = self.timeline, self.stream
        stream.open_end = not timeline.at_end
        stream.show(self.lines_of_events(), restart=restart)
        if timeline.goal is not None and stream.look_at(str(timeline.goal)):
            timeline.goal = None

    @on(EventStream.Edge)
    def _edge(self, message: EventStream.Edge) -> None:
        message.stop()
        self.further(last=message.last)

    @on(EventStream.Followed)
    def _followed(self, message: EventStream.Followed) -> None:
        message.stop()
        self.post_message(self.Told())

    @on(EventStream.Chosen)
    def _chosen(self, message: EventStream.Chosen) -> None:
        message.stop()
        self._open(message.key)

    def _open(self, key: str) -> None:
        if key.isascii() and key.isdigit():
            self.post_message(self.Jump("conversation", int(key)))

    def state(self) -> Sequence[Piece]:
        """Which kind, and whether it is followed."""
        pieces: list[Piece] = []
        if self._filter != "all":
            pieces.append((f"only {self._filter} ", "$plain"))
        if self._held:
            pieces.append((f"held · {count(self._missed)} new · Space goes on ", "bold $needs-you"))
        elif self.stream.unseen:
            pieces.append((f"{count(self.stream.unseen)} new below · G ", "$needs-you"))
        elif self.timeline.loaded and not self.timeline.events:
            pieces.append(("nothing like that happened ", "$quiet"))
        elif self.stream.following:
            pieces.append(("live ", "$quiet"))
        elif not self.timeline.at_end:
            pieces.append(("earlier · G goes to the end ", "$quiet"))
        return pieces

    # Commands.

    def open(self) -> None:
        """Show the marked event in the conversation."""
        self._open(self.stream.marked)

    def go_to(self, event_id: int) -> None:
        """Show an event among its neighbours."""
        self._held = False
        if self._filter != "all":
            self._filter = "all"
            self.restart(event_id)
        elif self.timeline.go_to(event_id):
            self.post_message(self.Asks())
        else:
            self._draw()

    def hold(self) -> None:
        """Hold the stream still, or go on with all that came meanwhile."""
        self._held = not self._held
        self._missed = 0
        if not self._held:
            self._draw()
        self.post_message(self.Told())

    def filter(self) -> None:
        """Only events of the next kind."""
        names = list(FILTERS)
        self._filter = names[(names.index(self._filter) + 1) % len(names)]
        self.restart()
        self.post_message(self.Told())

    def back(self) -> bool:
        """Take away the mark, then the filter."""
        if self.stream.marked:
            self.stream.marked = ""
            self.stream.refresh()
            return True
        if self._filter != "all":
            self._filter = "all"
            self.restart()
            return True
        return False
