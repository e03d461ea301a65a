"""A screen that fills the terminal beside home: what it asks the store, and only while it is seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from textual.screen import Screen

from mi6_tui.tui.feed import FeedTick, Question
from mi6_tui.tui.worker import ScanView

if TYPE_CHECKING:
    from mi6_tui.tui.app import Mi6App


class Page(Screen[None]):
    """Base of the pages. A page that is covered or left asks nothing and is told nothing."""

    @property
    def mi6(self) -> Mi6App:
        """The dashboard."""
        return cast("Mi6App", self.app)

    def questions(self) -> Mapping[str, Question]:
        """What it wants to know, by names of its own; called whenever it comes to the front."""
        return {}

    def take(self, tick: FeedTick) -> None:
        """Apply what the feed found; `tick.answers` has those to the page's questions."""

    def take_scan(self, view: ScanView) -> None:
        """Show how the scan stands."""

    def tick(self, now: int) -> None:
        """The clock moved to `now` (ms); once a second while the page is seen."""

    def ask_again(self) -> None:
        """Put the questions anew: what is shown changed."""
        for name, question in self.questions().items():
            self.mi6.feed.ask(name, question)

    def on_mount(self) -> None:
        """Begin to follow the clock."""
        self.set_interval(1.0, self._tick)

    def _tick(self) -> None:
        if self.is_current:
            self.tick(self.mi6.now())

    def on_screen_resume(self) -> None:
        """It is seen."""
        self.take_scan(self.mi6.scan)
        self.ask_again()

    def on_screen_suspend(self) -> None:
        """It is covered, or gone."""
        for name in self.questions():
            self.mi6.feed.ask(name, None)
