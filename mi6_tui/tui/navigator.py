"""Which page is seen: home always lies below, the others come and go over it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, Final

from textual.screen import Screen

from mi6_tui.tui.looks import Dressed
from mi6_tui.tui.rows import Key

_PAGES: Final = {
    "events": "EventsScreen",
    "usage": "UsageScreen",
    "search": "SearchScreen",
    "system": "SystemScreen",
}
"""Pages beside home; each stands in the module of its name, is made when it is first wanted, and kept."""
PAGES: Final = ("sessions", *_PAGES)


def _screen(module: str, name: str) -> Any:
    """A class of screens, loaded when it is wanted."""
    return getattr(import_module(f"mi6_tui.tui.screens.{module}"), name)


class Navigator(Dressed):
    """The app as a stack of pages."""

    typed: Path | None = None
    """The folder where queries and searches are remembered; None: only until it is left."""

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        """Screens below the current one of which something can be seen.

        Textual counts whatever lies directly below it, so that what moves on a covered page has all of the
        one above it painted anew.
        """
        return [] if self.screen.styles.background.a == 1 else super()._background_screens

    def show_page(self, name: str) -> None:
        """Bring one of `PAGES` to the front; what lay over home goes."""
        if name == "sessions":
            while len(self.screen_stack) > 1:
                self.pop_screen()
            return
        if not self.is_screen_installed(name):
            self.install_screen(_screen(name, _PAGES[name])(), name)
        while len(self.screen_stack) > 2:
            self.pop_screen()
        if len(self.screen_stack) == 1:
            self.push_screen(name)
        elif self.screen is not self.get_screen(name):
            self.switch_screen(name)

    def open_session(self, key: Key, **where: Any) -> None:
        """Show one session; `where` says at which place; one that is shown gives way."""
        kind = _screen("session", "SessionScreen")
        if isinstance(self.screen, kind):
            self.switch_screen(kind(key, **where))
        else:
            self.push_screen(kind(key, **where))

    def action_show_page(self, name: str) -> None:
        """Bring a page to the front."""
        self.show_page(name)
