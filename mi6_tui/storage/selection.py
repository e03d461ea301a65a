"""The answer to a question in SQL, the same from both engines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from mi6_tui.errors import REFUSED, Mi6Error

VIEWS: Final = ("v_sessions", "v_requests", "v_usage_by_day", "v_tool_calls")
"""What whoever asks can rely on."""


class RefusedError(Mi6Error):
    """The statement would do more than read."""

    exit_code = REFUSED


class Selection(msgspec.Struct, frozen=True):
    """The answer to a question: names of the columns, no two alike, and the rows as they come."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


def refused(why: str) -> RefusedError:
    """What to tell the user of a statement that does not only read."""
    return RefusedError(f"only reading is allowed: {why}", "give one SELECT")


def apart(names: Sequence[str]) -> tuple[str, ...]:
    """Each name once: a second `id` is `id:1`, as SQLite itself would call it in a table."""
    found: dict[str, None] = {}
    for name in names:
        known, number = name, 0
        while known in found:
            number += 1
            known = f"{name}:{number}"
        found[known] = None
    return tuple(found)
