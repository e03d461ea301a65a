"""Drawing for a browser that may go away at any moment."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from textual.drivers.web_driver import WebDriver


class BrowserDriver(WebDriver):
    """Textual's driver for browsers; what is drawn after the server is gone is lost, and no error.

    The dashboard itself finds out that nobody is there any more, as with a terminal that went away.
    """

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._write: Any = self._put

    def _put(self, data: bytes) -> None:
        with suppress(OSError):
            os.write(self.fileno, data)
