"""How each kind of transcript is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from mi6_tui.frameworks.base import Kind
from mi6_tui.ingest import compressed, database, document, lines
from mi6_tui.ingest.turn import Source, Turn

_READERS: Final[Mapping[Kind, Callable[[Source], Turn]]] = {
    "lines": lines.read,
    "compressed": compressed.read,
    "document": document.read,
    "database": database.read,
}


def take_turn(kind: Kind, source: Source) -> Turn:
    """Read a bounded piece of what is new; OSError or TranscriptError if that cannot be."""
    return _READERS[kind](source)
