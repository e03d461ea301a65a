"""The frame of the home screen: its widgets, what they are told, and who gets the room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen

from mi6_tui.model import Session
from mi6_tui.tui.commands import Place
from mi6_tui.tui.feed import Feed, FeedTick, Watched
from mi6_tui.tui.fleet import Fleet
from mi6_tui.tui.living import Living
from mi6_tui.tui.rates import RatePulse
from mi6_tui.tui.rows import Key, SessionRows
from mi6_tui.tui.settled import ALLOWANCES
from mi6_tui.tui.text import time_of_day
from mi6_tui.tui.vitals import VitalsNews, VitalsWorker
from mi6_tui.tui.widgets.bar import Bar
from mi6_tui.tui.widgets.details import Details
from mi6_tui.tui.widgets.empty import Empty
from mi6_tui.tui.widgets.footer import Footer
from mi6_tui.tui.widgets.header import Header
from mi6_tui.tui.widgets.session_table import SessionTable
from mi6_tui.tui.worker import ScanView

if TYPE_CHECKING:
    from mi6_tui.config import Settings
    from mi6_tui.tui.app import Mi6App

RECENT: Final = 300
"""Events of the selected session that the details panel holds."""
_TALL: Final = 30
"""Lines of screen from which details are shown unasked, however long the list is."""
_FRAME: Final = 3
"""Lines of header, column heads and footer."""
_ROOM: Final = 8
"""Lines left below the list that are enough for details."""
_LEAST: Final = {"details": 14, "header": 8, "strip": 6, "footer": 4}
"""Lines of screen below which a part gives its room to the list."""
_LOOK_AGAIN: Final = 10
"""Seconds between two looks at which sessions match a query that speaks of time."""


class HomeFrame(Screen[None]):
    """The session table with its header, details and footer."""

    def __init__(
        self,
        sessions: Sequence[Session],
        *,
        clock: Callable[[], int],
        zone: tzinfo | None,
        folders: Callable[[], Sequence[Path]],
        feed: Feed,
        vitals: VitalsWorker | None = None,
    ) -> None:
        """Without `vitals` nobody looks at processes."""
        super().__init__()
        self._clock = clock
        self._folders = folders
        self._feed = feed
        self._zone = zone
        self._living = Living(RatePulse(feed.ask, zone), vitals, Fleet(feed.ask, clock))
        self._noted: set[Key] = set()
        """Sessions that the user just said something of: they go to their places at once."""
        self._scan = ScanView()
        self._feed_problem = ""
        self._troubles: dict[str, str] = {}
        self._offered = False
        self._details_wanted: bool | None = None
        self._ticks = 0
        self.header = Header(keeps_left=True, id="header")
        self.banner = Bar(id="banner")
        self.strip = Bar(keeps_left=True, id="strip")
        self.table = SessionTable(
            SessionRows(), clock(), self._living.of, self._living.fleet.about, id="sessions"
        )
        self.body = Horizontal(self.table, id="body")
        self.empty = Empty(id="empty")
        self.details = Details(clock, zone, id="details")
        self.footer = Footer(id="footer")
        self._first = sessions
        self._heard = False
        """Whether the feed has told of all sessions; the first ones are only those that are active."""

    @property
    def mi6(self) -> Mi6App:
        """The dashboard."""
        return cast("Mi6App", self.app)

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield self.header
        yield self.banner
        yield self.strip
        yield self.body
        yield self.empty
        yield self.details
        yield self.footer

    def on_mount(self) -> None:
        """Show what the store held when the program started."""
        self._apply(FeedTick(tuple(self._first)))
        self._first = ()
        self.fit()
        self.table.focus()
        self.call_after_refresh(self._look_beside)
        self.call_after_refresh(self._look_for_silence)
        self.set_interval(1.0, self.tick)
        self.mi6.settings_changed.subscribe(self, lambda _: self.take_settings(self.mi6.settings))

    # News.

    def take(self, tick: FeedTick) -> None:
        """Apply what the feed found."""
        self._heard = True
        self._apply(tick)

    def _apply(self, tick: FeedTick) -> None:
        stale = self._living.fleet.take(tick)
        if tick.problem != self._feed_problem:
            self._feed_problem = tick.problem
            self._show_banner()
        table = self.table
        table.show(tick.sessions, self._clock(), tick.gone)
        if not self._noted.isdisjoint(session.key for session in tick.sessions):
            self._noted.clear()
            table.settle()
        table.begin()
        if (flow := self._living.take(tick)) is not None:
            self.header.show_flow(flow)
        if flow is not None or stale:
            table.enliven()
        if stale:
            self._show_details()
        self.header.show_fleet(self._living.fleet.summary())
        if isinstance(above := tick.answers.get(ALLOWANCES), tuple):
            self.mi6.take_allowances(above)
            self.header.show_used(self.mi6.used)
        if tick.sessions or tick.gone or not table.rows.known:
            self.header.show(table.rows.summary())
            self.counts_changed()
            if any(session.key == table.cursor for session in tick.sessions):
                self._show_details()
        if tick.activity is not None and tick.activity.key == table.cursor:
            self.details.show_activity(tick.activity)
        self._make_room()

    def take_vitals(self, news: VitalsNews) -> None:
        """Show what the processes of sessions use."""
        self._living.take_vitals(news)
        self.table.enliven()
        self._show_details()

    def _show_details(self) -> None:
        session = self.table.selected
        self.details.show(session, self._living.fleet.why_stale(session.machine_id) if session else "")
        self.details.show_vitals(self.table.painter.live(session.key).vitals if session is not None else None)

    def take_scan(self, view: ScanView) -> None:
        """Show how the scan stands."""
        self._scan = view
        if not len(self.table.rows):
            self.show_empty()
        self.show_footer()
        self._show_banner()

    def take_settings(self, settings: Settings) -> None:
        """Follow what the user set."""

    def take_trouble(self, what: str, problem: str) -> None:
        """Show what is wrong with `what`, or with an empty `problem` that it is right again."""
        self._troubles[what] = problem
        self._show_banner()

    def take_offer(self, offered: bool) -> None:
        """Show, or no longer, that hooks would add something."""
        if offered != self._offered:
            self._offered = offered
            self.show_footer()
            self.show_empty()

    def tick(self) -> None:
        """The clock moved."""
        if self.is_current:
            self._ticks += 1
            self._look_beside()
            self._look_for_silence()
            self.table.tick(self._clock())
            if self.table.rows.view.asked.by_clock and not self._ticks % _LOOK_AGAIN:
                self.table.look_again(self._clock())
                self.counts_changed()
            self._make_room()

    def on_screen_suspend(self) -> None:
        """It is covered: ask nothing."""
        self._living.pause()
        self._feed.watch(None)

    def on_screen_resume(self) -> None:
        """It is seen again."""
        self._follow()

    def _look_beside(self) -> None:
        """Ask for what is known beside the rows, as far as it is on the screen."""
        columns = [slot.column for slot in self.table.slots]
        detailed = self.table.selected if self.details.display else None
        self._living.tick(self._clock(), columns, self.table.in_sight, detailed)

    def _look_for_silence(self) -> None:
        """A machine that tells nothing does not tell that, either."""
        if self._living.fleet.tick():
            self.table.enliven()
        self.header.show_fleet(self._living.fleet.summary())
        self.header.show_used(self.mi6.used)
        session = self.table.selected
        if session is not None and self._living.fleet.is_stale(session.machine_id):
            self._show_details()  # they say for how long

    def counts_changed(self) -> None:
        """There are other sessions, or others are on show."""
        self.show_empty()

    def _show_banner(self) -> None:
        told = (self._lost, *self._troubles.values(), *self._scan.problems[-1:])
        problems = [text for text in told if text]
        if self._scan.state is not None and self._scan.state.reason:
            problems.append(self._scan.state.reason)
        more = len(self._scan.problems) - 1
        suffix = f" (and {more} more)" if more > 0 else ""
        self.banner.say([(f" ▲ {problems[0]}{suffix}", "$trouble")] if problems else ())
        self.banner.display = bool(problems)

    @property
    def _lost(self) -> str:
        """Why the store cannot be read, and since when; empty if it can."""
        since = self._living.fleet.lost_at
        if not self._feed_problem or since is None:
            return self._feed_problem
        return f"as of {time_of_day(since, self._zone)}: {self._feed_problem}"

    def show_footer(self) -> None:
        """Show the keys of where we are."""
        self.footer.show(self._scan, self._place, offered=self._offered)

    @property
    def _place(self) -> Place:
        if len(self.table.rows):
            return "list"
        return "ended" if self.table.rows.known else "empty"

    @property
    def is_narrowed(self) -> bool:
        """Whether the user asked for certain sessions only."""
        view = self.table.rows.view
        return view.query is not None or view.project is not None

    @property
    def _is_empty(self) -> bool:
        return self._heard and not len(self.table.rows)

    def show_empty(self) -> None:
        """Say why there is nothing, if there is nothing."""
        rows = self.table.rows
        empty = self._is_empty
        if empty and self._feed_problem:
            self.empty.show_trouble()
        elif empty and rows.known and self.is_narrowed:
            self._show_none_found()
        elif empty and self._scan.progress is not None:
            self.empty.show_reading()
        elif empty and rows.known:
            self.empty.show_all_ended(rows.known)
        elif empty:
            self.empty.show_start(self._folders(), offered=self._offered)
        if empty != self.empty.display:
            self.fit()

    def _show_none_found(self) -> None:
        more = self.table.rows.ended_matches(self._clock())
        words = [("No session is what you ask for.\n\n", "bold $name")]
        if more:
            words += [
                (f"{more} that ended would be: ", "$plain"),
                ("a", "bold $needs-you"),
                (" shows them; ", "$plain"),
            ]
        self.empty.update(
            Content.assemble(*words, ("Esc", "bold $needs-you"), (" shows all again.", "$plain"))
        )

    # Layout.

    def fit(self) -> None:
        """Give each part the room that is due to it."""
        height, rows = self.size.height, self.table.rows
        empty = self._is_empty
        self.empty.display = empty
        self.body.display = not empty or (rows.known > 0 and self.is_narrowed)
        self.header.display = height >= _LEAST["header"]
        self.footer.display = height >= _LEAST["footer"]
        self.strip.display = bool(self.strip.text) and height >= _LEAST["strip"]
        self.details.display = self._details_due
        self.body.set_class(not self.details.display and not empty, "-alone")
        self._follow()
        self.show_footer()

    @property
    def _details_due(self) -> bool:
        """Whether details belong on the screen: asked for, or there is room."""
        rows, height = len(self.table.rows), self.size.height
        if not rows or height < _LEAST["details"]:
            return False
        if self._details_wanted is not None:
            return self._details_wanted
        return height >= _TALL or height - rows - _FRAME >= _ROOM

    def _make_room(self) -> None:
        """The list grew or shrank."""
        if self._details_due != self.details.display:
            self.fit()

    def _follow(self) -> None:
        """What is hidden asks the store nothing."""
        session = self.table.selected
        shown = session is not None and self.details.display
        self._feed.watch(Watched(session.key, RECENT) if session is not None and shown else None)

    def on_resize(self, event: events.Resize) -> None:
        """A tall screen has room for details."""
        self.fit()

    @on(SessionTable.Highlighted)
    def _highlighted(self, message: SessionTable.Highlighted) -> None:
        message.stop()
        self._show_details()
        self._follow()

    def action_details(self) -> None:
        """Show or hide the details."""
        self._details_wanted = not self.details.display
        self.fit()
