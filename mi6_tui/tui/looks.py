"""How the dashboard looks: theme, plain characters, motion; all of it changes while it runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec
from textual import constants
from textual.app import App
from textual.filter import LineFilter

from mi6_tui.tui import theme
from mi6_tui.tui.plain import Ascii, Colourless, wants_ascii

_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")


class Looks(msgspec.Struct, frozen=True):
    """What the settings say of it."""

    theme: str = theme.NIGHT.name
    ascii: bool = False
    reduced: bool = False
    """No motion but what tells something."""
    start: str = "sessions"
    """The first page."""
    themes: Mapping[str, Mapping[str, str]] = {}
    """The user's own: colours by `theme.NAMES`, and under `like` the theme that they change."""


def first_looks(path: Path | None) -> Looks:
    """What the first paint needs of the settings file.

    What is wrong in it counts as not given: who reads it strictly, later, tells.
    """
    if path is None:
        return Looks()
    try:
        if not path.exists():
            return Looks()
        from mi6_tui.toml_lines import read_toml  # late: most have no file

        _, data = read_toml(path)
    except (OSError, ValueError):
        return Looks()
    told, tables = _table(data.get("dashboard")), _table(data.get("themes"))
    return Looks(
        theme=str(told.get("theme", theme.NIGHT.name)),
        ascii=told.get("ascii") is True,
        reduced=told.get("motion") == "reduced",
        start=str(told.get("start", "sessions")),
        themes={name: _theme(_table(table)) for name, table in tables.items()},
    )


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _theme(table: Mapping[str, Any]) -> dict[str, str]:
    colours = {
        name: value
        for name, value in table.items()
        if name in theme.NAMES and isinstance(value, str) and _COLOUR.fullmatch(value)
    }
    like = table.get("like")
    return {**colours, "like": like} if isinstance(like, str) else colours


class Dressed(App[None]):
    """An app that wears `Looks`."""

    def __init__(self, css_path: Sequence[str], looks: Looks, env: Mapping[str, str]) -> None:
        super().__init__(css_path=list(css_path))
        self._always_ascii = wants_ascii(env)
        self._plain: list[LineFilter] = []
        self.looks = looks
        for one in theme.OURS:
            self.register_theme(one)
        self._register_own()
        # Not through the watcher, which would parse all styles a second time.
        self.set_reactive(
            App.theme, looks.theme if looks.theme in self.available_themes else theme.NIGHT.name
        )
        self.stylesheet.set_variables(self.get_css_variables())
        self._choose_filters()

    @property
    def reduced_motion(self) -> bool:
        """Whether nothing may flash or glide."""
        return self.looks.reduced or self.animation_level == "none"

    def dress(self, looks: Looks) -> None:
        """Wear other looks, at once."""
        before, self.looks = self.looks, looks
        if before == looks:
            return
        if before.themes != looks.themes:
            self._register_own()
        self._choose_filters()
        named = looks.theme if looks.theme in self.available_themes else theme.NIGHT.name
        if self.theme != named:
            self.theme = named
        elif before.themes != looks.themes or before.ascii != looks.ascii:
            self._invalidate_css()
            self.refresh_css(animate=False)

    def _register_own(self) -> None:
        for name, table in self.looks.themes.items():
            colours = dict(table)
            like = theme.known(colours.pop("like", "")) or theme.NIGHT
            if theme.known(name) is None:
                self.register_theme(theme.changed(name, like, colours))

    def _choose_filters(self) -> None:
        self._plain = []
        if self.no_color:
            self._plain.append(Colourless())
        if self.looks.ascii or self._always_ascii:
            self._plain.append(Ascii())
        self.animation_level = "none" if self.looks.reduced else constants.TEXTUAL_ANIMATIONS

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, and what a plain terminal needs."""
        return [*super().get_line_filters(), *self._plain]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours by our names for themes that do not know them."""
        with suppress(KeyError):
            if "needs-you" not in self.current_theme.variables:
                return theme.colours_of(self.current_theme)
        return {}
