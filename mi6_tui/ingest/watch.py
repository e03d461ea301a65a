"""Notifications from the operating system. They are hints: losing all of them only costs time."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mi6_tui.ingest.notify import Announced


class Watcher:
    """A thread that collects the paths below `folders` that change, until it is closed.

    It sets `wake` for each batch of changes, when it is ready, and when it ends by itself.
    """

    def __init__(self, folders: Sequence[str], wake: threading.Event) -> None:
        self._folders = tuple(folders)
        self._wake = wake
        self._lock = threading.Lock()
        self._paths: set[str] = set()
        self._announced: Announced | None = None
        self._closed = self._ready = False
        self.failure: str | None = None
        """Why nothing is announced, if so."""
        self._thread = threading.Thread(target=self._run, name="mi6-watch", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether every change is announced."""
        return self._ready and self._thread.is_alive()

    def take(self) -> set[str]:
        """The paths that changed since the last call."""
        with self._lock:
            paths, self._paths = self._paths, set()
        return paths

    def close(self) -> None:
        """End the thread; returns when it is gone."""
        with self._lock:
            self._closed = True
            announced = self._announced
        if announced is not None:
            announced.end()
        self._thread.join()

    def _run(self) -> None:
        from mi6_tui.ingest.notify import changes_below  # late: a single scan needs no watcher

        try:
            with changes_below(self._folders) as announced:
                with self._lock:
                    self._announced = announced
                    if self._closed:
                        return
                for paths in announced:
                    with self._lock:
                        self._paths |= paths
                    self._ready = True
                    self._wake.set()
        except (OSError, RuntimeError) as error:
            self.failure = str(error)
        finally:
            self._wake.set()
