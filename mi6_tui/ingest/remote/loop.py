"""A scanner that stays, and the machines that it reads besides."""

from __future__ import annotations

from typing import Any

from mi6_tui.ingest.apart import Loop
from mi6_tui.ingest.remote.remotes import Remotes
from mi6_tui.stop import Stop


class Attended:
    """Runs a loop (and is one), and ends all connections with it."""

    def __init__(self, loop: Loop, remotes: Remotes) -> None:
        self._loop = loop
        self._remotes = remotes

    def run(self, stop: Stop, **listeners: Any) -> None:
        """See `Loop`."""
        try:
            self._loop.run(stop, **listeners)
        finally:
            self._remotes.close()
