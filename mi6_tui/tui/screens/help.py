"""Help: the keys and the marks, as the program itself declares them."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from mi6_tui.tui import status
from mi6_tui.tui.commands import explained

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


class HelpScreen(ModalScreen[None]):
    """A page over the dashboard."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter", "dismiss", "close", show=False),
        Binding("j", "move(1)", "down", show=False),
        Binding("k", "move(-1)", "up", show=False),
        Binding("ctrl+c", "app.quit", "quit", show=False, priority=True),
    ]

    def compose(self) -> ComposeResult:
        """One scrolling page."""
        with VerticalScroll():
            yield Static(_page())

    def action_move(self, step: int) -> None:
        """Scroll by `step` lines."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)


def _page() -> Content:
    lines: list[tuple[str, str]] = [("Keys\n", "bold $needs-you")]
    lines += _table([(keys, words, "bold $name") for keys, words in explained()])
    lines.append(("\nMarks\n", "bold $needs-you"))
    lines += _table(
        [(f"{status.glyph(name)} {name}", _MEANINGS[name], f"${status.ink(name)}") for name in status.SHOWN]
    )
    lines.append(("\nNumbers\n", "bold $needs-you"))
    lines += _table([(mark, meaning, "bold $name") for mark, meaning in _NUMBERS])
    lines.append(("\nEsc closes this page.", "$quiet"))
    return Content.assemble(*lines)


def _table(rows: list[tuple[str, str, str]]) -> list[tuple[str, str]]:
    pieces: list[tuple[str, str]] = []
    for left, right, style in rows:
        pieces += [(f"  {left:<15} ", style), (f"{right}\n", "$plain")]
    return pieces
