"""What was typed into a line before, kept from one start to the next."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from textual.app import App

from mi6_tui.errors import Mi6Error
from mi6_tui.tui.navigator import Navigator
from mi6_tui.tui.text import unsteered

KEPT: Final = 100
"""Lines that are remembered."""


class History:
    """Lines, oldest first, none of them twice; also in the file `path`, one each, if there is one.

    A file that cannot be read counts as empty, one that cannot be written as none: neither is worth a word.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lines: Sequence[str] | None = None

    @property
    def lines(self) -> Sequence[str]:
        """All of them."""
        if self._lines is None:
            self._lines = self._read()
        return self._lines

    def add(self, line: str) -> None:
        """Remember a line as the latest."""
        # Another dashboard may have added some meanwhile.
        before = self._read() or self.lines
        self._lines = [*(one for one in before if one != line), line][-KEPT:]
        if self._path is not None:
            from mi6_tui.hooks.files import write_ours  # late: not before the first paint

            with suppress(OSError):
                write_ours(self._path, "".join(f"{one}\n" for one in self._lines).encode())

    def _read(self) -> Sequence[str]:
        if self._path is None:
            return ()
        from mi6_tui.hooks.files import read

        try:
            lines = (read(self._path) or b"").decode().split("\n")
        except (Mi6Error, ValueError):
            return ()
        return [line for line in dict.fromkeys(map(unsteered, lines)) if line.strip()][-KEPT:]


def history(app: App[Any], name: str) -> History:
    """What was typed into the line called `name`; in memory alone where the app keeps nothing."""
    folder = app.typed if isinstance(app, Navigator) else None
    return History(folder / name if folder is not None else None)
