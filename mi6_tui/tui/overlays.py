"""What lies over the pages: palette, help, themes, settings, messages; other programs in between."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from textual._styles_cache import StylesCache
from textual.app import SuspendNotSupported
from textual.await_complete import AwaitComplete
from textual.widgets._toast import ToastHolder

from mi6_tui.errors import Mi6Error
from mi6_tui.log import logger
from mi6_tui.private import make_folder
from mi6_tui.tui import theme
from mi6_tui.tui.commands import groups
from mi6_tui.tui.guarded import Guarded
from mi6_tui.tui.text import clean

if TYPE_CHECKING:
    from mi6_tui.tui.guest import Guest
    from mi6_tui.tui.screens.palette import Entry

_USUAL_EDITOR: Final = "vi"
_PAINTED: Final = 0.5
"""Seconds after which what lay below a screen that was left is surely painted."""
_OTHER: Final = "VISUAL or EDITOR names another"


class Overlays(Guarded):
    """An app whose commands can be looked up, and whose settings can be changed."""

    _guest: Guest | None = None

    def pop_screen(self) -> AwaitComplete:
        """Leave the screen, and let go of what it was made of."""
        # Textual's cache of backgrounds holds the painters of up to 1024 widgets that are gone.
        StylesCache.get_inner_outer.cache_clear()
        # Its cycles would wait until they are a quarter of everything: memory stays at such a peak.
        self.set_timer(_PAINTED, gc.collect)
        return super().pop_screen()

    def _refresh_notifications(self) -> None:
        super()._refresh_notifications()
        self.call_later(self._remove_empty_holders)

    def _remove_empty_holders(self) -> None:
        # Textual takes a toast that expired on another screen out of its holder, which would stay for good.
        holders = self.screen.query(ToastHolder) if self.screen_stack else ()
        for holder in holders:
            if holder.is_mounted and not holder.children:
                holder.remove()

    # Looking up.

    def action_help(self) -> None:
        """Show what keys and marks mean."""
        from mi6_tui.tui.screens.help import HelpScreen

        first = self.commands()[0]
        here = next((title for title, commands in groups() if commands[0] == first), "")
        told = [(title, self.allowed(commands)) for title, commands in groups()]
        self.push_screen(HelpScreen(told, self._keymap, here, self.rule))

    def action_palette(self) -> None:
        """Offer everything that can be done here, by its words."""
        from mi6_tui.tui.screens.palette import PaletteScreen, command_entries, other_entries
        from mi6_tui.tui.screens.settings import rows_of

        settings = [row.name for row in rows_of(self.settings, "")]
        entries = [
            *(
                one
                for one in command_entries(self.allowed(self.commands()), self._keymap)
                if one.action != "app.palette"
            ),
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
        if self.refusal:
            self.tell_for_this_run()
            return
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
        import shlex  # late, as all that is not painted at once

        from mi6_tui.tui.guest import Guest

        path = self.settings_path
        if path is None:
            self.notify("there is no settings file here", severity="warning")
            return
        with suppress(OSError):  # then the editor tells
            make_folder(path.parent)
        named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
        try:
            editor = shlex.split(named) or [_USUAL_EDITOR]
        except ValueError as error:
            self.notify(
                f"the editor {clean(named, 60)} cannot be started: {error}; {_OTHER}", severity="error"
            )
            return
        # What reads lines, as some editors do, needs to have them echoed.
        guest = Guest([*editor, *_at_line(path, place), str(path)], typed_ahead=True)
        self.invite(guest, f"the editor {clean(editor[0], 60)}", _OTHER)

    # Other programs.

    def action_demo(self) -> None:
        """Show the dashboard with invented sessions, until it is left."""
        from mi6_tui.tui.guest import Guest

        self.invite(
            Guest([sys.executable, "-m", "mi6_tui", "demo"], typed_ahead=False),
            "the demo",
            "`mi6-tui demo` in a shell tells why",
        )

    def action_suspend_process(self) -> None:
        """Stop, with whoever started this and waits: else a shell would not hear of it."""
        # The terminal first: once the others stand still the shell has it.
        with suppress(SuspendNotSupported), self.suspend():
            os.kill(0, signal.SIGTSTP)

    def invite(self, guest: Guest, what: str, advice: str) -> None:
        """Give the terminal to another program until it ends; if that was not well, `advice` is told."""
        if self._guest is None:
            self._guest = guest
            self.run_worker(self._host(guest, what, advice), name=what)

    async def _host(self, guest: Guest, what: str, advice: str) -> None:
        self.give_title_back()
        try:
            with self.batch_update(), self.suspend():
                problem = await _visit(guest)
                if guest.told is not None:
                    raise _Leaving
        except _Leaving:
            self.exit(return_code=128 + (guest.told or 0))
            return
        except SuspendNotSupported as error:
            problem = str(error)
        self._guest = None
        self.take_title_again()
        self.look_at_settings()
        if problem:
            self.notify(f"{what} {problem}; {advice}", severity="error")

    def leave(self, number: int) -> None:
        """End because of a signal, as soon as whoever has the terminal has ended."""
        if self._guest is not None:
            self._guest.end(number)
        else:
            self.exit(return_code=128 + number)

    def _handle_exception(self, error: Exception) -> None:
        """A failure ends the dashboard; of one that ends already keys and news may find the screen gone."""
        if self._exit:
            logger().info("failed while it ended", exc_info=error)
        else:
            super()._handle_exception(error)

    async def run_action(self, action: Any, *args: Any, **options: Any) -> bool:
        """Carry out a command; keys from before somebody else had the terminal do nothing."""
        return self._guest is not None or await super().run_action(action, *args, **options)


class _Leaving(Exception):  # noqa: N818 (not an error)
    """The terminal is not taken again."""


async def _visit(guest: Guest) -> str:
    """What went wrong; empty if nothing did."""
    try:
        code = await guest.visit()
    except OSError as error:
        return f"cannot be started: {error.strerror or error}"
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with {code}" if code else ""


def _at_line(path: Path, place: Sequence[str]) -> list[str]:
    from mi6_tui.toml_lines import line_of, text_of

    line = line_of(text_of(path), place) if place else None
    return [f"+{line}"] if line is not None else []
