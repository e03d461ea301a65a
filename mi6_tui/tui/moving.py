"""Screens in which the keys move through one list or view."""

from __future__ import annotations

from typing import Protocol

from mi6_tui.tui.page import Page


class Movable(Protocol):
    """A list with a cursor, or a view that scrolls."""

    def move(self, step: int) -> None:
        """Move by lines."""

    def move_page(self, pages: float) -> None:
        """Move by a share of what is visible."""

    def move_to_end(self, *, last: bool) -> None:
        """Move to either end."""


class Moving:
    """What `commands.moves` does, for a screen of any kind."""

    @property
    def pane(self) -> Movable:
        """What moves."""
        raise NotImplementedError

    def action_move(self, step: int) -> None:
        """Move by lines."""
        self.pane.move(step)

    def action_page(self, pages: float) -> None:
        """Move by pages."""
        self.pane.move_page(pages)

    def action_end(self, last: bool) -> None:
        """Move to either end."""
        self.pane.move_to_end(last=last)


class MovingPage(Moving, Page):
    """A page beside home that does so."""

    def action_back(self) -> None:
        """Return to the sessions."""
        self.mi6.show_page("sessions")
