"""What was said, in full, and what was done for it: to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.message import Message
from textual.widgets import Input

from mi6_tui.ingest.reading_back import Passage
from mi6_tui.log import logger
from mi6_tui.model import Event, Session, TimelineQuery
from mi6_tui.model.session_reads import Moment, moment_of
from mi6_tui.tui import text
from mi6_tui.tui.feed import Question
from mi6_tui.tui.rows import Key
from mi6_tui.tui.session.bases import PagedTab
from mi6_tui.tui.session.blocks import TYPES, blocks_of
from mi6_tui.tui.session.conversation_view import ConversationView
from mi6_tui.tui.session.finding import BEGINNING, END, Find, Sought
from mi6_tui.tui.session.reading import read_here
from mi6_tui.tui.session.tab import Pane
from mi6_tui.tui.widgets.ask_bar import AskBar
from mi6_tui.tui.widgets.bar import Piece

_KEPT: Final = 4_000_000
"""Characters of texts that are kept after they were read."""


class ReadBack(Message):
    """Texts were read from the transcript."""

    def __init__(self, passages: Mapping[int, Passage]) -> None:
        super().__init__()
        self.passages = passages


class ConversationTab(PagedTab):
    """Prompts and replies, calls in one line each; words can be looked for."""

    LABEL: ClassVar[str] = "conversation"

    def __init__(self, session: Session | None, key: Key, at: int | None = None) -> None:
        super().__init__(session, key, at)
        self.passages: dict[int, Passage] = {}
        self.view = ConversationView(self.passages)
        self.ask_bar = AskBar("/", "words to look for", id="find")
        self.ask_bar.display = False
        self._reading: set[int] = set()
        self._waiting: tuple[Event, ...] = ()
        self._find: Find | None = None
        self._wrapped = False
        self._last: Event | None = None
        """What was found last."""
        self._found = ""
        """What came of the search, in a few words."""

    def compose(self) -> ComposeResult:
        """The text, and a line to ask in."""
        yield self.view
        yield self.ask_bar

    @property
    def pane(self) -> Pane:
        """The text."""
        return self.view

    @property
    def query_of_events(self) -> TimelineQuery:
        """What a conversation is made of."""
        return super().query_of_events.with_(event_types=TYPES)

    # News.

    def questions(self) -> Mapping[str, Question]:
        """The latest events, a page of others where the user looks, and what he looks for."""
        found: dict[str, Question] = {} if self._find is None else {"find": self._find}
        return {**super().questions(), **found}

    def take(self, answers: Mapping[str, object]) -> None:
        """Show what is new."""
        sought = answers.get("find")
        if isinstance(sought, Sought) and self._find is not None:
            self._sought(sought)
        if self.timeline.take(answers):
            self._draw()
            if self.awaited is not None:
                self.view.move_to_end(last=self.awaited)
                self.awaited = None
            self.post_message(self.Asks())

    def _draw(self) -> None:
        timeline, view = self.timeline, self.view
        view.open_end = not timeline.at_end
        if view.open_end:
            view.following = False
        view.show(blocks_of(self.lines_of_events(), timeline.events))
        self._look_at_goal()

    def _look_at_goal(self) -> None:
        goal = self.timeline.goal
        if goal is None:
            return
        for block in self.view.stack.blocks:
            if goal in {event.id for event in (block.event, block.result) if event is not None}:
                if block.is_call:
                    self.view.stack.unfolded.add(block.key)
                    self.view.changed([block.key])
                self.view.look_at(block.key)
                # Where in it can only be said when all of it is there.
                missing = block.to_read(True)
                if all(event.id in self.passages for event in missing):
                    self.timeline.goal = None
                return
        if self.timeline.at_start or self.timeline.at_end:
            self.timeline.goal = None

    @on(ConversationView.Edge)
    def _edge(self, message: ConversationView.Edge) -> None:
        message.stop()
        self.further(last=message.last)

    @on(ConversationView.Moved)
    def _moved(self, message: ConversationView.Moved) -> None:
        message.stop()
        self.post_message(self.Told())

    # Texts.

    @on(ConversationView.Wants)
    def _wants(self, message: ConversationView.Wants) -> None:
        message.stop()
        self._waiting = message.events
        self._read_next()

    def _read_next(self) -> None:
        """One reading at a time, of what is wanted by then."""
        wanted = [event for event in self._waiting if event.id not in self.passages]
        if not self._reading and wanted:
            self._waiting = ()
            self._reading = {event.id or 0 for event in wanted}
            self.run_worker(
                partial(self._read, wanted),
                name="transcript",
                thread=True,
                group="transcript",
                exit_on_error=False,
            )

    def _read_here(self, events: Sequence[Event]) -> list[Passage]:
        return read_here(events, in_database=self.mi6.feed.in_database)

    def _read(self, events: Sequence[Event]) -> None:
        try:
            found = self._read_here(events)
        except Exception as error:  # the border of this thread: what cannot be read is shown as it is stored
            logger().exception("a transcript could not be read back")
            found = [Passage(event.text, type(error).__name__) for event in events]
        ids = [event.id or 0 for event in events]
        self.post_message(ReadBack(dict(zip(ids, found, strict=True))))

    @on(ReadBack)
    def _was_read(self, message: ReadBack) -> None:
        message.stop()
        self._reading = set()
        size = sum(len(passage.text) for passage in self.passages.values())
        while self.passages and size > _KEPT:
            oldest = next(iter(self.passages))
            size -= len(self.passages.pop(oldest).text)
        self.passages.update(message.passages)
        keys = [
            block.key
            for block in self.view.stack.blocks
            if any(
                event is not None and event.id in message.passages for event in (block.event, block.result)
            )
        ]
        self.view.changed(keys)
        self._look_at_goal()
        self._read_next()

    # Commands.

    def go_to(self, event_id: int) -> None:
        """Show an event among its neighbours."""
        if self.timeline.go_to(event_id):
            self.post_message(self.Asks())
        else:
            self._look_at_goal()

    def open(self) -> None:
        """Unfold the call under the cursor, or fold it."""
        self.view.fold()

    def copied(self) -> str | None:
        """The text of the block under the cursor, as far as it was read."""
        block = self.view.block
        return None if block is None else block.copied(self.passages) or None

    def state(self) -> Sequence[Piece]:
        """What came of a search, and how far down the end is."""
        if self.view.needle or self._find is not None:
            return ((f"{self._found} ", "$plain"), ("n N Esc ", "$quiet"))
        if not self.timeline.loaded:
            return ()
        if not self.view.stack.blocks:
            return (("nothing was said yet ", "$quiet"),)
        if self.view.following:
            return (("live ", "$quiet"),)
        height, seen = self.view.stack.height, self.view.first_line + self.view.size.height
        part = text.percent(min(1.0, seen / height)) if height else ""
        whole = "" if self.timeline.at_start else " of what is loaded"
        return ((f"{part}{whole} ", "$quiet"),)

    # Looking for words.

    def find(self) -> None:
        """Ask for words."""
        self.ask_bar.display = True
        self.ask_bar.tell()
        self.ask_bar.input.value = ""
        self.ask_bar.input.focus()

    @on(Input.Submitted)
    def _asked(self, message: Input.Submitted) -> None:
        message.stop()
        needle = self.ask_bar.text.casefold()
        self._close_bar()
        self.view.needle = needle
        self.view.refresh()
        self._find = None
        if needle:
            self.found(1)
        self.post_message(self.Told())

    def _close_bar(self) -> None:
        self.ask_bar.display = False
        self.view.focus()

    def found(self, step: int) -> bool:
        """Go to the next block that holds the words, or to the one before."""
        if not self.view.needle:
            return False
        self._wrapped = False
        place = self._place(step)
        self._look_for(self.view.needle, place, step)
        return True

    def _look_for(self, needle: str, place: Moment, step: int) -> None:
        self._seek(Find(self.query_of_events, needle, place, step, self._read_here), "looking …")

    def _place(self, step: int) -> Moment:
        """From where on to look: what was found last, if the cursor is still there, else the cursor."""
        block = self.view.block
        if block is None or block.event is None:
            return BEGINNING if step > 0 else END
        last = self._last
        if last is not None and last in (block.event, block.result):
            return moment_of(last)
        return moment_of(block.event)

    def _seek(self, find: Find, words: str) -> None:
        self._find, self._found = find, words
        self.post_message(self.Asks())
        self.post_message(self.Told())

    def _sought(self, sought: Sought) -> None:
        self._find = None
        if sought.needle != self.view.needle:
            return
        if sought.event is not None and sought.event.id is not None:
            self._last = sought.event
            self._found = "found" if not self._wrapped else "found, from the other end"
            self.go_to(sought.event.id)
        elif not sought.exhausted:
            self._look_for(sought.needle, sought.place, sought.step)
        elif not self._wrapped:
            self._wrapped = True
            place = BEGINNING if sought.step > 0 else END
            self._look_for(sought.needle, place, sought.step)
        else:
            self._found = "not found"
        self.post_message(self.Asks())
        self.post_message(self.Told())

    def back(self) -> bool:
        """Close the line to ask in, or let go of what was looked for."""
        if self.ask_bar.display:
            self._close_bar()
            return True
        if self.view.needle or self._find is not None:
            self.view.needle, self._find, self._found = "", None, ""
            self.view.refresh()
            self.post_message(self.Asks())
            self.post_message(self.Told())
            return True
        return False
