"""Notifications from the operating system. They are hints: losing all of them only costs time."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final

_STEP_MS: Final = 25
"""The library wakes that often, and hands changes over after one step in which nothing more came."""
_DEBOUNCE_MS: Final = 50
_TIMEOUT_MS: Final = 1000
"""The first answer of the library, even that nothing changed, says that it watches by now."""


class _Either:
    """Set as soon as one of two events is."""

    def __init__(self, one: threading.Event, other: threading.Event) -> None:
        self._one = one
        self._other = other

    def is_set(self) -> bool:
        return self._one.is_set() or self._other.is_set()


class Watcher:
    """A thread that collects the paths below `folders` that change; it ends with `stop`.

    It sets `wake` for each batch of changes, and when it ends.
    """

    def __init__(self, folders: Sequence[str], wake: threading.Event, stop: threading.Event) -> None:
        self._folders = tuple(folders)
        self._wake = wake
        self._lock = threading.Lock()
        self._paths: set[str] = set()
        self._closed = threading.Event()
        self._stop = _Either(self._closed, stop)
        self._ready = False
        self.failure: str | None = None
        """Why nothing is announced, if so."""
        self._thread = threading.Thread(target=self._run, name="mi6-watch", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether every change is announced."""
        return self._ready and self.running

    @property
    def running(self) -> bool:
        """Whether `wake` will still be set."""
        return self._thread.is_alive()

    def take(self) -> set[str]:
        """The paths that changed since the last call."""
        with self._lock:
            paths, self._paths = self._paths, set()
        return paths

    def close(self) -> None:
        """End the thread; returns when it is gone."""
        self._closed.set()
        self._thread.join()

    def _run(self) -> None:
        from watchfiles import watch  # late: a single scan needs no watcher

        try:
            for changes in watch(
                *self._folders,
                watch_filter=None,  # the library's own would hide folders such as .git
                debounce=_DEBOUNCE_MS,
                step=_STEP_MS,
                stop_event=self._stop,
                rust_timeout=_TIMEOUT_MS,
                yield_on_timeout=True,
                raise_interrupt=False,
                ignore_permission_denied=True,
            ):
                if self._ready and not changes:
                    continue
                self._ready = True
                with self._lock:
                    self._paths.update(path for _, path in changes)
                self._wake.set()
        except (OSError, RuntimeError) as error:
            self.failure = str(error)
        finally:
            self._wake.set()
