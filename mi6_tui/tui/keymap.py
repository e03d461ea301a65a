"""The user's own keys: which command each of them is for, and whether that can be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from textual.keys import Keys, _character_to_key, key_to_character

from mi6_tui.tui.commands import GLOBAL, Commands, Keymap, groups

if TYPE_CHECKING:
    from mi6_tui.toml_lines import Place

Chosen = Mapping[str, tuple[str, ...]]
"""Keys by the name of their command, as they were written."""
_UNSENT: Final = {
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "return": "enter",
    "ctrl+h": "backspace",
    "ctrl-at": "ctrl+@",
}
"""Keys that terminals send as others."""
_ENDING: Final = ("ctrl+c", "ctrl+q")
"""Keys that end the dashboard wherever one is, whatever else they are for."""
_NAMED: Final = frozenset(key.value for key in Keys if key.value[0] != "<")


def keymap_of(chosen: Chosen) -> Keymap:
    """The same as Textual names them: `?` is `question_mark`."""
    return {name: ",".join(map(key_named, keys)) for name, keys in chosen.items()}


def key_named(key: str) -> str:
    """A key as Textual names it."""
    return _character_to_key(key) if len(key) == 1 else key


def wrong_keys(chosen: Chosen) -> Iterator[tuple[Place, str]]:
    """What of the table `[keys]` cannot be meant: where, and why. Loads all screens."""
    from mi6_tui.settings_reader import nearest

    screens = groups()
    free = [command for _, commands in screens for command in commands if not command.fixed]
    known = list(dict.fromkeys(command.id for command in free))
    for name, keys in chosen.items():
        if name not in known:
            yield ("keys", name), f"unknown command{nearest(name, known)}"
        for key in keys:
            if why := why_not(key):
                yield ("keys", name), why
    keymap = keymap_of(chosen)
    clashes: dict[str, str] = {}
    for title, commands in screens:
        for name, key, other in _clashes(commands, keymap):
            clashes.setdefault(name, f"{key} is the key of {other}, too ({title})")
    for name, why in clashes.items():
        yield ("keys", name), why


def why_not(key: str) -> str:
    """Why nothing can be done by a key; empty if it can."""
    from mi6_tui.settings_reader import nearest

    if key in _ENDING:
        return f"{key} ends the dashboard; take another key"
    if key in _UNSENT:
        return f"terminals send {key} as {_UNSENT[key]}; write that, or take another key"
    last = key.rpartition("+")[2] or key
    if (
        key in _NAMED
        or (len(key) == 1 and key.isprintable())
        or (last == key and key_to_character(key) is not None)
    ):
        return ""
    return f"no key is called {key!r}{nearest(key, sorted(_NAMED))}"


def _clashes(commands: Commands, keymap: Keymap) -> Iterator[tuple[str, str, str]]:
    """Remapped commands of one screen, a key of each, and another command with that key."""
    taken: dict[str, str] = {}
    for command in (*commands, *(one for one in GLOBAL if one not in commands)):
        chosen = None if command.fixed else keymap.get(command.id)
        for key in (chosen or command.keys).split(","):
            other = taken.setdefault(key, command.id)
            if other != command.id and (command.id in keymap or other in keymap):
                mine, theirs = (command.id, other) if command.id in keymap else (other, command.id)
                yield mine, key, theirs
