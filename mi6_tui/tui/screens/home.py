"""Home: who needs you, what is everyone doing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from mi6_tui.model import Session
from mi6_tui.tui.commands import Place, bindings
from mi6_tui.tui.feed import FeedTick, Watched
from mi6_tui.tui.rows import Key, SessionRows
from mi6_tui.tui.widgets.bar import Bar
from mi6_tui.tui.widgets.details import Details
from mi6_tui.tui.widgets.empty import Empty
from mi6_tui.tui.widgets.event_stream import EventStream
from mi6_tui.tui.widgets.footer import Footer
from mi6_tui.tui.widgets.header import Header
from mi6_tui.tui.widgets.scroller import Scroller
from mi6_tui.tui.widgets.session_table import SessionTable
from mi6_tui.tui.worker import ScanView

RECENT: Final = 300
"""Events of the selected session that the details panel holds."""
HISTORY: Final = 1000
"""Events that an opened session holds."""
_TALL: Final = 30
"""Lines of screen from which details are shown unasked, however long the list is."""
_FRAME: Final = 3
"""Lines of header, column heads and footer."""
_ROOM: Final = 8
"""Lines left below the list that are enough for details."""


class HomeScreen(Screen[None]):
    """The session table with its header, details and footer."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]

    def __init__(
        self,
        sessions: Sequence[Session],
        *,
        clock: Callable[[], int],
        zone: tzinfo | None,
        folders: Callable[[], Sequence[Path]],
        watch: Callable[[Watched | None], None],
        mark_seen: Callable[[Session, int], None],
    ) -> None:
        super().__init__()
        self._clock = clock
        self._folders = folders
        self._watch = watch
        self._mark_seen = mark_seen
        self._scan = ScanView()
        self._feed_problem = ""
        self._troubles: dict[str, str] = {}
        self._offered = False
        self._details_wanted: bool | None = None
        self._opened = False
        self._known_empty = not sessions
        self.header = Header(keeps_left=True, id="header")
        self.banner = Bar(id="banner")
        self.table = SessionTable(SessionRows(), clock(), id="sessions")
        self.empty = Empty(id="empty")
        self.details = Details(clock, zone, id="details")
        self.footer = Footer(id="footer")
        self._first = sessions

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield self.header
        yield self.banner
        yield self.table
        yield self.empty
        yield self.details
        yield self.footer

    def on_mount(self) -> None:
        """Show what the store held when the program started."""
        self.take(FeedTick(tuple(self._first)))
        self._first = ()
        self._arrange()
        self.table.focus()
        self.set_interval(1.0, self.tick)

    # News.

    def take(self, tick: FeedTick) -> None:
        """Apply what the feed found."""
        if tick.problem != self._feed_problem:
            self._feed_problem = tick.problem
            self._show_banner()
        table = self.table
        table.show(tick.sessions, self._clock())
        if table.cursor is None and len(table.rows):
            table.select(table.rows.keys[0])
        if tick.sessions or not table.rows.known:
            self.header.show(table.rows.summary())
            self._show_empty()
            if any(session.key == table.cursor for session in tick.sessions):
                self.details.show(table.selected)
        if tick.activity is not None and tick.activity.key == table.cursor:
            self.details.show_activity(tick.activity)
        if tick.claims is not None:
            self.details.show_claims(tick.claims)
        self._make_room()

    def take_scan(self, view: ScanView) -> None:
        """Show how the scan stands."""
        self._scan = view
        if not len(self.table.rows):
            self._show_empty()
        self._show_footer()
        self._show_banner()

    def take_trouble(self, what: str, problem: str) -> None:
        """Show what is wrong with `what`, or with an empty `problem` that it is right again."""
        self._troubles[what] = problem
        self._show_banner()

    def take_offer(self, offered: bool) -> None:
        """Show, or no longer, that hooks would add something."""
        if offered != self._offered:
            self._offered = offered
            self._show_footer()
            self._show_empty()

    def tick(self) -> None:
        """The clock moved."""
        if self.is_current:
            self.table.tick(self._clock())
            self.details.tick()
            self._make_room()

    def _show_banner(self) -> None:
        told = (self._feed_problem, *self._troubles.values(), *self._scan.problems[-1:])
        problems = [text for text in told if text]
        if self._scan.state is not None and self._scan.state.reason:
            problems.append(self._scan.state.reason)
        more = len(self._scan.problems) - 1
        suffix = f" (and {more} more)" if more > 0 else ""
        self.banner.say([(f" ▲ {problems[0]}{suffix}", "$trouble")] if problems else ())
        self.banner.display = bool(problems)

    def _show_footer(self) -> None:
        unseen = 0 if self.details.why else self.details.stream.unseen
        self.footer.show(self._scan, self._place, unseen=unseen, offered=self._offered)

    @property
    def _place(self) -> Place:
        if self._opened:
            return "opened"
        if len(self.table.rows):
            return "list"
        return "ended" if self.table.rows.known else "empty"

    def _show_empty(self) -> None:
        rows = self.table.rows
        empty = not len(rows)
        if empty and self._feed_problem:
            self.empty.show_trouble()
        elif empty and self._scan.progress is not None:
            self.empty.show_reading()
        elif empty and rows.known:
            self.empty.show_all_ended(rows.known)
        elif empty:
            self.empty.show_start(self._folders(), offered=self._offered)
        if empty != self._known_empty or empty != self.empty.display:
            self._known_empty = empty
            self._arrange()

    # Layout.

    def _arrange(self) -> None:
        empty = not len(self.table.rows)
        self._opened = self._opened and not empty
        self.empty.display = empty
        self.table.display = not empty and not self._opened
        self.details.display = self._details_due
        self.table.set_class(not self.details.display, "-alone")
        self.details.set_class(self._opened, "-opened")
        self._follow()
        self._show_footer()

    @property
    def _details_due(self) -> bool:
        """Whether details belong on the screen: opened, asked for, or there is room."""
        rows = len(self.table.rows)
        if not rows:
            return False
        if self._opened:
            return True
        if self._details_wanted is not None:
            return self._details_wanted
        height = self.size.height
        return height >= _TALL or height - rows - _FRAME >= _ROOM

    def _make_room(self) -> None:
        """The list grew or shrank."""
        if self._details_due != self.details.display:
            self._arrange()

    def _follow(self) -> None:
        """What is hidden asks the store nothing."""
        key, why = self.table.cursor, self.details.why
        limit = HISTORY if self._opened else RECENT
        shown = key is not None and self.details.display
        self._watch(Watched(key, 0 if why else limit, why) if key is not None and shown else None)

    def on_resize(self, event: events.Resize) -> None:
        """A tall screen has room for details."""
        self._arrange()

    @on(SessionTable.Highlighted)
    def _highlighted(self, message: SessionTable.Highlighted) -> None:
        message.stop()
        self.details.show(self.table.selected)
        self._follow()

    @on(EventStream.Followed)
    def _followed(self, message: EventStream.Followed) -> None:
        message.stop()
        self._show_footer()

    # Commands.

    @property
    def _pane(self) -> SessionTable | Scroller:
        return self.details.pane if self._opened else self.table

    @property
    def looked_at(self) -> Key | None:
        """The session that fills the screen."""
        return self.table.cursor if self._opened else None

    def action_move(self, step: int) -> None:
        """Move by lines."""
        self._pane.move(step)

    def action_page(self, pages: float) -> None:
        """Move by pages."""
        self._pane.move_page(pages)

    def action_end(self, last: bool) -> None:
        """Move to either end."""
        self._pane.move_to_end(last=last)

    def action_open(self) -> None:
        """Give the details the whole screen, or give it back."""
        self._open(not self._opened)

    def action_back(self) -> None:
        """Return to the list."""
        self._open(False)

    def _open(self, opened: bool) -> None:
        if opened != self._opened:
            self._opened = opened
            self._note_look()
            # Whoever reads a session keeps it, though it may end meanwhile.
            self.table.rows.pinned = self.table.cursor if opened else None
            self.table.settle()
            self._arrange()
            self._pane.focus()
            self.details.redraw()

    def _note_look(self) -> None:
        """The user sees the session, or saw it until now; noted once for all that happened before."""
        session = self.table.selected
        if session is not None and (session.seen_at is None or session.seen_at < (session.status_since or 0)):
            self._mark_seen(session, self._clock())

    def action_why(self) -> None:
        """Show why the session stands as it does, or again what it did."""
        if not len(self.table.rows):
            return
        if not self.details.display:
            self._open(True)
        self.details.show_why(not self.details.why)
        self._pane.focus()
        self._follow()
        self._show_footer()

    def action_details(self) -> None:
        """Show or hide the details."""
        self._details_wanted = not self.details.display
        self._open(False)
        self._arrange()

    def action_ended(self) -> None:
        """Show or hide ended sessions."""
        self.table.rows.show_ended = not self.table.rows.show_ended
        self.table.settle()
        self._show_empty()
        self._make_room()

    def action_help(self) -> None:
        """Show what keys and marks mean."""
        from mi6_tui.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen())
