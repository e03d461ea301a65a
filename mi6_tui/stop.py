"""The word that something is to end, for who waits for something else meanwhile."""

from __future__ import annotations

import threading


class Stop(threading.Event):
    """Is set once; sets another event with it, if one is named, so that a thread waits for that alone."""

    wakes: threading.Event | None = None

    def set(self) -> None:
        """Somebody waits no longer."""
        super().set()
        if self.wakes is not None:
            self.wakes.set()
