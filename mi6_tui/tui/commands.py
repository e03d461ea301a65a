"""Everything a key can do: keys, footers, palette, help and the README derive from these declarations.

A screen other than home declares its own tuple `COMMANDS` in its module, of the same `Command`s, with
`PAGE` as the place of those that its footer names, and `BINDINGS = [*bindings(COMMANDS)]`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Final, Literal

import msgspec
from textual.binding import Binding

Place = Literal["list", "ended", "empty", "page"]
"""Where one can be: the list, a list without any that runs, an empty store, another page."""
PLACES: Final[tuple[Place, ...]] = ("list", "ended", "empty")
"""Those of home."""
PAGE: Final[tuple[Place, ...]] = ("page",)
EVERYWHERE: Final[tuple[Place, ...]] = (*PLACES, *PAGE)

Keymap = Mapping[str, str]
"""Keys of the user's own, as Textual names them, by `Command.id`."""
NO_KEYMAP: Final[Keymap] = MappingProxyType({})


class Command(msgspec.Struct, frozen=True):
    """One thing to do. `keys` as Textual names them; `shown` as a person would write them."""

    action: str
    keys: str
    shown: str
    label: str
    """One or two words, for the footer; no other command of the same screen has it."""
    help: str = ""
    """Empty: the help of the command before speaks of both."""
    footer: tuple[Place, ...] = ()
    """Places whose footer names it."""
    outside: bool = False
    """It changes something outside of this run of the dashboard, which read-only forbids."""
    fixed: bool = False
    """Its keys stay what they are: the answers to a question that names them."""

    @property
    def id(self) -> str:
        """Its name in the settings: `page-down`."""
        return self.label.replace(" ", "-")

    def keys_in(self, keymap: Keymap) -> str:
        """Its keys as a person would write them, by the user's own keymap."""
        if self.fixed or self.id not in keymap:
            return self.shown
        return " ".join(map(key_name, keymap[self.id].split(",")))


Commands = Sequence[Command]


def moves(lines: str, ends: str) -> tuple[Command, ...]:
    """What moves through a list or a view; `lines` and `ends` explain it. For screens that are `Moving`."""
    return (
        Command("move(1)", "down,j", "↓ j", "down", lines),
        Command("move(-1)", "up,k", "↑ k", "up"),
        Command("end(False)", "home,g", "Home g", "first", ends),
        Command("end(True)", "end,G", "End G", "last"),
        Command("page(1.0)", "pagedown", "PgDn", "page down", "A page down and up"),
        Command("page(-1.0)", "pageup", "PgUp", "page up"),
        Command("page(0.5)", "ctrl+d", "Ctrl+D", "half down", "Half a page down and up"),
        Command("page(-0.5)", "ctrl+u", "Ctrl+U", "half up"),
    )


TYPED: Final[Commands] = (
    Command("app.simulate_key('enter')", "enter", "Enter", "keep"),
    Command("app.simulate_key('escape')", "escape", "Esc", "leave the line"),
)
"""What a footer names while a line is typed into: then all other keys are letters."""
Groups = Iterable[tuple[str, Commands]]
"""Commands by the title of where they work."""

HOOKS: Final = Command(
    "app.hooks", "H", "H", "hooks", "What hooks would add, the exact change, and a question", outside=True
)
"""In the footer while it is offered."""

_SESSIONS: Final[tuple[Place, ...]] = ("list", "page")
ACTION_COMMANDS: Final = (
    Command(
        "act('focus')",
        "f",
        "f",
        "focus",
        "Go to its terminal; so does a double click",
        _SESSIONS,
        outside=True,
    ),
    Command("act('terminal')", "T", "T", "terminal", "Open a terminal in its folder", outside=True),
    Command(
        "act('resume')",
        "R",
        "R",
        "resume",
        "Go on with it after it has ended, in a new terminal",
        outside=True,
    ),
    Command(
        "act('github')",
        "o",
        "o",
        "github",
        "Open its pull request, issue or repository in a browser",
        outside=True,
    ),
    Command(
        "act('copy')", "y", "y", "copy", "Copy its id, folder, resume command, last words, ...", outside=True
    ),
    Command(
        "act('kill')",
        "x,K",
        "x K",
        "kill",
        "End it: shows what would be lost, and asks",
        _SESSIONS,
        outside=True,
    ),
)
"""For screens that are `acting.Acting`."""

HOME: Final = (
    Command("open", "enter", "Enter", "open", "Open the session, or the group, under the cursor", ("list",)),
    Command(
        "back",
        "escape",
        "Esc",
        "back",
        "Back to the list; there give up the selection, the query, the project, its panel",
    ),
    *moves("Next and previous line", "First and last line"),
    Command("next(1)", "n", "n", "next", "Next and previous session that needs you", ("list",)),
    Command("next(-1)", "N", "N", "previous"),
    Command("query", "slash", "/", "query", "Show only what a query finds", ("list", "ended")),
    Command("sort", "s", "s", "sort", "Sort by the next column, or the other way round"),
    Command("reverse", "S", "S", "reverse"),
    Command("group", "ctrl+g", "Ctrl+G", "group", "Group by project, client, state, machine, or by nothing"),
    Command("aside(-1)", "left,h", "← h", "left", "Collapse a group or go to the projects, and back"),
    Command("aside(1)", "right,l", "→ l", "right"),
    Command("columns", "c", "c", "columns", "Choose columns, their order and their widths"),
    Command("projects", "p", "p", "projects", "Show or hide the projects beside the list"),
    Command("ended", "a", "a", "ended", "Show or hide sessions that have ended", ("list", "ended")),
    Command("pick", "space", "Space", "select", "Select sessions for what is done next"),
    Command("pin", "full_stop", ".", "pin", "Keep a session on top, or no longer", outside=True),
    Command("rename", "r", "r", "rename", "Give a session a name of your own", outside=True),
    Command(
        "tag", "number_sign", "#", "tag", "Write your tags of a session; to several, add some", outside=True
    ),
    Command("hide", "z", "z", "hide", "Hide a session, or no longer", outside=True),
    Command("hidden", "Z", "Z", "hidden", "Show what you hid, or no longer"),
    Command(
        "save_view",
        "V",
        "V",
        "save view",
        "Keep query, order and groups as a view of the settings",
        outside=True,
    ),
    Command("why", "w", "w", "why", "Show why the session stands as it does"),
    Command("details", "d", "d", "details", "Show or hide the details below the list", ("list",)),
    *ACTION_COMMANDS,
)
"""Of the sessions."""

GLOBAL: Final = (
    Command("app.show_page('sessions')", "1", "1", "sessions", "All sessions, those that need you first"),
    Command("app.show_page('events')", "2", "2", "events", "What happens in all of them, as it happens"),
    Command("app.show_page('usage')", "3", "3", "usage", "Tokens and dollars by day, model, project"),
    Command("app.show_page('search')", "4", "4", "search", "Find words in prompts, replies and commands"),
    Command("app.show_page('system')", "5", "5", "system", "What this program costs, and what is amiss"),
    Command(
        "app.palette",
        "colon,ctrl+p",
        ": Ctrl+P",
        "commands",
        "Find any command, page, view, theme or setting",
    ),
    HOOKS,
    Command("app.themes", "t", "t", "theme", "Choose other colours; each is shown as you go"),
    Command("app.settings", "comma", ",", "settings", "Every setting, what it does, and where it comes from"),
    Command("app.messages", "M", "M", "messages", "What was told: notes, problems, notifications"),
    Command("app.demo", "D", "D", "demo", "See invented sessions, in a dashboard of their own", ("empty",)),
    Command("app.help", "question_mark", "?", "help", "This page", EVERYWHERE),
    Command("app.suspend_process", "ctrl+z", "Ctrl+Z", "suspend", "Back to the shell; fg returns here"),
    Command("app.quit", "q", "q", "quit", "Leave; agents do not notice", EVERYWHERE),
)
"""Of every page; a page's own come first where keys are the same."""

_ELSEWHERE: Final = {
    "A session": "screens.session",
    "Events": "screens.events",
    "Usage": "screens.usage",
    "Search": "screens.search",
    "System": "screens.system",
    "Columns": "screens.columns",
    "Settings": "screens.settings",
    "Messages": "screens.messages",
    "Hooks": "screens.hooks",
    "Themes": "screens.themes",
    "Commands": "screens.palette",
    "Copies": "screens.copy",
    "Help": "screens.help",
    "A replay": "replaying",
}


def bindings(commands: Commands = HOME) -> list[Binding]:
    """The commands as Textual wants them."""
    return [
        Binding(
            command.keys,
            command.action,
            command.label,
            show=False,
            id=None if command.fixed else command.id,
        )
        for command in commands
    ]


def explained(groups: Groups, keymap: Keymap = NO_KEYMAP) -> list[tuple[str, list[tuple[str, str]]]]:
    """By title: keys as a person would write them and what they do; two that belong together share a line."""
    told = []
    for title, commands in groups:
        lines: list[tuple[str, str]] = []
        for command in commands:
            keys = command.keys_in(keymap)
            if command.help:
                lines.append((keys, command.help))
            else:
                before, words = lines[-1]
                lines[-1] = f"{before}  {keys}", words
        told.append((title, lines))
    return told


def groups() -> list[tuple[str, Commands]]:
    """Every command there is, by where it works. Loads all screens."""
    found: list[tuple[str, Commands]] = [("Everywhere", GLOBAL), ("Sessions", HOME)]
    for title, name in _ELSEWHERE.items():
        found.append((title, import_module(f"mi6_tui.tui.{name}").COMMANDS))
    return found


_NAMES: Final = {
    "up": "↑", "down": "↓", "left": "←", "right": "→", "escape": "Esc", "pagedown": "PgDn", "pageup": "PgUp",
    "question_mark": "?", "slash": "/", "colon": ":", "full_stop": ".", "comma": ",", "semicolon": ";",
    "backslash": "\\", "minus": "-", "plus": "+", "underscore": "_", "equals_sign": "=", "asterisk": "*",
    "left_square_bracket": "[", "right_square_bracket": "]", "left_parenthesis": "(",
    "right_parenthesis": ")", "left_curly_bracket": "{", "right_curly_bracket": "}",
    "less_than_sign": "<", "greater_than_sign": ">", "exclamation_mark": "!", "number_sign": "#", "at": "@",
    "quotation_mark": '"', "apostrophe": "'", "vertical_line": "|", "tilde": "~", "grave_accent": "`",
    "percent_sign": "%", "dollar_sign": "$", "ampersand": "&", "circumflex_accent": "^",
}  # fmt: skip
"""Keys whose usual name is not Textual's."""


def key_name(key: str) -> str:
    """`ctrl+d` as a person would write it: `Ctrl+D`."""
    *held, last = key.strip().split("+")
    name = _NAMES.get(last, last if len(last) == 1 else last.capitalize())
    name = name.upper() if held and len(name) == 1 else name
    return "+".join([*(part.capitalize() for part in held), name])
