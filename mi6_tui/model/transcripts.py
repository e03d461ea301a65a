"""What was read of the transcripts below one folder."""

from __future__ import annotations

import msgspec


class ReadBelow(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over the files of one folder; `last` (ms) is when something of them was read last, None: never."""

    files: int = 0
    bytes: int = 0
    malformed: int = 0
    """Lines that are no record."""
    skipped: int = 0
    """Lines above the length limit."""
    last: int | None = None
