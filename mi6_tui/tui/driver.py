"""Drawing on a terminal that may go away at any moment."""

from __future__ import annotations

import os
import selectors
import time
from codecs import getincrementaldecoder
from contextlib import suppress
from typing import Any, Final, TextIO, cast

from textual import constants
from textual._xterm_parser import XTermParser
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

_TICK: Final = 0.1
"""Seconds between two looks whether a key is over that begins as others do: Escape."""
_READ: Final = 4096


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
    """Textual's driver, which outlives its terminal, and is silent while others have it."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        self._away = False
        self._woken, self._waker = os.pipe()
        super().__init__(*args, **settings)
        if self._file is not None:
            self._file = cast(Any, Outlet(self._file))

    def run_input_thread(self) -> None:
        """Hand over what is typed, and sleep while nothing is: Textual's own looks ten times a second."""
        parser, decode = XTermParser(self._debug), getincrementaldecoder("utf-8")().decode
        restless_until = 0.0
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while True:
                restless = time.monotonic() < restless_until
                ready = {key.fd for key, _ in selector.select(_TICK if restless else None)}
                if self._woken in ready:
                    os.read(self._woken, 1)
                    return
                if self.fileno in ready:
                    data = os.read(self.fileno, _READ)
                    if not data:  # nobody is there any more, which is found out elsewhere
                        time.sleep(_TICK)
                    for event in parser.feed(typed) if (typed := decode(data)) else ():
                        self.process_message(event)
                    restless_until = time.monotonic() + constants.ESCAPE_DELAY + 2 * _TICK
                for event in parser.tick():
                    self.process_message(event)

    def disable_input(self) -> None:
        """Read no keys any more."""
        if self._key_thread is not None and self._key_thread.is_alive():
            os.write(self._waker, b"\n")
        super().disable_input()

    def suspend_application_mode(self) -> None:
        """Leave the terminal to somebody else."""
        super().suspend_application_mode()
        self._away = True

    def resume_application_mode(self) -> None:
        """Take it again; also if it is to continue and was not stopped, as tmux tells those whom it ends."""
        self._away = False
        if self._key_thread is None or not self._key_thread.is_alive():
            super().resume_application_mode()
            return
        # A second thread would read beside the first, and the modes of now are not those to give back.
        before = self.attrs_before
        self._must_signal_resume = True
        self.disable_input()
        super().resume_application_mode()
        self.attrs_before = before

    def write(self, data: str) -> None:
        """Write, unless somebody else has the terminal."""
        if not self._away:
            super().write(data)


def outliving(usual: type[Driver]) -> type[Driver]:
    """That one instead of Textual's `usual` one; any other was asked for by the environment, and stays."""
    return OutlivingDriver if usual is LinuxDriver else usual
