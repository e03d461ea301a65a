"""Help: the keys and the marks, as the program itself declares them; `/` finds lines by their words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from mi6_tui.tui import status
from mi6_tui.tui.commands import PAGE, Command, Groups, Keymap, bindings, explained, moves
from mi6_tui.tui.moving import Moving
from mi6_tui.tui.text import wrapped
from mi6_tui.tui.widgets.ask_bar import AskBar
from mi6_tui.tui.widgets.key_line import KeyLine
from mi6_tui.tui.widgets.scroller import Page, Piece

COMMANDS: Final = (
    Command("ask", "slash", "/", "find", "Show only the lines with some words", PAGE),
    Command("leave", "escape", "Esc", "back", "Leave the words, or the page", PAGE),
    Command("dismiss", "question_mark,q,enter", "? q Enter", "close", "Leave the page"),
    *moves("Scroll", "Scroll to either end"),
    Command("page(1.0)", "space", "Space", "page on", "A page down"),
)

_MEANINGS: Final = {
    "waiting": "it needs you: a permission, a question, a plan",
    "error": "a failure stopped it that it will not retry",
    "working": "a turn runs; the word says at what",
    "background": "its turn ended, its subagents or shells still run",
    "your turn": "its turn ended, and you have not opened it since",
    "idle": "its turn ended, and you looked; or nothing was asked yet",
    "ended": "it is over; – it was killed, or silent for a day",
    "unknown": "the evidence is too old or contradictory",
}
_NUMBERS: Final = (
    ("≥", "some requests miss a number: at least this much"),
    ("~", "estimated from the price table; the client did not say"),
    ("-", "unknown"),
    ("of ?", "tokens in a context window whose size nobody knows"),
)
_LEFT: Final = 19
"""Cells for keys and marks."""

Row = tuple[str, str, str]
"""Keys or a mark, what it means, the ink of the first."""


class HelpScreen(Moving, ModalScreen[None]):
    """A page over the dashboard: before all a `rule`, then `commands`, those of the title `here` first."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]

    def __init__(self, commands: Groups, keymap: Keymap, here: str = "", rule: str = "") -> None:
        super().__init__()
        self._parts = _parts(commands, keymap, here)
        if rule:
            self._parts.insert(0, ("Read-only", [("", rule, "name")]))
        self.ask = AskBar("/", "words to find")
        self.page = Page()
        self.foot = KeyLine(COMMANDS)

    @property
    def pane(self) -> Page:
        """What the keys move."""
        return self.page

    def compose(self) -> ComposeResult:
        """One scrolling page."""
        with Vertical(classes="box"):
            yield self.ask
            yield self.page
            yield self.foot

    def on_mount(self) -> None:
        """Everything, until words are asked for."""
        self.ask.display = False
        self.page.focus()

    def on_resize(self) -> None:
        """Lines break elsewhere."""
        self.call_after_refresh(self._draw)

    @on(Input.Changed)
    def _draw(self) -> None:
        words = self.ask.text.casefold().split()
        lines = list(_lines(self._parts, words, self.page.line_width))
        self.page.show(lines or [(("nothing is told of that", "quiet"),)])

    def action_ask(self) -> None:
        """Type what to find."""
        self.ask.display = True
        self.ask.input.focus()

    @on(Input.Submitted)
    def _asked(self) -> None:
        self.page.focus()

    def action_leave(self) -> None:
        """Leave the words, or the page."""
        if self.ask.display:
            self.ask.input.value = ""
            self.ask.display = False
            self.page.focus()
        else:
            self.dismiss(None)


def _parts(commands: Groups, keymap: Keymap, here: str) -> list[tuple[str, list[Row]]]:
    keys = [
        (f"Keys: {title.lower()}", [(shown, words, "name") for shown, words in rows])
        for title, rows in sorted(explained(commands, keymap), key=lambda part: part[0] != here)
    ]
    marks = [(f"{status.glyph(name)} {name}", _MEANINGS[name], status.ink(name)) for name in status.SHOWN]
    return [*keys, ("Marks", marks), ("Numbers", [(mark, meaning, "name") for mark, meaning in _NUMBERS])]


def _lines(
    parts: Iterable[tuple[str, Sequence[Row]]], words: Sequence[str], width: int
) -> Iterable[tuple[Piece, ...]]:
    first = True
    for title, rows in parts:
        kept = [row for row in rows if all(word in f"{row[0]} {row[1]}".casefold() for word in words)]
        if not kept:
            continue
        if not first:
            yield ()
        first = False
        yield ((title, "needs-you"),)
        for left, right, ink in kept:
            lead = f"  {left:<{_LEFT}} "
            begin, *rest = wrapped(right, max(10, width - len(lead)))
            yield (lead, ink), (begin, "plain")
            for line in rest:
                yield (" " * (_LEFT + 3), "plain"), (line, "plain")
