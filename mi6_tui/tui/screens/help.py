"""Help: the keys and the marks, as the program itself declares them; `/` finds lines by their words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from mi6_tui.tui import status
from mi6_tui.tui.commands import Keymap, explained, groups
from mi6_tui.tui.text import wrapped
from mi6_tui.tui.widgets.ask_bar import AskBar
from mi6_tui.tui.widgets.bar import Bar
from mi6_tui.tui.widgets.scroller import Page, Piece

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


class HelpScreen(ModalScreen[None]):
    """A page over the dashboard; `here` is the title of the group that is told first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close", show=False),
        Binding("question_mark,q,enter", "dismiss", "close", show=False),
        Binding("slash", "ask", "find", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("pagedown,ctrl+d,space", "page(0.5)", "page down", show=False),
        Binding("pageup,ctrl+u", "page(-0.5)", "page up", show=False),
        Binding("home,g", "end(False)", "first", show=False),
        Binding("end,G", "end(True)", "last", show=False),
    ]

    def __init__(self, keymap: Keymap, here: str = "") -> None:
        super().__init__()
        self._parts = _parts(keymap, here)
        self.ask = AskBar("/", "words to find")
        self.page = Page()
        self.foot = Bar(keeps_left=True)

    def compose(self) -> ComposeResult:
        """One scrolling page."""
        with Vertical(classes="box"):
            yield self.ask
            yield self.page
            yield self.foot

    def on_mount(self) -> None:
        """Everything, until words are asked for."""
        self.ask.display = False
        self.foot.say(
            [
                (" /", "bold $plain"),
                (" find ", "$quiet"),
                (" Esc", "bold $plain"),
                (" close ", "$quiet"),
            ]
        )
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

    def action_move(self, step: int) -> None:
        """Scroll by `step` lines."""
        self.page.move(step)

    def action_page(self, pages: float) -> None:
        """Scroll by pages."""
        self.page.move_page(pages)

    def action_end(self, last: bool) -> None:
        """Scroll to either end."""
        self.page.move_to_end(last=last)


def _parts(keymap: Keymap, here: str) -> list[tuple[str, list[Row]]]:
    keys = [
        (f"Keys: {title.lower()}", [(shown, words, "name") for shown, words in rows])
        for title, rows in sorted(explained(groups(), keymap), key=lambda part: part[0] != here)
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
