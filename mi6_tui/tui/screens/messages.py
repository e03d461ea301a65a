"""What the dashboard told while it ran: notes, problems, notifications, with their times."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from mi6_tui.tui.commands import PAGE, Command, bindings, moves
from mi6_tui.tui.messages import Said
from mi6_tui.tui.moving import Moving
from mi6_tui.tui.text import time_of_day, wrapped
from mi6_tui.tui.widgets.bar import Bar
from mi6_tui.tui.widgets.footer import Footer
from mi6_tui.tui.widgets.scroller import Page, Piece
from mi6_tui.tui.worker import ScanView

COMMANDS: Final = (
    Command("dismiss", "escape,M", "Esc M", "back", "Back to the page before", PAGE),
    *moves("Next and previous line", "The newest message, and the oldest"),
)

_INKS: Final = {"error": "trouble", "warning": "needs-you", "information": "quiet"}
_WORDS: Final = {"error": "▲ problem", "warning": "◆ warning", "information": "· note"}
_TIME: Final = 8
_WORD: Final = 10


class MessagesScreen(Moving, Screen[None]):
    """The messages of this run, newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]

    def __init__(self, messages: Iterable[Said], zone: tzinfo | None) -> None:
        super().__init__()
        self._messages = list(messages)[::-1]
        self._zone = zone
        self.head = Bar(keeps_left=True, id="header")
        self.page = Page()
        self.footer = Footer(COMMANDS, id="footer")

    @property
    def pane(self) -> Page:
        """What the keys move."""
        return self.page

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield self.head
        yield self.page
        yield self.footer

    def on_mount(self) -> None:
        """Say what it is."""
        about = f" · the latest {len(self._messages)}" if self._messages else " · nothing was told yet"
        self.head.say([(" mi6 ", "bold $name"), (" messages", "bold $plain"), (about, "$quiet")])
        self.footer.show(ScanView())
        self.page.focus()

    def on_resize(self) -> None:
        """Lines break elsewhere."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        width = self.page.line_width
        self.page.show(line for said in self._messages for line in self._lines(said, width))

    def _lines(self, said: Said, width: int) -> Iterable[tuple[Piece, ...]]:
        ink = _INKS[said.severity]
        words = f"{said.title}: {said.body}" if said.title else said.body
        head = (
            (f" {time_of_day(said.at, self._zone)} ", "quiet"),
            (f"{_WORDS[said.severity]:<{_WORD}} ", ink),
        )
        indent = _TIME + _WORD + 3
        first, *rest = wrapped(words, max(1, width - indent))
        yield (*head, (first, "plain"))
        for line in rest:
            yield ((" " * indent, "plain"), (line, "plain"))
