"""The bottom line: keys on the left, the scan on the right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from mi6_tui.tui import text
from mi6_tui.tui.commands import COMMANDS, Place
from mi6_tui.tui.widgets.bar import Bar, Piece
from mi6_tui.tui.worker import ScanView

_BAR: Final = 8


class Footer(Bar):
    """What can be done, and what is being read."""

    def show(self, view: ScanView, place: Place, *, unseen: int) -> None:
        """Show the keys of where we are and the scan as it stands."""
        right = list(_scan(view))
        if unseen:
            right = [(f"{unseen} new below · G ", "$needs-you"), *right]
        self.say(_keys(place), right)


def _keys(place: Place) -> Iterable[Piece]:
    for command in COMMANDS:
        if place in command.footer:
            yield f" {command.shown}", "bold $plain"
            yield f" {command.label} ", "$quiet"


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
