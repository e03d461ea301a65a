"""The bottom line: keys on the left, the scan on the right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from mi6_tui.tui import text
from mi6_tui.tui.commands import COMMANDS, HOOKS, Command, Place
from mi6_tui.tui.widgets.bar import Bar, Piece, cells
from mi6_tui.tui.worker import ScanView

_BAR: Final = 8
_OFFER: Final = (
    ("hooks would tell when an agent waits: ", "$quiet"),
    ("H", "bold $plain"),
    (" shows how ", "$quiet"),
)


class Footer(Bar):
    """What can be done, and what is being read."""

    def show(self, view: ScanView, place: Place, *, unseen: int, offered: bool) -> None:
        """Show the keys of where we are and the scan as it stands; `offered`: hooks would add something."""
        left, right = list(_keys(place)), list(_scan(view))
        if unseen:
            right = [(f"{unseen} new below · G ", "$needs-you"), *right]
        elif offered and not right and place != "opened":
            if cells(left) + cells(_OFFER) < self.app.size.width:
                right = list(_OFFER)
            else:
                left[-2:-2] = _key(HOOKS)
        self.say(left, right)


def _keys(place: Place) -> Iterable[Piece]:
    for command in COMMANDS:
        if place in command.footer:
            yield from _key(command)


def _key(command: Command) -> tuple[Piece, Piece]:
    return (f" {command.shown}", "bold $plain"), (f" {command.label} ", "$quiet")


def _scan(view: ScanView) -> Iterable[Piece]:
    if view.progress is not None:
        progress = view.progress
        share = progress.bytes_done / progress.bytes_total if progress.bytes_total else 0.0
        filled, empty = text.bar(share, _BAR)
        yield f"scan {progress.files_done}/{progress.files_total} files ", "$quiet"
        yield filled, "$bar"
        yield empty, "$rule"
        if progress.seconds_left is not None:
            yield f" {text.age(round(progress.seconds_left * 1000))}", "$quiet"
        yield " ", ""
    elif view.state is not None and view.state.role == "reader":
        if view.state.reason is not None:
            yield "read-only ", "$quiet"
        else:
            who = f"pid {view.state.holder}" if view.state.holder else "another mi6-tui"
            yield f"reading; {who} writes ", "$quiet"
