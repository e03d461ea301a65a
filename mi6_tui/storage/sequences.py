"""The numbers of parcels: each larger than the one before, and telling when it was given."""

from __future__ import annotations

import os
from typing import Final

from mi6_tui.clock import now_ms

_BITS: Final = 20
"""Below those that tell the time, in ms by the sender's clock."""


def next_sequence(last: int) -> int:
    """Larger than `last`, and none that a store which stood here before, or another sender, has given."""
    chance = int.from_bytes(os.urandom(4)) >> (32 - _BITS)
    return max(last + 1, first_at(now_ms()) + chance)


def first_at(at: int) -> int:
    """The smallest number that is given at a time (ms)."""
    return at << _BITS
