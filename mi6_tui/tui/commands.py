"""Everything a key can do at home: keys, footer and help derive from these declarations."""

from __future__ import annotations

from typing import Final, Literal

import msgspec
from textual.binding import Binding

Place = Literal["list", "opened", "ended", "empty"]
"""Where home can be: the list, one session, a list whose sessions have all ended, an empty store."""
PLACES: Final[tuple[Place, ...]] = ("list", "opened", "ended", "empty")


class Command(msgspec.Struct, frozen=True):
    """One thing to do. `keys` as Textual names them; `shown` as a person would write them."""

    action: str
    keys: str
    shown: str
    label: str
    """One or two words, for the footer."""
    help: str
    footer: tuple[Place, ...] = ()
    """Places whose footer names it."""


COMMANDS: Final = (
    Command("open", "enter", "Enter", "open", "Show what the session did, as tall as the screen", ("list",)),
    Command("back", "escape", "Esc", "back", "Return to the list", ("opened",)),
    Command("move(1)", "down,j", "↓ j", "down", "Next session, or next line of an open one"),
    Command("move(-1)", "up,k", "↑ k", "up", "Previous session or line"),
    Command("end(False)", "home,g", "Home g", "first", "First session or line"),
    Command("end(True)", "end,G", "End G", "last", "Last session or newest line; follows what comes"),
    Command("page(1.0)", "pagedown", "PgDn", "page down", "A page down"),
    Command("page(-1.0)", "pageup", "PgUp", "page up", "A page up"),
    Command("page(0.5)", "ctrl+d", "Ctrl+D", "half down", "Half a page down"),
    Command("page(-0.5)", "ctrl+u", "Ctrl+U", "half up", "Half a page up"),
    Command("ended", "a", "a", "ended", "Show or hide sessions that have ended", ("list", "ended")),
    Command("details", "d", "d", "details", "Show or hide the details below the list", ("list",)),
    Command("help", "question_mark", "?", "help", "This page", PLACES),
    Command("app.quit", "q,ctrl+c", "q", "quit", "Leave; agents do not notice", PLACES),
)


def bindings() -> list[Binding]:
    """The commands as Textual wants them."""
    return [
        Binding(command.keys, command.action, command.label, show=False, priority="ctrl+c" in command.keys)
        for command in COMMANDS
    ]
