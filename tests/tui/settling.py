"""Waiting for a dashboard without looking at the clock of its processor."""

from __future__ import annotations

import asyncio
from asyncio.base_events import BaseEventLoop
from typing import Final

import textual.app
import textual.pilot

SOON: Final = 0.02
"""Seconds: a timer that is due within them belongs to what is waited for, such as that of the next paint."""
ROUNDS: Final = 60
"""Timers in a row after which an app that never rests is let go on."""
LONGEST: Final = 30.0
"""Seconds after which one is that works all the time."""


async def settled(at_least: float = 0.0, longest: float = LONGEST) -> None:
    """Until nothing can run and no timer is due soon: what only a thread or a later timer would change."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, BaseEventLoop)
    began = loop.time()
    for _ in range(ROUNDS):
        await asyncio.sleep(0)
        while _ready(loop) and loop.time() < began + longest:
            await asyncio.sleep(0)
        due = _next_timer(loop)
        if due is None or due > loop.time() + SOON:
            break
        await asyncio.sleep(max(0.0, due - loop.time()))
    if (left := began + at_least - loop.time()) > 0:
        await asyncio.sleep(left)


def _ready(loop: BaseEventLoop) -> bool:
    """Whether anything but the caller can go on."""
    return bool(loop._ready)  # type: ignore[attr-defined]


def _next_timer(loop: BaseEventLoop) -> float | None:
    """When the next timer is due, by the loop's clock."""
    return min((one.when() for one in loop._scheduled if not one.cancelled()), default=None)  # type: ignore[attr-defined]


def settle_so() -> None:
    """Let every pilot wait in this way; Textual's own sleeps, until the process used little."""
    for module in (textual.app, textual.pilot):
        vars(module)["wait_for_idle"] = settled
