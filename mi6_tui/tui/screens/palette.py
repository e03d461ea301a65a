"""The palette: every command of the page below it, all pages, views, themes and settings, by their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Final

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.fuzzy import FuzzySearch
from textual.screen import ModalScreen
from textual.widgets import Input

from mi6_tui.tui.commands import PAGE, Command, Commands, Keymap, bindings
from mi6_tui.tui.text import clean, fit
from mi6_tui.tui.widgets.ask_bar import AskBar
from mi6_tui.tui.widgets.key_line import KeyLine
from mi6_tui.tui.widgets.pick_list import PickList, Piece

COMMANDS: Final = (
    Command("choose", "enter", "Enter", "do it", "Do what is under the cursor", PAGE),
    Command("dismiss", "escape,ctrl+p", "Esc Ctrl+P", "leave it", "Do nothing", PAGE),
    Command("move(1)", "down,ctrl+n", "↓ Ctrl+N", "entry down", "Next and previous entry, while typing"),
    Command("move(-1)", "up", "↑", "entry up"),
    Command("page(1)", "pagedown", "PgDn", "entries down", "A page of entries down and up"),
    Command("page(-1)", "pageup", "PgUp", "entries up"),
)
"""Names of their own: the keys of other lists are letters here."""

_MOTIONS: Final = ("move", "page", "end")
"""What nobody would look up to do it once."""
_SCATTERED: Final = 2
"""Rank of a name that only holds the letters here and there."""
_NAMED: Final = 22
"""Cells for the name of a command."""


class Entry(msgspec.Struct, frozen=True):
    """Something that can be done; its texts are cleaned."""

    action: str
    """As Textual runs it, with the page as its namespace."""
    name: str
    help: str
    keys: str = ""
    found: tuple[int, ...] = ()
    """Places of letters of `name` that were typed."""

    @property
    def key(self) -> str:
        """Tells it from the others."""
        return self.action


def command_entries(commands: Commands, keymap: Keymap) -> list[Entry]:
    """Those of a page, without what only moves about."""
    entries: list[Entry] = []
    words = ""
    for command in commands:
        words = command.help or words
        if command.action.partition("(")[0] not in _MOTIONS:
            entries.append(Entry(command.action, command.label, words, command.keys_in(keymap)))
    return entries


def other_entries(kind: str, action: str, names: Iterable[str], help: str) -> list[Entry]:  # noqa: A002
    """One for each of `names`, of which `action` is run."""
    return [Entry(f"{action}({name!r})", f"{kind} {clean(name, 60)}", help) for name in names]


def found(typed: str, entries: Sequence[Entry], used: Mapping[str, int]) -> list[Entry]:
    """The entries that fit what was typed, best first; all of them, used last first, for nothing typed."""
    if not typed:
        return sorted(entries, key=lambda entry: -used.get(entry.action, 0))
    search = FuzzySearch()
    hits: list[tuple[int, float, int, Entry]] = []
    for entry in entries:
        score, places = search.match(typed, entry.name)
        kind = _kind(typed.casefold(), entry)
        if score or kind < _SCATTERED:
            named = msgspec.structs.replace(entry, found=tuple(places) if score else ())
            hits.append((kind, -score, -used.get(entry.action, 0), named))
    return [entry for *_, entry in sorted(hits, key=lambda hit: hit[:3])]


def _kind(wanted: str, entry: Entry) -> int:
    """How plainly it is meant: by its name, by its explanation, by letters here and there."""
    found = (wanted in words.casefold() for words in (entry.name, entry.help))
    return next((kind for kind, hit in enumerate(found) if hit), _SCATTERED)


class Entries(PickList[Entry]):
    """Name, explanation, key."""

    def draw(self, row: Entry, width: int) -> Iterable[Piece]:
        """The letters that were typed stand out."""
        named = fit(row.name, min(_NAMED, width // 2))
        for place, letter in enumerate(named):
            yield letter, "found" if place in row.found else "name"
        room = width - len(named) - len(row.keys) - 2
        yield " ", "plain"
        yield fit(row.help, room), "quiet"
        yield f" {row.keys}", "plain"


class PaletteScreen(ModalScreen[Entry]):
    """Type, choose, done. Its result is what to do; None: nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]

    def __init__(self, entries: Sequence[Entry], used: Mapping[str, int]) -> None:
        super().__init__()
        self._entries = entries
        self._used = used
        self.ask = AskBar(":", "a command, page, view, theme or setting", typed=COMMANDS[:2])
        self.list = Entries()
        self.foot = KeyLine(COMMANDS)

    def compose(self) -> ComposeResult:
        """What is typed above what fits it."""
        with Vertical(classes="box"):
            yield self.ask
            yield self.list
            yield self.foot

    def on_mount(self) -> None:
        """Ready to type."""
        self._look()
        self.ask.input.focus()

    @on(Input.Changed)
    def _look(self) -> None:
        rows = found(self.ask.text, self._entries, self._used)
        self.list.show(rows)
        self.list.select(0)
        self.ask.tell(advice="" if rows else "nothing is called so")

    def action_move(self, step: int) -> None:
        """Another entry."""
        self.list.move(step)

    def action_page(self, pages: float) -> None:
        """Entries further off."""
        self.list.move_page(pages)

    @on(PickList.Chosen)
    @on(Input.Submitted)
    def action_choose(self) -> None:
        """Do what is under the cursor."""
        if self.list.selected is not None:
            self.dismiss(self.list.selected)
