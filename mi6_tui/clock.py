"""The clock that the program runs by, unless it is given another."""

from __future__ import annotations

import time


def now_ms() -> int:
    """Now, in ms since the Unix epoch."""
    return time.time_ns() // 1_000_000
