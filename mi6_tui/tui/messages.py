"""What the dashboard said: toasts, problems and notifications, with their times, the latest ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, Literal

import msgspec

from mi6_tui.tui.text import clean

KEPT: Final = 300
"""Messages that are kept."""
Severity = Literal["information", "warning", "error"]


class Said(msgspec.Struct, frozen=True):
    """One message, cleaned; `at` in ms."""

    at: int
    severity: Severity
    title: str
    body: str


class Messages:
    """The latest messages; `clock` gives ms."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._said: deque[Said] = deque(maxlen=KEPT)

    def __iter__(self) -> Iterator[Said]:
        """Oldest first."""
        return iter(self._said)

    def add(self, severity: Severity, title: str, body: str) -> None:
        """Keep a message."""
        self._said.append(Said(self._clock(), severity, clean(title), clean(body)))
