"""Themes: each is shown as the cursor comes to it; Enter keeps it, Esc takes the one before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from mi6_tui.tui.commands import PAGE, Command, bindings, moves
from mi6_tui.tui.moving import Moving
from mi6_tui.tui.text import clean
from mi6_tui.tui.widgets.bar import Bar
from mi6_tui.tui.widgets.key_line import KeyLine
from mi6_tui.tui.widgets.pick_list import PickList, Piece

COMMANDS: Final = (
    Command("keep", "enter", "Enter", "keep", "Keep the theme that is seen", PAGE),
    Command("give_up", "escape,q", "Esc", "as before", "Take the one from before", PAGE),
    *moves("Next and previous theme", "First and last theme"),
    Command("move(1)", "t", "t", "next theme", "The next theme"),
)


class ThemeRow(msgspec.Struct, frozen=True):
    """A theme by its name."""

    name: str
    whose: str
    """`mi6`, `yours` or `Textual`."""
    dark: bool

    @property
    def key(self) -> str:
        """Tells it from the others."""
        return self.name


class ThemeList(PickList[ThemeRow]):
    """Name, whose, dark or light."""

    def draw(self, row: ThemeRow, width: int) -> Iterable[Piece]:
        """One line."""
        yield f"{clean(row.name, 24):<24} ", "name"
        yield f"{row.whose:<8}{'dark' if row.dark else 'light'}", "quiet"


class ThemesScreen(Moving, ModalScreen[str]):
    """Its result is the theme to keep; None: the one from before."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]

    def __init__(self, rows: Sequence[ThemeRow]) -> None:
        super().__init__()
        self._rows = rows
        self._before = ""
        self.head = Bar(keeps_left=True)
        self.list = ThemeList()
        self.foot = KeyLine(COMMANDS)

    @property
    def pane(self) -> ThemeList:
        """What the keys move."""
        return self.list

    def compose(self) -> ComposeResult:
        """Above each other, beside what they change."""
        with Vertical(classes="box"):
            yield self.head
            yield self.list
            yield self.foot

    def on_mount(self) -> None:
        """Begin at the theme in force."""
        self._before = self.app.theme
        self.head.say([(" theme", "bold $name")])
        self.list.show(self._rows)
        names = [row.name for row in self._rows]
        self.list.select(names.index(self._before) if self._before in names else 0)
        self.list.focus()

    @on(PickList.Moved)
    def _preview(self) -> None:
        row = self.list.selected
        # A word of a movement may come after it was all decided.
        if row is not None and self.is_current and row.name != self.app.theme:
            self.app.theme = row.name

    @on(PickList.Chosen)
    def action_keep(self) -> None:
        """Keep what is seen."""
        self.dismiss(self.app.theme)

    def action_give_up(self) -> None:
        """As it was before."""
        self.app.theme = self._before
        self.dismiss(None)
