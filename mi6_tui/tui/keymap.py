"""The user's own keys: which command each of them is for, and whether that can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from textual.keys import Keys, _character_to_key, key_to_character

from mi6_tui.tui import theme
from mi6_tui.tui.columns import wrong_choice
from mi6_tui.tui.commands import GLOBAL, HOME, Commands, Keymap, groups

if TYPE_CHECKING:
    from mi6_tui.config import Settings
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


def check(settings: Settings) -> tuple[Place, str] | None:
    """What of the settings cannot be meant though it is well-formed: where, and why."""
    return (
        _check_themes(settings)
        or wrong_choice(settings.columns)
        or _check_alerts(settings)
        or (_check_keys(settings.keys) if settings.keys else None)
        or _check_views(settings)
        or _check_prices(settings.prices)
    )


def _check_prices(rows: object) -> tuple[Place, str] | None:
    if rows is None:
        return None
    from mi6_tui.prices.overrides import RowError, prices_of

    try:
        prices_of(rows)
    except RowError as error:
        return error.place, error.reason
    return None


def _check_alerts(settings: Settings) -> tuple[Place, str] | None:
    if not settings.alerts:
        return None
    from mi6_tui.query import QueryError, parse

    for name, alert in settings.alerts.items():
        try:
            parse(alert.query)
        except QueryError as error:
            return ("alerts", name, "query"), str(error)
    return None


def _check_themes(settings: Settings) -> tuple[Place, str] | None:
    from mi6_tui.config import nearest

    known = theme.known_names()
    for name, table in settings.themes.items():
        if name in known:
            return ("themes", name), "there is a theme of that name; give yours another"
        if table.like not in known:
            return ("themes", name, "like"), f"no theme is called {table.like!r}{nearest(table.like, known)}"
    wanted, known = settings.dashboard.theme, [*settings.themes, *known]
    if wanted not in known:
        return ("dashboard", "theme"), f"no theme is called {wanted!r}{nearest(wanted, known)}"
    return None


def _check_views(settings: Settings) -> tuple[Place, str] | None:
    keymap = keymap_of(settings.keys)
    taken = {key: one.id for one in (*GLOBAL, *HOME) for key in keymap.get(one.id, one.keys).split(",")}
    for name, view in settings.views.items():
        if not view.key:
            continue
        if why := _why_not(view.key):
            return ("views", name, "key"), why
        other = taken.setdefault(key_named(view.key), f"the view {name}")
        if other != f"the view {name}":
            return ("views", name, "key"), f"{view.key} is the key of {other}, too"
    return None


def _check_keys(chosen: Chosen) -> tuple[Place, str] | None:
    from mi6_tui.config import nearest

    screens = groups()
    free = [command for _, commands in screens for command in commands if not command.fixed]
    known = list(dict.fromkeys(command.id for command in free))
    for name, keys in chosen.items():
        if name not in known:
            return ("keys", name), f"unknown command{nearest(name, known)}"
        for key in keys:
            if why := _why_not(key):
                return ("keys", name), why
    keymap = keymap_of(chosen)
    for title, commands in screens:
        if (found := _clash(commands, keymap)) is not None:
            name, key, other = found
            return ("keys", name), f"{key} is the key of {other}, too ({title})"
    return None


def _why_not(key: str) -> str:
    """Why nothing can be done by a key; empty if it can."""
    from mi6_tui.config import nearest

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


def _clash(commands: Commands, keymap: Keymap) -> tuple[str, str, str] | None:
    """A remapped command of one screen, a key of it, and another command with that key; None if none."""
    taken: dict[str, str] = {}
    for command in (*commands, *(one for one in GLOBAL if one not in commands)):
        chosen = None if command.fixed else keymap.get(command.id)
        for key in (chosen or command.keys).split(","):
            other = taken.setdefault(key, command.id)
            if other != command.id and (command.id in keymap or other in keymap):
                mine, theirs = (command.id, other) if command.id in keymap else (other, command.id)
                return mine, key, theirs
    return None
