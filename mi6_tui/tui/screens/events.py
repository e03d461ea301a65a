"""Everything that happens, in all sessions, as it happens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.timer import Timer
from textual.widgets import Input

from mi6_tui.query import QueryError, parse
from mi6_tui.tui import text
from mi6_tui.tui.commands import PAGE, Command, bindings
from mi6_tui.tui.event_lines import event_lines
from mi6_tui.tui.event_log import KINDS, Caught, EventLog, EventRow, LatestEvents, Wanted
from mi6_tui.tui.feed import FeedTick, Question
from mi6_tui.tui.moving import MovingPage
from mi6_tui.tui.widgets.ask_bar import AskBar
from mi6_tui.tui.widgets.bar import Bar, Piece
from mi6_tui.tui.widgets.footer import Footer
from mi6_tui.tui.widgets.pick_list import PickList
from mi6_tui.tui.worker import ScanView

COMMANDS: Final = (
    Command("open", "enter", "Enter", "open", "Open the session at this event", PAGE),
    Command("pause", "space", "Space", "pause", "Hold the stream still, and go on", PAGE),
    Command("move(1)", "down,j", "↓ j", "down", "Next and previous event"),
    Command("move(-1)", "up,k", "↑ k", "up"),
    Command("end(False)", "home,g", "Home g", "first", "The oldest event; the newest, which is followed"),
    Command("end(True)", "end,G", "End G", "follow", footer=PAGE),
    Command("page(1.0)", "pagedown", "PgDn", "page down", "A page down and up"),
    Command("page(-1.0)", "pageup", "PgUp", "page up"),
    Command("page(0.5)", "ctrl+d", "Ctrl+D", "half down", "Half a page down and up"),
    Command("page(-0.5)", "ctrl+u", "Ctrl+U", "half up"),
    Command("kind(1)", "tab", "Tab", "kind", "Only prompts, replies, tools, ...; all again", PAGE),
    Command("kind(-1)", "shift+tab", "Shift+Tab", "kind back"),
    Command("client", "c", "c", "client", "Only events of one client; of the next; of all", PAGE),
    Command("ask", "slash", "/", "query", "Only events of the sessions that a query finds", PAGE),
    Command("back", "escape", "Esc", "back", "Leave the query, show all events again, or leave the page"),
)

EVERY: Final = 0.25
"""Seconds between two paintings of a stream that runs."""
_KIND: Final = re.compile(r"(?<!\S)kind:(\S*)\s*")
_TIME: Final = 8
_WORD: Final = 11
_PROJECT: Final = 14
_NAME: Final = 24
_ROOM_FOR_PROJECT: Final = 64
_ROOM_FOR_NAME: Final = 110
"""Cells from which on a line has these."""


class EventList(PickList[EventRow]):
    """The stream; with the cursor on the last line it is followed."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.zone: tzinfo | None = None

    @property
    def following(self) -> bool:
        """Whether new events are shown as they come."""
        return self.cursor >= len(self.rows) - 1

    def follow(self, rows: list[EventRow]) -> None:
        """Show other rows, and stay at the end if that is where the cursor is."""
        following = self.following
        self.show(rows)
        if following:
            self.move_to_end(last=True)

    def draw(self, row: EventRow, width: int) -> Iterable[Piece]:
        """Time, kind, whose it is, what it is, and a measure at the right end."""
        if row.event is None:
            yield text.fit(row.day, width), "faint"
            return
        both = [row.event] if row.result is None else [row.event, row.result]
        line = event_lines(both, self.zone, now=row.event.timestamp, requests=True)[0]
        yield f"{text.fit(line.time, _TIME)} ", "faint"
        yield f"{line.glyph} {text.fit(line.word, _WORD)} ", line.ink
        left = width - _TIME - _WORD - 4
        if row.place is not None and width >= _ROOM_FOR_PROJECT:
            yield f"{text.fit(row.place.project, _PROJECT)} ", "quiet"
            left -= _PROJECT + 1
        if row.place is not None and width >= _ROOM_FOR_NAME:
            yield f"{text.fit(row.place.name, _NAME)} ", "faint"
            left -= _NAME + 1
        measure = f" {line.measure} " if line.measure and left >= 24 else ""
        body = "plain" if line.ink in ("turn", "needs-you", "trouble", "working") else line.ink
        yield text.fit(line.text, max(1, left - cell_len(measure))), body
        yield measure, line.measure_ink


class EventsScreen(MovingPage):
    """The stream, what is wanted of it, and a way to hold it still."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]

    def __init__(self) -> None:
        super().__init__()
        self._wanted = Wanted()
        self._question: LatestEvents | None = None
        self._log = EventLog()
        self._changed = False
        self._rest: Timer | None = None
        self._paused = False
        self._missed = 0
        """Events that came while the stream was held, or while the user looked back."""
        self._scan = ScanView()
        self.head = Bar(keeps_left=True, id="header")
        self.list = EventList(id="stream")
        self.ask_bar = AskBar("/", "branch~feat cost>3 kind:tools", id="ask")
        self.foot = Footer(COMMANDS, id="footer")

    @property
    def pane(self) -> EventList:
        """What the keys move."""
        return self.list

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield self.head
        yield self.list
        yield self.ask_bar
        yield self.foot

    def on_mount(self) -> None:
        """Begin at the end."""
        self.list.zone = self.mi6.zone
        self.ask_bar.display = False
        self.ask_bar.tell()
        self.list.focus()
        self._tell()

    # News.

    def questions(self) -> Mapping[str, Question]:
        """One, anew each time: what is shown begins with the latest."""
        return {"events": LatestEvents(self._wanted, self.mi6.now)}

    def take(self, tick: FeedTick) -> None:
        """Keep what came, and paint it if the last painting is long enough ago."""
        caught = tick.answers.get("events")
        if isinstance(caught, Caught):
            new = self._log.take(caught)
            if not caught.anew and (self._paused or not self.list.following):
                self._missed += new
            self._changed = True
            if self._rest is None:
                self._paint()

    def _paint(self) -> None:
        self._rest = None
        if self._changed and not self._paused:
            self._changed = False
            self.list.follow(self._log.rows(self.mi6.zone, self.mi6.now()))
            self._rest = self.set_timer(EVERY, self._paint)
        self._tell()

    def take_scan(self, view: ScanView) -> None:
        """Show how the scan stands."""
        self._scan = view
        self._tell()

    def _tell(self) -> None:
        left: list[Piece] = [(" mi6 ", "bold $name"), (" events", "bold $plain")]
        left.append((f" · {self._wanted.kind or 'activity'}", "$plain" if self._wanted.kind else "$quiet"))
        if self._wanted.framework is not None:
            left.append((f" · {text.clean(self._wanted.framework, 20)}", "$plain"))
        if self._wanted.sessions is not None:
            left.append((f" · {text.clean(str(self._wanted.sessions), 60)}", "$plain"))
        right: list[Piece] = []
        if self._paused:
            right = [
                (f"held · {text.plural(self._missed, 'event')} since · Space goes on ", "bold $needs-you")
            ]
        elif not self.list.rows:
            right = [("nothing like that happened ", "$quiet")]
        elif self.list.following:
            right = [("live ", "$working")]
        self.head.say(left, right)
        self.foot.show(self._scan, unseen=0 if self._paused else self._missed)

    @on(PickList.Moved)
    def _moved(self) -> None:
        if self.list.following and not self._paused:
            self._missed = 0
        self._tell()

    # Commands.

    def action_end(self, last: bool) -> None:
        """Move to either end; the last is followed, held or not before."""
        if last and self._paused:
            self.action_pause()
        super().action_end(last)

    def action_pause(self) -> None:
        """Hold the stream still, or go on with all that came meanwhile."""
        self._paused = not self._paused
        if not self._paused:
            self._missed = 0
            if self._rest is not None:
                self._rest.stop()
            self._paint()
        self._tell()

    def action_open(self) -> None:
        """Open the session of the event under the cursor, at its place."""
        row = self.list.selected
        if row is not None and row.event is not None:
            event = row.event
            self.mi6.open_session((event.machine_id, event.session_id), at=event.id)

    @on(PickList.Chosen)
    def _chosen(self) -> None:
        self.action_open()

    # What is wanted.

    def _want(self, wanted: Wanted) -> None:
        if wanted != self._wanted:
            self._wanted = wanted
            self._missed, self._paused = 0, False
            self.list.move_to_end(last=True)
            self.ask_again()
            self._tell()

    def action_kind(self, step: int) -> None:
        """Only events of the next kind."""
        kinds = [None, *KINDS]
        place = (kinds.index(self._wanted.kind) + step) % len(kinds)
        self._want(Wanted(kinds[place], self._wanted.framework, self._wanted.sessions))

    def action_client(self) -> None:
        """Only events of the next client that was seen."""
        names = [None, *sorted(self._log.frameworks)]
        now = self._wanted.framework
        place = (names.index(now) + 1) % len(names) if now in names else 0
        self._want(Wanted(self._wanted.kind, names[place], self._wanted.sessions))

    def action_ask(self) -> None:
        """Type a query."""
        self.ask_bar.display = True
        self.ask_bar.input.focus()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._read()

    @on(Input.Submitted)
    def _done(self) -> None:
        if self._read():
            self.ask_bar.display = bool(self.ask_bar.text)
            self.list.focus()

    def _read(self) -> bool:
        """Take over what was typed; False while it is no query."""
        typed = self.ask_bar.text
        kind = self._wanted.kind
        for word in _KIND.findall(typed):
            kind = next((name for name in KINDS if name.replace(" ", "-") == word), None)
            if kind is None:
                names = ", ".join(name.replace(" ", "-") for name in KINDS)
                self.ask_bar.tell(f"kind: is one of {names}")
                return False
        words = _KIND.sub("", typed).strip()
        try:
            sessions = parse(words) if words else None
        except QueryError as error:
            self.ask_bar.tell(str(error))
            return False
        self.ask_bar.tell()
        self._want(Wanted(kind, self._wanted.framework, sessions))
        return True

    def action_back(self) -> None:
        """Leave the query, or show everything again, or leave."""
        if self.ask_bar.input.has_focus:
            self.list.focus()
            self.ask_bar.display = bool(self.ask_bar.text)
        elif self._wanted != Wanted():
            self.ask_bar.input.value = ""
            self.ask_bar.display = False
            self._want(Wanted())
        else:
            super().action_back()
