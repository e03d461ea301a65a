"""Drawing on a terminal that may go away at any moment."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, TextIO, cast

from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver


class Outlet:
    """A file for a terminal: what is written after the terminal went away is lost, and no error.

    Textual's thread that writes would end at the error, and whoever gives it more to write would wait for
    it for ever, instead of finding out that there is nobody to draw for.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> None:
        """Write, if anybody can still see it."""
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        """Hand over what was written."""
        with suppress(OSError):
            self._file.flush()

    def fileno(self) -> int:
        """The terminal's own."""
        return self._file.fileno()


class OutlivingDriver(LinuxDriver):
    """Textual's driver, which outlives its terminal."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        if self._file is not None:
            self._file = cast(Any, Outlet(self._file))


def outliving(usual: type[Driver]) -> type[Driver]:
    """That one instead of Textual's `usual` one; any other was asked for by the environment, and stays."""
    return OutlivingDriver if usual is LinuxDriver else usual
