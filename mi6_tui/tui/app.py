"""The dashboard as a program: paints what the store holds at once, then keeps up with it."""

from __future__ import annotations

import asyncio
import gc
import io
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Final

from textual import on
from textual.app import App
from textual.driver import Driver
from textual.screen import Screen

from mi6_tui.clock import now_ms
from mi6_tui.errors import DONE, StorageError
from mi6_tui.model import Session, SessionQuery
from mi6_tui.storage import Storage
from mi6_tui.tui.feed import Feed, FeedTick
from mi6_tui.tui.screens.home import HomeScreen
from mi6_tui.tui.styles import style_sheets
from mi6_tui.tui.theme import NIGHT
from mi6_tui.tui.worker import ScanLoop, ScanNews, ScanWorker

_ENDINGS: Final = (signal.SIGTERM, signal.SIGHUP)
"""Signals that end a program; unhandled they would leave the terminal as it is."""


def nowhere() -> Sequence[Path]:
    """The folders of a dashboard that only reads."""
    return ()


class Mi6App(App[None]):
    """Shows `storage`; a scanner made by `make_scanner`, if there is one, fills it meanwhile.

    `clock` gives ms; `zone` None is the machine's own; `folders` are where transcripts are looked
    for (asked only when there is nothing to show). With `live=False` nothing happens by itself:
    `pull` looks at the store once.
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

    @on(Driver.SignalResume)
    def _repaint(self) -> None:
        # The shell has written over what Textual believes is on the screen.
        self.refresh(layout=True)

    @on(FeedTick)
    def _take(self, tick: FeedTick) -> None:
        if self.home is not None:
            self.home.take(tick)

    @on(ScanNews)
    def _take_scan(self, news: ScanNews) -> None:
        state = news.view.state
        self.feed.told = state is not None and state.role == "writer"
        if self.home is not None:
            self.home.take_scan(news.view)


def run_dashboard(
    storage: Storage,
    *,
    make_scanner: Callable[[], ScanLoop] | None = None,
    clock: Callable[[], int] = now_ms,
    folders: Callable[[], Sequence[Path]] = nowhere,
) -> int:
    """Run until the user quits; the exit code. `storage` stays open."""
    if isinstance(sys.__stderr__, io.TextIOWrapper):  # where Textual draws
        # A mark that the terminal's encoding does not know then takes one cell, as it should.
        sys.__stderr__.reconfigure(errors="replace")
    # A collection would find nothing before the first paint; `Mi6App` turns it on again.
    gc.disable()
    app = Mi6App(storage, make_scanner=make_scanner, clock=clock, folders=folders)
    app.run()
    return app.return_code or DONE
