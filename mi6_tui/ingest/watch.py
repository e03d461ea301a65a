"""Notifications from the operating system. They are hints: losing all of them only costs time."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from watchfiles._rust_notify import RustNotify

_STEP_MS: Final = 25
"""The library wakes that often, and hands changes over after one step in which nothing more came."""
_QUIET_STEP_MS: Final = 60
"""The same where nothing changed for `_QUIET` seconds: the first change comes after 120 ms at most."""
_QUIET: Final = 10.0
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
        # Late: a single scan needs no watcher. The library's core, whose step can differ from call to call.
        from watchfiles import _rust_notify as core

        try:
            with core.RustNotify(
                list(self._folders),
                debug=False,
                force_polling=False,
                poll_delay_ms=0,
                recursive=True,
                ignore_permission_denied=True,
            ) as notify:
                self._listen(notify)
        except (OSError, RuntimeError) as error:
            self.failure = str(error)
        finally:
            self._wake.set()

    def _listen(self, notify: RustNotify) -> None:
        changed_at = monotonic()
        while True:
            step = _STEP_MS if monotonic() - changed_at < _QUIET else _QUIET_STEP_MS
            told = notify.watch(_DEBOUNCE_MS, step, _TIMEOUT_MS, self._stop)
            if told == "stop":
                return
            changes = () if isinstance(told, str) else told
            if changes:
                changed_at = monotonic()
            elif self._ready:
                continue
            self._ready = True
            with self._lock:
                self._paths.update(path for _, path in changes)
            self._wake.set()
