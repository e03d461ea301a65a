"""The dashboard as a program: paints what the store holds at once, then keeps up with it."""

from __future__ import annotations

import asyncio
import gc
import io
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from textual import on
from textual.app import App
from textual.driver import Driver
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import Worker, WorkerState

from mi6_tui.clock import now_ms
from mi6_tui.errors import DONE, StorageError
from mi6_tui.model import Session, SessionQuery
from mi6_tui.storage import Storage
from mi6_tui.tui.feed import Feed, FeedTick
from mi6_tui.tui.notify import GRACE
from mi6_tui.tui.offers import Offers
from mi6_tui.tui.page import Page
from mi6_tui.tui.screens.home import HomeScreen
from mi6_tui.tui.styles import style_sheets
from mi6_tui.tui.teller import Severity, Teller
from mi6_tui.tui.theme import NIGHT
from mi6_tui.tui.worker import ScanLoop, ScanNews, ScanWorker

if TYPE_CHECKING:
    from mi6_tui.config import SettingsFile
    from mi6_tui.hooks.place import Place

_ENDINGS: Final = (signal.SIGTERM, signal.SIGHUP)
"""Signals that end a program; unhandled they would leave the terminal as it is."""


def nowhere() -> Sequence[Path]:
    """The folders of a dashboard that only reads."""
    return ()


class Prepared(Message):
    """What was not needed for the first paint is there."""


class Offered(Message):
    """Whether hooks would add something, and the user has not said no."""

    def __init__(self, due: bool) -> None:
        super().__init__()
        self.due = due


class ProgramFailed(Message):
    """The user's own program did not do its work; `why` in one line."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why


class Mi6App(App[None]):
    """Shows `storage`; a scanner made by `make_scanner`, if there is one, fills it meanwhile.

    `clock` gives ms; `zone` None is the machine's own; `folders` are where transcripts are looked
    for (asked only when there is nothing to show). `settings` is the user's file, without which nobody
    is notified of anything; `env` says which terminal this is; `hooks` finds where hooks are set up, without
    it none are offered. With `live=False` nothing happens by
    itself: `pull` looks at the store once, `look_at_settings` at the settings, `look_for_offers` at the
    clients, and `attend` tells what is due.
    """

    TITLE = "mi6"
    ENABLE_COMMAND_PALETTE = False

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
        live: bool = True,
    ) -> None:
        super().__init__(css_path=[str(sheet) for sheet in style_sheets()])
        self._storage = storage
        self._live = live
        self._clock = clock
        self._zone = zone
        self._folders = folders
        self.feed = Feed(storage, self.post_message)
        self._worker = (
            ScanWorker(make_scanner, self.post_message, self.feed.poke) if make_scanner is not None else None
        )
        self.home: HomeScreen | None = None
        self._settings_path = settings
        self._settings: SettingsFile | None = None
        self._teller = Teller(
            started=clock(),
            zone=zone,
            env=env,
            toast=self._toast,
            write=self._write,
            failed=lambda why: self.post_message(ProgramFailed(why)),
        )
        self._telling: Timer | None = None
        self._offers = Offers(hooks) if hooks is not None else None
        self.register_theme(NIGHT)
        # Not through the watcher, which would parse all styles a second time.
        self.set_reactive(App.theme, NIGHT.name)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_default_screen(self) -> Screen[None]:
        """Home, with what the store holds already."""
        self.home = HomeScreen(
            self._sessions(),
            clock=self._clock,
            zone=self._zone,
            folders=self._folders,
            watch=self.feed.watch,
            mark_seen=self.feed.mark_seen,
        )
        return self.home

    def _sessions(self) -> Sequence[Session]:
        try:
            return self._storage.list_sessions(SessionQuery().active_only())
        except StorageError:
            return ()  # the feed meets the same trouble, and tells

    def on_load(self) -> None:
        """Before the terminal is taken over: be asked to end in a way that gives it back."""
        if self._live:
            for number in _ENDINGS:
                asyncio.get_running_loop().add_signal_handler(number, self._end, number)

    def _end(self, number: int) -> None:
        # Asked a second time the program ends at once.
        asyncio.get_running_loop().remove_signal_handler(number)
        self.exit(return_code=128 + number)

    def on_ready(self) -> None:
        """The first screen stands: now what may take time."""
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        gc.freeze()
        gc.enable()
        if self._live:
            self.feed.start()
            if self._worker is not None:
                self._worker.start()
            if self._settings_path is not None:
                self.run_worker(self._prepare, name="settings", thread=True, exit_on_error=False)
            self.look_for_offers()

    def _prepare(self) -> None:
        import mi6_tui.config  # noqa: F401 (pydantic takes a moment)

        self.post_message(Prepared())

    @on(Prepared)
    def _begin_to_notify(self) -> None:
        self.look_at_settings()
        self.set_interval(1.0, self.look_at_settings)

    @on(Worker.StateChanged)
    def _worker_failed(self, message: Worker.StateChanged) -> None:
        worker = message.worker
        if message.state is WorkerState.ERROR and self.home is not None:
            self.home.take_trouble(
                worker.name, f"{worker.name}: {type(worker.error).__name__}: {worker.error}"
            )

    def on_unmount(self) -> None:
        """Stop what runs beside the screen."""
        if self._live:
            if self._worker is not None:
                self._worker.stop()
            self.feed.stop()

    def pull(self) -> None:
        """Look at the store once, now."""
        tick = self.feed.look()
        if tick is not None:
            self._take(tick)

    # The user's settings, and what he is told.

    def look_at_settings(self) -> None:
        """Read the settings file if it was changed; a broken one is a banner and changes nothing."""
        if self._settings_path is None:
            return
        if self._settings is None:
            from mi6_tui.config import SettingsFile

            self._settings = SettingsFile(self._settings_path)
        if self._settings.look() and self.home is not None:
            self.home.take_trouble("settings", self._settings.problem)
            self.home.take_trouble("program", "")

    def attend(self) -> None:
        """Tell what is due, and come again if something may be due later."""
        self._telling = None
        if self._settings is not None:
            looked_at = self.home.looked_at if self.home is not None and self.app_focus else None
            self._teller.tell(self._settings.current.notifications, self._clock(), looked_at)
        self._attend_soon()

    def _attend_soon(self) -> None:
        if self._teller.pending and self._telling is None:
            self._telling = self.set_timer(GRACE / 1000, self.attend)

    def _toast(self, title: str, body: str, severity: Severity) -> None:
        self.notify(body, title=title, severity=severity, markup=False)

    def _write(self, sequence: str) -> None:
        if self._driver is not None:
            self._driver.write(sequence)

    @on(ProgramFailed)
    def _program_failed(self, message: ProgramFailed) -> None:
        if self.home is not None:
            self.home.take_trouble("program", message.why)

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
            self.notify("hooks are not set up from here", markup=False)
            return
        from mi6_tui.tui.screens.hooks import HooksScreen

        self.push_screen(HooksScreen(self._offers), self.look_for_offers)

    @on(Driver.SignalResume)
    def _repaint(self) -> None:
        # The shell has written over what Textual believes is on the screen.
        self.refresh(layout=True)

    def now(self) -> int:
        """The time in ms."""
        return self._clock()

    @on(FeedTick)
    def _take(self, tick: FeedTick) -> None:
        if self.home is not None:
            self.home.take(tick)
        if isinstance(self.screen, Page):
            self.screen.take(tick)
        if self._settings_path is not None:
            self._teller.take(tick.sessions, self._clock())
            self._attend_soon()

    @on(ScanNews)
    def _take_scan(self, news: ScanNews) -> None:
        state = news.view.state
        self.feed.told = state is not None and state.role == "writer"
        if self.home is not None:
            self.home.take_scan(news.view)
        if isinstance(self.screen, Page):
            self.screen.take_scan(news.view)


def run_dashboard(
    storage: Storage,
    *,
    make_scanner: Callable[[], ScanLoop] | None = None,
    clock: Callable[[], int] = now_ms,
    folders: Callable[[], Sequence[Path]] = nowhere,
    settings: Path | None = None,
    hooks: Callable[[], Place] | None = None,
) -> int:
    """Run until the user quits; the exit code. `storage` stays open; see `Mi6App`."""
    if isinstance(sys.__stderr__, io.TextIOWrapper):  # where Textual draws
        # A mark that the terminal's encoding does not know then takes one cell, as it should.
        sys.__stderr__.reconfigure(errors="replace")
    # A collection would find nothing before the first paint; `Mi6App` turns it on again.
    gc.disable()
    app = Mi6App(
        storage, make_scanner=make_scanner, clock=clock, folders=folders, settings=settings, hooks=hooks
    )
    app.run()
    return app.return_code or DONE
