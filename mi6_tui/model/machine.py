"""A machine whose sessions the store holds, and how fresh they are."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Way(StrEnum):
    """How a machine's sessions come into the store."""

    LOCAL = "local"
    """Scanned where the store is."""
    PUSH = "push"
    """Forwarded by the machine."""
    REMOTE = "remote"
    """Read from outside, over ssh."""


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """The latest word of one machine; the store keeps the one with the largest `seen_at`."""

    machine_id: str
    seen_at: int
    """ms by the store's clock: when it last reported, though nothing may have been new."""
    skew_ms: int | None = None
    """How far its clock is ahead of the store's; None: unknown."""
    way: Way
    address: str | None = None
    """How to reach its shell, as ssh takes it; None: not known."""
    problem: str | None = None
    """Why it could not be read the last time, in one line; None: it could."""
