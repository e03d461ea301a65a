"""Questions to the store that cost something, asked in proportion to what they cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from mi6_tui.storage import Storage
from mi6_tui.tui.rows import Key

_LEAST: Final = 1.0
_SHARE: Final = 20.0
"""A question is repeated no sooner than after a second, and that many times its own duration."""


class Paced:
    """A question that costs something: while the store changes it is not asked all the time.

    Heirs answer in `look`. `due`: something changed since the last answer, which is old enough now.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._rests_until = float("-inf")
        self._stale = False

    @property
    def due(self) -> bool:
        """Whether it should be asked again."""
        return self._stale and self._monotonic() >= self._rests_until

    def look(self, storage: Storage) -> object:
        """The answer, now."""
        raise NotImplementedError

    def ask(self, storage: Storage, changed: frozenset[Key] | None) -> object | None:
        """See `tui.feed.Question`."""
        began = self._monotonic()
        if changed is not None and began < self._rests_until:
            self._stale = True
            return None
        answer = self.look(storage)
        ended = self._monotonic()
        self._stale = False
        self._rests_until = ended + max(_LEAST, _SHARE * (ended - began))
        return answer
