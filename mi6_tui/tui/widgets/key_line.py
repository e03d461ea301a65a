"""The keys of a screen that asks something: its own, and none of those of every page."""

from __future__ import annotations

from mi6_tui.tui.commands import Commands
from mi6_tui.tui.widgets.footer import Footer


class KeyLine(Footer):
    """A footer that names some commands and no others."""

    def __init__(self, commands: Commands, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(commands, id=id)
        self._commands = tuple(commands)

    def offer(self, commands: Commands) -> None:
        """Name others."""
        self._commands = tuple(commands)
        self.fill()
