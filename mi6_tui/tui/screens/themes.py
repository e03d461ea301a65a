"""Themes: each is shown as the cursor comes to it; Enter keeps it, Esc takes the one before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from mi6_tui.tui.text import clean
from mi6_tui.tui.widgets.bar import Bar
from mi6_tui.tui.widgets.pick_list import PickList, Piece


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


class ThemesScreen(ModalScreen[str]):
    """Its result is the theme to keep; None: the one from before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "give_up", "as before", show=False),
        Binding("down,j,t", "move(1)", "next", show=False),
        Binding("up,k", "move(-1)", "previous", show=False),
        Binding("pagedown,ctrl+d", "page(1)", "page down", show=False),
        Binding("pageup,ctrl+u", "page(-1)", "page up", show=False),
        Binding("home,g", "end(False)", "first", show=False),
        Binding("end,G", "end(True)", "last", show=False),
        Binding("enter", "keep", "keep", show=False),
    ]

    def __init__(self, rows: Sequence[ThemeRow]) -> None:
        super().__init__()
        self._rows = rows
        self._before = ""
        self.head = Bar(keeps_left=True)
        self.list = ThemeList()
        self.foot = Bar(keeps_left=True)

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
        self.foot.say(
            [
                (" Enter", "bold $plain"),
                (" keep ", "$quiet"),
                (" Esc", "bold $plain"),
                (" as before ", "$quiet"),
            ]
        )
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

    def action_move(self, step: int) -> None:
        """Another theme."""
        self.list.move(step)

    def action_page(self, pages: float) -> None:
        """Themes further off."""
        self.list.move_page(pages)

    def action_end(self, last: bool) -> None:
        """The first or the last theme."""
        self.list.move_to_end(last=last)

    @on(PickList.Chosen)
    def action_keep(self) -> None:
        """Keep what is seen."""
        self.dismiss(self.app.theme)

    def action_give_up(self) -> None:
        """As it was before."""
        self.app.theme = self._before
        self.dismiss(None)
