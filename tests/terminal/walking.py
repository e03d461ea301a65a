"""Through all of the program by its keys, as it declares them itself."""

from __future__ import annotations

import re
from typing import Final

from mi6_tui.tui.commands import Command, groups
from tests.terminal.terminal import Terminal

HOME: Final = r"^ mi6 (?! *(events|usage|search|system|settings|hooks|messages|columns)\b)"
"""How the first line begins where the list is."""
PAGES: Final = {"2": "events", "3": "usage", "4": "search", "5": "system"}
_TRIES: Final = 5
_PATIENCE: Final = 5.0
"""Seconds."""
_LEFT_OUT: Final = ("quit", "suspend", "focus", "terminal", "resume", "github", "kill", "demo")
"""Commands that leave the program or do something to the world outside."""
_TMUX: Final = {
    "enter": "Enter", "escape": "Escape", "space": "Space", "tab": "Tab", "shift+tab": "BTab", "up": "Up",
    "down": "Down", "left": "Left", "right": "Right", "home": "Home", "end": "End", "pageup": "PPage",
    "pagedown": "NPage", "backspace": "BSpace", "delete": "DC", "question_mark": "?", "slash": "/",
    "colon": ":", "full_stop": ".", "comma": ",", "number_sign": "#",
    "less_than_sign": "<", "greater_than_sign": ">",
    "left_square_bracket": "[", "right_square_bracket": "]", "minus": "-", "plus": "+", "equals_sign": "=",
    "left_curly_bracket": "{", "right_curly_bracket": "}", "asterisk": "*", "semicolon": ";",
}  # fmt: skip
"""What tmux calls the keys that Textual calls so."""


def tmux_key(key: str) -> str:
    """A key as tmux names it."""
    held, _, last = key.rpartition("+")
    if key in _TMUX or not held:
        return _TMUX.get(key, key)
    letters = {"ctrl": "C-", "alt": "M-", "shift": "S-"}
    return "".join(letters[part] for part in held.split("+")) + _TMUX.get(last, last)


def commands_of(title: str) -> list[Command]:
    """What can be done at a place and may be tried out; the place by its title in the help."""
    found = dict(groups()).get(title, ())
    return [command for command in found if command.label not in _LEFT_OUT]


def show_page(terminal: Terminal, key: str) -> None:
    """From wherever one is to a page; a key that comes while something else opens may be lost."""
    head = re.compile(rf"^ mi6 +{PAGES[key]}")
    for _ in range(_TRIES):
        terminal.press("Escape", "Escape", "Escape", "1", key)
        if terminal.comes(lambda lines: bool(head.search(lines[0])), _PATIENCE):
            return
    terminal.see_head(head.pattern)


def try_all(terminal: Terminal, title: str) -> None:
    """Press the first key of every command of a place, each followed by a way back."""
    for command in commands_of(title):
        terminal.press(tmux_key(command.keys.split(",")[0]))
        if command.label != "back":
            terminal.press("Escape")
