"""One look at a machine: whether it can be read, and what there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from mi6_tui.frameworks.base import Framework
from mi6_tui.ingest.remote.home import Home
from mi6_tui.ingest.remote.link import PATIENCE, Link


class Probed(msgspec.Struct, frozen=True, kw_only=True):
    """What a machine answered."""

    node: str
    """What it calls itself."""
    skew_ms: int
    """How far its clock is ahead of ours, to half a second."""
    transcripts: dict[str, int]
    """How many there are, by client."""
    unread: tuple[str, ...]
    """Clients whose transcripts there cannot be read from here."""


def probe(address: str, frameworks: Sequence[Framework], *, patience: float = PATIENCE) -> Probed:
    """Look once. LinkError if it cannot be read."""
    link = Link(address, patience=patience)
    try:
        home = Home(link, frameworks)
        found = home.look()
        return Probed(
            node=home.node,
            skew_ms=found.skew_ms,
            transcripts=dict(Counter(claims[0].framework.name for claims in found.claims.values())),
            unread=home.unread,
        )
    finally:
        link.close()
