"""Changes as a library collects them: on every system, at the price of waking some ten times a second."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from time import monotonic
from types import TracebackType
from typing import Final, Self

from watchfiles import _rust_notify as core  # its core, whose step can differ from call to call

_STEP_MS: Final = 25
"""The library wakes that often, and hands changes over after one step in which nothing more came."""
_QUIET_STEP_MS: Final = 60
"""The same where nothing changed for `_QUIET` seconds: the first change comes after 120 ms at most."""
_QUIET: Final = 10.0
_DEBOUNCE_MS: Final = 50
_TIMEOUT_MS: Final = 1000
"""The first answer of the library, even that nothing changed, says that it watches by now."""


class Steps:
    """Watches with `watchfiles`; a context manager."""

    def __init__(self, folders: Sequence[str]) -> None:
        self._ended = threading.Event()
        self._notify = core.RustNotify(
            list(folders),
            debug=False,
            force_polling=False,
            poll_delay_ms=0,
            recursive=True,
            ignore_permission_denied=True,
        )

    def __enter__(self) -> Self:
        self._notify.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._notify.__exit__(kind, error, trace)

    def __iter__(self) -> Iterator[set[str]]:
        """See `Announced`."""
        ready, changed_at = False, monotonic()
        while True:
            step = _STEP_MS if monotonic() - changed_at < _QUIET else _QUIET_STEP_MS
            told = self._notify.watch(_DEBOUNCE_MS, step, _TIMEOUT_MS, self._ended)
            if told == "stop":
                return
            changes = set() if isinstance(told, str) else {path for _, path in told}
            if changes:
                changed_at = monotonic()
            if changes or not ready:
                ready = True
                yield changes

    def end(self) -> None:
        """See `Announced`."""
        self._ended.set()
