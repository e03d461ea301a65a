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
    help: str = ""
    """Empty: the help of the command before speaks of both."""
    footer: tuple[Place, ...] = ()
    """Places whose footer names it."""


HOOKS: Final = Command(
    "app.hooks", "H", "H", "hooks", "What hooks would add, the exact change, and a question"
)
"""In the footer while it is offered."""

COMMANDS: Final = (
    Command("open", "enter", "Enter", "open", "Show what the session did, as tall as the screen", ("list",)),
    Command("back", "escape", "Esc", "back", "Return to the list", ("opened",)),
    Command("move(1)", "down,j", "↓ j", "down", "Next and previous session, or line of an open one"),
    Command("move(-1)", "up,k", "↑ k", "up"),
    Command("end(False)", "home,g", "Home g", "first", "First and last session or line; the last follows"),
    Command("end(True)", "end,G", "End G", "last"),
    Command("page(1.0)", "pagedown", "PgDn", "page down", "A page down and up"),
    Command("page(-1.0)", "pageup", "PgUp", "page up"),
    Command("page(0.5)", "ctrl+d", "Ctrl+D", "half down", "Half a page down and up"),
    Command("page(-0.5)", "ctrl+u", "Ctrl+U", "half up"),
    Command("ended", "a", "a", "ended", "Show or hide sessions that have ended", ("list", "ended")),
    Command("why", "w", "w", "why", "Show why the session stands as it does, or what it did", ("opened",)),
    Command("details", "d", "d", "details", "Show or hide the details below the list", ("list",)),
    HOOKS,
    Command("help", "question_mark", "?", "help", "This page", PLACES),
    Command("app.suspend_process", "ctrl+z", "Ctrl+Z", "suspend", "Back to the shell; fg returns here"),
    Command("app.quit", "q,ctrl+c", "q", "quit", "Leave; agents do not notice", PLACES),
)


def bindings() -> list[Binding]:
    """The commands as Textual wants them."""
    return [
        Binding(command.keys, command.action, command.label, show=False, priority="ctrl+c" in command.keys)
        for command in COMMANDS
    ]


def explained() -> list[tuple[str, str]]:
    """The keys as a person would write them and what they do; two that belong together share a line."""
    lines: list[tuple[str, str]] = []
    for command in COMMANDS:
        if command.help:
            lines.append((command.shown, command.help))
        else:
            keys, words = lines[-1]
            lines[-1] = f"{keys}  {command.shown}", words
    return lines
