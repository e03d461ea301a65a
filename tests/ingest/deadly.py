"""A storage in whose calls a scanner dies."""

from __future__ import annotations

from typing import Any

from mi6_tui.storage.sqlite import SqliteStorage


class Killed(BaseException):
    """Stands for SIGKILL: nothing below catches it."""


class Deadly:
    """Whoever uses it dies before its nth call, or right after that was carried out."""

    def __init__(self, storage: SqliteStorage, number: int, *, after: bool) -> None:
        self._storage, self._left, self._after = storage, number, after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._storage, name)
        if not callable(found):
            return found

        def call(*args: Any, **named: Any) -> Any:
            self._left -= 1
            if self._left == 0 and not self._after:
                raise Killed
            result = found(*args, **named)
            if self._left == 0:
                raise Killed
            return result

        return call
