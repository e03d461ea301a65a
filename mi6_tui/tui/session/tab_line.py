"""The line of tabs: their names, the one that is open, and what that one has to say."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from mi6_tui.tui.widgets.bar import Piece, cells

_GAP = 2


class TabLine(Widget):
    """Names from the left, a few words at the right. On a narrow screen only the open tab is named."""

    class Picked(Message):
        """A name was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, names: Sequence[str], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._names = names
        self._open = ""
        self._told: Sequence[Piece] = ()

    def show(self, name: str, told: Sequence[Piece]) -> None:
        """Show which tab is open, and its words."""
        if (name, tuple(told)) != (self._open, self._told):
            self._open, self._told = name, tuple(told)
            self.refresh()

    def _labels(self) -> list[tuple[int, str]]:
        """Each name with the cell where it begins."""
        found, cell = [], 1
        for name in self._names:
            found.append((cell, name))
            cell += len(name) + _GAP
        return found

    @property
    def _narrow(self) -> bool:
        return sum(len(name) + _GAP for name in self._names) > self.size.width

    def render(self) -> Content:
        """The line, exactly as wide as the widget."""
        width = self.size.width
        left: list[Piece] = []
        if self._narrow:
            place = (
                f"{self._names.index(self._open) + 1}/{len(self._names)}" if self._open in self._names else ""
            )
            left = [(f" {self._open} ", "bold reverse $name"), (f" {place} ", "$quiet")]
        else:
            for name in self._names:
                # Reversed, so that it is seen without colours.
                left.append((f" {name} ", "bold reverse $name" if name == self._open else "$quiet"))
        right: list[Piece] = []
        for piece in self._told:
            if cells([*left, *right, piece]) > width:
                break
            right.append(piece)
        gap = max(0, width - cells(left) - cells(right))
        return Content.assemble(*left, " " * gap, *right)

    def on_click(self, event: events.Click) -> None:
        """Open the tab of that name."""
        event.stop()
        if self._narrow:
            place = self._names.index(self._open) if self._open in self._names else -1
            self.post_message(self.Picked(self._names[(place + 1) % len(self._names)]))
            return
        for cell, name in self._labels():
            if cell - 1 <= event.x < cell + len(name) + _GAP - 1:
                self.post_message(self.Picked(name))
