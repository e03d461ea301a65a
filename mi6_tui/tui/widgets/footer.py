"""The bottom line: keys on the left, the scan on the right. What has no room goes whole, from behind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, cast

from textual.events import Click
from textual.widget import Widget

from mi6_tui.tui import text
from mi6_tui.tui.commands import GLOBAL, HOME, HOOKS, Command, Commands, Place
from mi6_tui.tui.widgets.bar import Bar, Piece, cells
from mi6_tui.tui.worker import ScanView

if TYPE_CHECKING:
    from mi6_tui.tui.app import Mi6App

_BAR: Final = 8
_ALWAYS: Final = 2
"""Commands at the end that stay however narrow it is: help, and how to leave."""
_BESIDE_OFFER: Final = 6
"""Commands that must have room beside the offer, else it is made by its key alone."""
_OFFER: Final = (
    ("hooks would tell when an agent waits: ", "$quiet"),
    ("H", "bold $plain"),
    (" shows how ", "$quiet"),
)


class Footer(Bar):
    """What can be done, by the commands of one screen and those of all, and what is being read."""

    def __init__(self, commands: Commands = HOME, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        taken = {key for command in commands for key in command.keys.split(",")}
        others = (command for command in GLOBAL if not taken.issuperset(command.keys.split(",")))
        self._commands = (*commands, *others)
        self._view = ScanView()
        self._place: Place = "page"
        self._unseen = 0
        self._offered = False
        self._typed: Commands = ()
        """Instead of all others, while the user types."""
        self._reached: list[tuple[int, str]] = []
        """Cells from the left at which a command ends, and its action."""

    def on_mount(self) -> None:
        """Follow the focus: in a line that is typed into, keys mean something else."""
        self.watch(self.screen, "focused", self._focus_moved)

    def _focus_moved(self, focused: Widget | None) -> None:
        typed: Commands = getattr(focused.parent, "typed", ()) if focused is not None else ()
        if typed is not self._typed:
            self._typed = typed
            self.fill()

    def show(self, view: ScanView, place: Place = "page", *, unseen: int = 0, offered: bool = False) -> None:
        """Show the keys of where we are and the scan as it stands; `offered`: hooks would add something."""
        self._view, self._place, self._unseen, self._offered = view, place, unseen, offered
        self.fill()

    def on_resize(self) -> None:
        """There is room for other keys."""
        self.fill()

    def fill(self) -> None:
        """Show the same anew: keys or the room for them changed."""
        app = cast("Mi6App", self.app)
        commands = list(
            self._typed or app.allowed([one for one in self._commands if self._place in one.footer])
        )
        right = list(_scan(self._view))
        room = self.size.width - 1
        if self._unseen:
            right = [(f"{self._unseen} new below · G ", "$needs-you"), *right]
        elif self._offered and not right and not self._typed:
            beside = self._fitting(commands, room - cells(_OFFER))
            if len(beside) >= min(_BESIDE_OFFER, len(commands)):
                commands, right = beside, list(_OFFER)
            else:
                commands = [*self._fitting(commands, room - self._width(HOOKS)), HOOKS]
                commands[-1], commands[-2] = commands[-2], commands[-1]
        commands = self._fitting(commands, room - cells(right))
        self._reached = []
        for command in commands:
            before = self._reached[-1][0] if self._reached else 0
            self._reached.append((before + self._width(command), command.action))
        self.say([piece for command in commands for piece in self._key(command)], right)

    def _fitting(self, commands: list[Command], room: int) -> list[Command]:
        kept = list(commands)
        while len(kept) > _ALWAYS and sum(map(self._width, kept)) > room:
            del kept[-_ALWAYS - 1]
        return kept

    def _width(self, command: Command) -> int:
        return cells(self._key(command))

    def _key(self, command: Command) -> tuple[Piece, Piece]:
        keys = command.shown if self._typed else command.keys_in(self.app._keymap)
        return (f" {keys}", "bold $plain"), (f" {command.label} ", "$quiet")

    async def on_click(self, event: Click) -> None:
        """What is clicked is done."""
        action = next((action for end, action in self._reached if event.x < end), None)
        if action is not None:
            await self.app.run_action(action, self.screen)


def _scan(view: ScanView) -> Iterable[Piece]:
    if view.progress is not None:
        progress = view.progress
        share = progress.bytes_done / progress.bytes_total if progress.bytes_total else 0.0
        filled, empty = text.bar(share, _BAR)
        yield f"scan {progress.files_done}/{progress.files_total} files ", "$quiet"
        yield filled, "$bar"
        yield empty, "$rule"
        if progress.time_left is not None:
            yield f" about {progress.time_left} left", "$quiet"
        yield " ", ""
    elif view.state is not None and view.state.role == "reader":
        if view.state.reason is not None:
            yield "read-only ", "$quiet"
        else:
            who = f"pid {view.state.holder}" if view.state.holder else "another mi6-tui"
            yield f"reading; {who} writes ", "$quiet"
