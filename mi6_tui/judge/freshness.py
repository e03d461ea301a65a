"""How much the latest word of a machine is worth: what is told of its sessions is as old as that."""

from __future__ import annotations

from typing import Final

from mi6_tui.model import Machine

STALE_AFTER: Final = 120_000
"""ms without a word from which on what a machine told may be otherwise by now."""
CLOCK_OFF: Final = 2_000
"""ms up to which two clocks are taken for the same: a word is on its way as long."""


def silent_for(machine: Machine, now: int) -> int | None:
    """Ms since its latest word at `now` (ms by the store's clock) if that is too long; None if it is not."""
    silence = now - machine.seen_at
    return silence if silence > STALE_AFTER else None


def skew(machine: Machine) -> str:
    """`clock 12 s ahead`; empty if its clock is right, as far as anybody knows."""
    off = machine.skew_ms or 0
    if abs(off) <= CLOCK_OFF:
        return ""
    seconds = abs(off) // 1000
    size = f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
    return f"clock {size} {'ahead' if off > 0 else 'behind'}"
