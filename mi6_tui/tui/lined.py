"""A page of lines that scroll, between a head and the keys."""

from __future__ import annotations

from textual.app import ComposeResult

from mi6_tui.tui.commands import Commands
from mi6_tui.tui.moving import MovingPage
from mi6_tui.tui.widgets.bar import Bar
from mi6_tui.tui.widgets.footer import Footer
from mi6_tui.tui.widgets.scroller import Page as Lines
from mi6_tui.tui.worker import ScanView


class LinedPage(MovingPage):
    """Base of such pages. Heirs fill `lines` in `draw`."""

    def __init__(self, lines: Lines, commands: Commands) -> None:
        super().__init__()
        self.head = Bar(keeps_left=True, id="header")
        self.lines = lines
        self.foot = Footer(commands, id="footer")

    @property
    def pane(self) -> Lines:
        """What the keys move."""
        return self.lines

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield self.head
        yield self.lines
        yield self.foot

    def take_scan(self, view: ScanView) -> None:
        """Show how the scan stands."""
        self.foot.show(view)

    def on_resize(self) -> None:
        """Lines break elsewhere."""
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Show what is known."""
        raise NotImplementedError
