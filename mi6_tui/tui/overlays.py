"""What lies over the pages: palette, help, themes, settings, messages; other programs in between."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from mi6_tui.errors import Mi6Error
from mi6_tui.tui import theme
from mi6_tui.tui.commands import GLOBAL, HOME, Commands, groups
from mi6_tui.tui.settled import Settled

if TYPE_CHECKING:
    from mi6_tui.tui.screens.palette import Entry

_USUAL_EDITOR = "vi"


class Overlays(Settled):
    """An app whose commands can be looked up, and whose settings can be changed."""

    # Looking up.

    def commands(self) -> Commands:
        """Those of the page that is seen, and those of every page."""
        own = getattr(sys.modules[type(self.screen).__module__], "COMMANDS", ())
        return (*(HOME if len(self.screen_stack) == 1 else own), *GLOBAL)

    def action_help(self) -> None:
        """Show what keys and marks mean."""
        from mi6_tui.tui.screens.help import HelpScreen

        first = self.commands()[0]
        here = next((title for title, commands in groups() if commands[0] == first), "")
        self.push_screen(HelpScreen(self._keymap, here))

    def action_palette(self) -> None:
        """Offer everything that can be done here, by its words."""
        from mi6_tui.tui.screens.palette import PaletteScreen, command_entries, other_entries
        from mi6_tui.tui.screens.settings import rows_of

        settings = [row.name for row in rows_of(self.settings, "")]
        entries = [
            *(one for one in command_entries(self.commands(), self._keymap) if one.action != "app.palette"),
            *other_entries("view", "app.show_view", self._view_names(), "Show the sessions that you keep so"),
            *other_entries("theme", "app.wear", self._themes(), "Wear these colours, and keep them"),
            *other_entries("setting", "app.settings", settings, "What it is, and change it"),
        ]
        self.push_screen(PaletteScreen(entries, self._used), self._do)

    def _view_names(self) -> Sequence[str]:
        return ()

    async def _do(self, entry: Entry | None) -> None:
        if entry is not None:
            self._used[entry.action] = max(self._used.values(), default=0) + 1
            await self.run_action(entry.action, self.screen)

    def action_messages(self) -> None:
        """Show what was told."""
        from mi6_tui.tui.screens.messages import MessagesScreen

        self.push_screen(MessagesScreen(self.messages, self.zone))

    # Settings.

    def action_settings(self, first: str = "") -> None:
        """Show all settings, the cursor on `first`."""
        from mi6_tui.tui.screens.settings import SettingsScreen

        self.push_screen(SettingsScreen(first))

    def action_themes(self) -> None:
        """Choose colours."""
        from mi6_tui.tui.screens.themes import ThemeRow, ThemesScreen

        own = [one.name for one in theme.OURS]
        rows = [
            ThemeRow(name, "mi6" if name in own else "yours" if name in self.looks.themes else "Textual",
                     self.available_themes[name].dark)
            for name in self._themes()
        ]  # fmt: skip
        self.push_screen(ThemesScreen(rows), self._keep_theme)

    def _themes(self) -> list[str]:
        """Ours, the user's, Textual's."""
        names = [*(one.name for one in theme.OURS), *self.looks.themes, *self.available_themes]
        return [name for name in dict.fromkeys(names) if name in self.available_themes]

    def action_wear(self, name: str) -> None:
        """Take a theme, and keep it."""
        self.theme = name
        self._keep_theme(name)

    def _keep_theme(self, name: str | None) -> None:
        if name is not None:
            self.save_setting("dashboard", {"theme": name})

    def save_setting(self, table: str, values: Mapping[str, object]) -> None:
        """Write settings of one table into the user's file; they come into force at once."""
        if self.settings_path is None:
            self.notify("there is no settings file here: it holds until you leave", severity="warning")
            return
        from mi6_tui.settings_file import save_setting

        try:
            save_setting(self.settings_path, table, values)
        except (Mi6Error, OSError) as error:
            self.notify(str(error), title="settings", severity="error")
        self.look_at_settings()

    def edit_settings(self, place: Sequence[str]) -> None:
        """Open the settings file in the user's editor where `place` is set."""
        path = self.settings_path
        if path is None:
            self.notify("there is no settings file here", severity="warning")
            return
        with suppress(OSError):  # then the editor tells
            path.parent.mkdir(parents=True, exist_ok=True)
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or _USUAL_EDITOR
        self.run_in_between([*shlex.split(editor), *_at_line(path, place), str(path)])
        self.look_at_settings()

    # Other programs.

    def action_demo(self) -> None:
        """Show the dashboard with invented sessions, until it is left."""
        self.run_in_between([sys.executable, "-m", "mi6_tui", "demo"])

    def run_in_between(self, command: Sequence[str]) -> None:
        """Give the terminal to another program until it ends."""
        try:
            with self.suspend():
                subprocess.run(command, check=False)  # noqa: S603 (no shell)
        except (OSError, SuspendNotSupported) as error:
            self.notify(f"{command[0]}: {error}", severity="error")


def _at_line(path: Path, place: Sequence[str]) -> list[str]:
    from mi6_tui.config import line_of

    try:
        line = line_of(path.read_text(encoding="utf-8"), place) if place else None
    except (OSError, ValueError):
        line = None
    return [f"+{line}"] if line is not None else []
