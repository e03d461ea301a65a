"""The dashboard as a program: paints what the store holds at once, then keeps up with it."""

from __future__ import annotations

import asyncio
import gc
import io
import os
import signal
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import tzinfo
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from mi6_tui.clock import now_ms
from mi6_tui.errors import DONE, StorageError
from mi6_tui.model import Session, SessionQuery
from mi6_tui.storage import Storage
from mi6_tui.tui.aside import Aside
from mi6_tui.tui.commands import GLOBAL, bindings
from mi6_tui.tui.driver import outliving
from mi6_tui.tui.feed import Feed, FeedTick
from mi6_tui.tui.navigator import PAGES
from mi6_tui.tui.offers import Offers
from mi6_tui.tui.overlays import Overlays
from mi6_tui.tui.page import Page
from mi6_tui.tui.rows import Key
from mi6_tui.tui.screens.home import HomeScreen
from mi6_tui.tui.sharing import SHARE, WITHHELD, quiet, quiet_scan, quiet_tick
from mi6_tui.tui.styles import FIRST, style_sheets
from mi6_tui.tui.terminal import hung_up
from mi6_tui.tui.text import clean
from mi6_tui.tui.vitals import VitalsNews, VitalsWorker
from mi6_tui.tui.worker import ScanLoop, ScanNews, ScanView, ScanWorker

if TYPE_CHECKING:
    from mi6_tui.config import Settings
    from mi6_tui.hooks.place import Place
    from mi6_tui.tui.acting import Actions

_WELCOME: Final = "? shows every key, : finds every command, the comma shows the settings."
_LATER: Final = 0.15
"""Seconds in which the first look at live sessions is done."""
_GREETING: Final = 20.0
"""Seconds."""
_ENDINGS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
"""Signals that end a program; unhandled they would leave the terminal as it is."""


def nowhere() -> Sequence[Path]:
    """The folders of a dashboard that only reads."""
    return ()


class Offered(Message):
    """Whether hooks would add something, and the user has not said no."""

    def __init__(self, due: bool) -> None:
        super().__init__()
        self.due = due


class Mi6App(Overlays):
    """Shows `storage`; a scanner made by `make_scanner`, if there is one, fills it meanwhile.

    `clock` gives ms; `zone` None is the machine's own; `folders` are where transcripts are looked
    for (asked only when there is nothing to show). `settings` is the user's file, without which nobody
    is notified of anything; `env` says which terminal this is; `hooks` finds where hooks are set up, without
    it none are offered; with `read_only` nothing outside of the dashboard changes; nor with `share`, which
    shows a `storage` that hides names and texts, and no page that tells of places; `welcome` greets who is
    here for the first time. With `live=False` nothing happens by itself: `pull` looks at the store once,
    `look_at_settings` at the settings, `look_for_offers` at the clients, and `attend` tells what is due.
    """

    TITLE = "mi6"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(GLOBAL),
        # Not to be remapped: it ends the program wherever one is.
        Binding("ctrl+c", "app.quit", "quit", show=False, priority=True),
    ]

    def __init__(
        self,
        storage: Storage,
        *,
        make_scanner: Callable[[], ScanLoop] | None = None,
        clock: Callable[[], int] = now_ms,
        zone: tzinfo | None = None,
        folders: Callable[[], Sequence[Path]] = nowhere,
        settings: Path | None = None,
        env: Mapping[str, str] = os.environ,
        hooks: Callable[[], Place] | None = None,
        read_only: bool = False,
        share: bool = False,
        welcome: bool = False,
        live: bool = True,
    ) -> None:
        sheets = style_sheets()
        first = [str(sheet) for sheet in sheets if sheet.name in FIRST]
        super().__init__(first, path=settings, clock=clock, zone=zone, env=env, share=share)
        self._further_sheets = [sheet for sheet in sheets if sheet.name not in FIRST]
        self._storage = storage
        self._env = env
        if read_only or share:
            self.refusal = SHARE if share else "--read-only"
        self._welcome = welcome
        self._live = live
        self._folders = nowhere if share else folders
        self.feed = Feed(storage, self.post_message, clock, notes=not self.refusal)
        self.ask = self.feed.ask
        self._worker = (
            ScanWorker(make_scanner, self.post_message, self.feed.poke) if make_scanner is not None else None
        )
        self._vitals = VitalsWorker(storage, self.post_message)
        self.home: HomeScreen | None = None
        self.scan = ScanView()
        """How the scan stands."""
        self._offers = Offers(hooks) if hooks is not None and not self.refusal else None

    def get_driver_class(self) -> type[Driver]:
        """What draws."""
        return outliving(super().get_driver_class())

    def get_default_screen(self) -> Screen[None]:
        """Home, with what the store holds already."""
        self.home = HomeScreen(
            self._sessions(),
            clock=self._clock,
            zone=self.zone,
            folders=self._folders,
            feed=self.feed,
            vitals=self._vitals if self._live else None,
        )
        return self.home

    def _sessions(self) -> Sequence[Session]:
        try:
            return self._storage.list_sessions(SessionQuery().active_only())
        except StorageError:
            return ()  # the feed meets the same trouble, and tells

    def on_load(self) -> None:
        """Before the terminal is taken over: be asked to end in a way that gives it back, and able to."""
        if self._live:
            loop = asyncio.get_running_loop()
            loop.set_default_executor(Aside())
            for number in _ENDINGS:
                loop.add_signal_handler(number, self._end, number)

    def _end(self, number: int) -> None:
        if number == signal.SIGINT and self._guest is not None and self._guest.typed_ahead:
            return  # somebody interrupts the program that has the terminal
        # Asked a second time the program ends at once.
        asyncio.get_running_loop().remove_signal_handler(number)
        self.leave(number)

    def _leave_dead_terminal(self) -> None:
        # Not every terminal that goes away says so by a signal, and nobody could ever quit.
        if hung_up(sys.__stdin__):
            self.leave(signal.SIGHUP)

    def on_ready(self) -> None:
        """The first screen stands: now what may take time."""
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        # Who started this may have turned collections off until now.
        gc.freeze()
        gc.enable()
        if self._live:
            self.feed.start()
            if self._worker is not None:
                self._worker.start()
        self.stylesheet.read_all(self._further_sheets)
        self.stylesheet.parse()
        for screen in self.screen_stack:  # with what a quick user has opened meanwhile
            self.stylesheet.update(screen)
        if self.home is not None:
            self.home.details.call_later(self.home.details.complete)
        if self._live:
            # First whatever tells who runs: these would share its processor.
            self.set_timer(_LATER, self._begin_later)
            self.set_interval(1.0, self._leave_dead_terminal)
        # Not over what the user opened.
        if self.looks.start in PAGES[1:] and len(self.screen_stack) == 1:
            self.show_page(self.looks.start)
        if self._worker is None and not self._share and (why := self._storage.read_only) is not None:
            self.notify(clean(why), title="Nothing can be noted", timeout=_GREETING)
        self._greet()

    def _begin_later(self) -> None:
        self._vitals.start()
        self.prepare()
        self.look_for_offers()

    def _greet(self) -> None:
        # An empty page says as much itself, and has no room for more.
        if self._welcome and self.home is not None and self.home.table.rows.known:
            self._welcome = False
            self.notify(_WELCOME, title="First time here?", timeout=_GREETING)

    @on(Worker.StateChanged)
    def _worker_failed(self, message: Worker.StateChanged) -> None:
        worker = message.worker
        if message.state is WorkerState.ERROR:
            self.trouble(worker.name, f"{worker.name}: {type(worker.error).__name__}: {worker.error}")

    def trouble(self, what: str, problem: str, *further: str) -> None:
        """Something is wrong with `what`, or with an empty `problem` it is right again."""
        if self._share:
            problem, further = quiet(problem), tuple(map(quiet, further))
        super().trouble(what, problem, *further)
        if self.home is not None:
            self.home.take_trouble(what, problem)

    def show_page(self, name: str) -> None:
        """Bring a page to the front, unless it would tell others too much."""
        if self._share and name in WITHHELD:
            self.notify(f"{SHARE}: the page {name} is not shown to others", severity="warning")
        else:
            super().show_page(name)

    def action_settings(self, first: str = "") -> None:
        """Show all settings, unless others look on."""
        if self._share:
            self.show_page("settings")
        else:
            super().action_settings(first)

    def known_sessions(self) -> Collection[Session]:
        """All that is known of, on show or not."""
        return list(self.home.table.rows.sessions()) if self.home is not None else ()

    def take_settings(self, settings: Settings) -> None:
        """Other settings came into force."""
        if self.home is not None:
            self.home.take_settings(settings)

    def _view_names(self) -> Sequence[str]:
        return [view.name for view in self.home.views] if self.home is not None else ()

    def action_show_view(self, name: str) -> None:
        """Show the sessions that the user keeps under a name."""
        if self.home is not None:
            self.show_page("sessions")
            for view in self.home.views:
                if view.name == name:
                    self.home.show_view(view)

    def on_unmount(self) -> None:
        """Stop what runs beside the screen."""
        self.give_title_back()
        if self._live:
            if self._worker is not None:
                self._worker.stop()
            self.feed.stop()
            self._vitals.stop()

    def pull(self) -> None:
        """Look at the store once, now."""
        tick = self.feed.look()
        if tick is not None:
            self._take(tick)

    # What pages ask.

    def now(self) -> int:
        """The time in ms."""
        return self._clock()

    def session(self, key: Key) -> Session | None:
        """The row of a session, on show at home or not; None if there is none of that key."""
        return self.home.table.rows.get(key) if self.home is not None else None

    @cached_property
    def actions(self) -> Actions:
        """What can be done to sessions."""
        from mi6_tui.tui.acting import Actions

        return Actions(self, self._storage, self._env, self._write)

    @property
    def looked_at(self) -> Key | None:
        """The session that fills the screen."""
        return getattr(self.screen, "key", None)

    # The offer of hooks.

    def look_for_offers(self, declined: bool | None = False) -> None:
        """Find out, beside the screen, whether to offer hooks; never again once the user `declined`."""
        if self._offers is not None:
            work = partial(self._find_offers, self._offers, declined=bool(declined))
            self.run_worker(work, name="hooks", thread=True, exit_on_error=False)

    def _find_offers(self, offers: Offers, *, declined: bool) -> None:
        if declined:
            offers.decline()
        self.post_message(Offered(not declined and offers.due()))

    @on(Offered)
    def _show_offer(self, message: Offered) -> None:
        if self.home is not None:
            self.home.take_offer(message.due)

    def action_hooks(self) -> None:
        """Show what hooks would add, and ask."""
        if self._offers is None:
            self.notify("hooks are not set up from here")
            return
        from mi6_tui.tui.screens.hooks import HooksScreen

        self.push_screen(HooksScreen(self._offers), self.look_for_offers)

    def on_key(self, event: events.Key) -> None:
        """A key that was pressed just before the focus came to what takes it belongs there, too."""
        focused = self.focused
        if focused is not None and focused.check_consume_key(event.key, event.character):
            event.prevent_default()
            focused.post_message(events.Key(event.key, event.character))

    @on(Driver.SignalResume)
    def _repaint(self) -> None:
        # The shell has written over what Textual believes is on the screen.
        self.refresh(layout=True)

    @on(FeedTick)
    def _take(self, tick: FeedTick) -> None:
        if self._share:
            quiet_tick(tick)
        if self.home is not None:
            self.home.take(tick)
            self._greet()
        if self.screen_stack and isinstance(self.screen, Page):
            self.screen.take(tick)
        if tick.refused:
            self.notify(tick.refused, severity="warning")
        self.take_rows(tick.sessions, tick.gone)

    @on(VitalsNews)
    def _take_vitals(self, news: VitalsNews) -> None:
        if self.home is not None:
            self.home.take_vitals(news)

    @on(ScanNews)
    def _take_scan(self, news: ScanNews) -> None:
        self.scan = view = quiet_scan(news.view) if self._share else news.view
        self.feed.heed(view)
        if self.home is not None:
            self.home.take_scan(view)
        if self.screen_stack and isinstance(self.screen, Page):
            self.screen.take_scan(view)


def run_dashboard(
    storage: Storage,
    *,
    make_scanner: Callable[[], ScanLoop] | None = None,
    clock: Callable[[], int] = now_ms,
    folders: Callable[[], Sequence[Path]] = nowhere,
    settings: Path | None = None,
    typed: Path | None = None,
    hooks: Callable[[], Place] | None = None,
    read_only: bool = False,
    share: bool = False,
    welcome: bool = False,
) -> int:
    """Run until the user quits; the exit code. `storage` stays open; see `Mi6App`, and its `typed`.

    StorageError if something that the user noted could not be written until then.
    """
    if isinstance(sys.__stderr__, io.TextIOWrapper):  # where Textual draws
        # A mark that the terminal's encoding does not know then takes one cell, as it should.
        sys.__stderr__.reconfigure(errors="replace")
    app = Mi6App(
        storage,
        make_scanner=make_scanner,
        clock=clock,
        folders=folders,
        settings=settings,
        hooks=hooks,
        read_only=read_only,
        share=share,
        welcome=welcome,
    )
    if not app.refusal:
        app.typed = typed
    app.run()
    if app.feed.lost:
        raise StorageError(app.feed.lost)
    return app.return_code or DONE
