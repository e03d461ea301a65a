"""Every setting: its value, where that comes from, what it does; what has few values is changed here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final, Literal, get_args, get_origin

import msgspec
from pydantic import BaseModel
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from mi6_tui.config import Settings
from mi6_tui.toml_lines import line_of, text_of
from mi6_tui.tui.commands import PAGE, Command, bindings, moves
from mi6_tui.tui.moving import Moving
from mi6_tui.tui.page import Page
from mi6_tui.tui.text import clean, fit, wrapped
from mi6_tui.tui.widgets.bar import Bar
from mi6_tui.tui.widgets.footer import Footer
from mi6_tui.tui.widgets.pick_list import PickList, Piece
from mi6_tui.tui.widgets.scroller import Page as Lines
from mi6_tui.tui.worker import ScanView

COMMANDS: Final = (
    Command(
        "change",
        "space,enter",
        "Space Enter",
        "change",
        "The next value of a setting that has few",
        PAGE,
        outside=True,
    ),
    Command(
        "edit", "e", "e", "edit", "Open the settings file in your editor, at this setting", PAGE, outside=True
    ),
    Command("back", "escape,comma", "Esc ,", "back", "Back to the page before", PAGE),
    *moves("Next and previous setting", "First and last setting"),
)

_NAMED: Final = 26
_EMPTY: Final[Mapping[tuple[str, ...], str]] = {
    ("columns", "show"): "the usual ones",
    ("columns", "widths"): "each its own",
    ("keys",): "the usual ones",
    ("actions", "terminal"): "the first that is found",
    ("prices",): "the built-in table",
}
"""What nothing means, where it is more than nothing."""
_TOLD: Final = 4
"""Lines for what a setting does."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One setting; its texts are cleaned."""

    place: tuple[str, ...]
    value: str
    source: str
    """`default`, or the line of the file that sets it."""
    told: str
    choices: tuple[str | bool, ...] = ()
    """Its values, in order, where they are few; begins with the one that would be next."""

    @property
    def key(self) -> tuple[str, ...]:
        """Tells it from the others."""
        return self.place

    @property
    def name(self) -> str:
        """As in the file: `dashboard.theme`."""
        return ".".join(self.place)


def rows_of(settings: Settings, text: str) -> list[Row]:
    """All settings, with those lines of the file's `text` that set them."""
    return list(_rows(settings, text, ()))


def _rows(table: BaseModel, text: str, place: tuple[str, ...]) -> Iterable[Row]:
    for name, field in type(table).model_fields.items():
        here, value = (*place, field.alias or name), getattr(table, name)
        if isinstance(value, BaseModel):
            yield from _rows(value, text, here)
        elif field.description:
            yield Row(
                place=here,
                value=clean(_shown(value, _EMPTY.get(here, "none")), 200),
                source=_source(here, text),
                told=clean(field.description, 400),
                choices=_choices(field.annotation, value),
            )


def _source(place: tuple[str, ...], text: str) -> str:
    line = line_of(text, place)
    return f"line {line}" if line is not None else "default"


def _shown(value: object, empty: str = "none") -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(str(name) for name in value) or empty
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or empty
    return empty if value is None else str(value)


def _choices(annotation: Any, value: object) -> tuple[str | bool, ...]:
    known: tuple[Any, ...] = ()
    if annotation is bool:
        known = (False, True)
    elif get_origin(annotation) is Literal:
        known = get_args(annotation)
    if value not in known:
        return known
    after = known.index(value) + 1
    return (*known[after:], *known[:after])


class Rows(PickList[Row]):
    """Name, value, source."""

    def draw(self, row: Row, width: int) -> Iterable[Piece]:
        """What is not a default stands out."""
        default = row.source == "default"
        yield fit(row.name, min(_NAMED, width // 2)), "quiet" if default else "name"
        room = width - min(_NAMED, width // 2) - len(row.source) - 2
        yield " ", "plain"
        yield fit(row.value, max(0, room)), "plain" if default else "working"
        yield f" {row.source}", "faint"


class SettingsScreen(Moving, Page):
    """The settings in force; follows the file while it is seen. `first` is the setting to begin at."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]

    def __init__(self, first: str = "") -> None:
        super().__init__()
        self._first = first
        self.head = Bar(keeps_left=True, id="header")
        self.list = Rows()
        self.told = Lines(id="told")
        self.footer = Footer(COMMANDS, id="footer")

    @property
    def pane(self) -> Rows:
        """What the keys move."""
        return self.list

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield self.head
        yield self.list
        yield self.told
        yield self.footer

    def on_mount(self) -> None:
        """Show them."""
        path = self.mi6.settings_path
        about = f" · {clean(str(path))}" if path is not None else " · no file: nothing can be kept"
        self.head.say([(" mi6 ", "bold $name"), (" settings", "bold $plain"), (about, "$quiet")])
        self.mi6.settings_changed.subscribe(self, lambda _: self._show())
        self._show()
        names = [row.name for row in self.list.rows]
        self.list.select(names.index(self._first) if self._first in names else 0)
        self.list.focus()

    def take_scan(self, view: ScanView) -> None:
        """Show how the scan stands."""
        self.footer.show(view)

    def on_resize(self) -> None:
        """Lines break elsewhere."""
        self.call_after_refresh(self._tell)

    def _show(self) -> None:
        path = self.mi6.settings_path
        # Where it cannot be read the banner says why.
        self.list.show(rows_of(self.mi6.settings, text_of(path) if path is not None else ""))

    @on(PickList.Moved)
    def _tell(self) -> None:
        row = self.list.selected
        if row is not None:
            lines = wrapped(row.told, max(10, self.told.line_width - 2))[: _TOLD - 1]
            values = " · ".join(_shown(value) for value in row.choices)
            self.told.show(
                [
                    *(((f" {line}", "plain"),) for line in lines),
                    *([((f" {values}", "quiet"),)] if values else []),
                ]
            )

    # Commands.

    def action_change(self) -> None:
        """Take the next value, and keep it."""
        row = self.list.selected
        if row is None:
            return
        if row.choices:
            self.mi6.save_setting(".".join(row.place[:-1]), {row.place[-1]: row.choices[0]})
        elif row.name == "dashboard.theme":
            self.mi6.action_themes()
        else:
            self.action_edit()

    @on(PickList.Chosen)
    async def _chosen(self) -> None:
        await self.app.run_action("change", self)

    def action_edit(self) -> None:
        """Open the file where the setting stands."""
        row = self.list.selected
        self.mi6.edit_settings(row.place if row is not None else ())

    def action_back(self) -> None:
        """The page before."""
        self.dismiss(None)
