"""The dashboard where others look on: what tells whose machine this is, and no store hides, is not shown."""

from __future__ import annotations

from typing import Final

import msgspec

from mi6_tui.tui.feed import FeedTick
from mi6_tui.tui.worker import ScanView

SHARE: Final = "--share"
WITHHELD: Final = ("search", "system", "settings", "hooks")
"""Pages that would tell places, or what was said."""
_SOMETHING: Final = "something is wrong: a dashboard without --share tells what"


def quiet_scan(view: ScanView) -> ScanView:
    """How the scan stands, without the files it speaks of."""
    state = view.state
    if state is not None and state.reason is not None:
        state = msgspec.structs.replace(state, reason=_SOMETHING)
    progress = view.progress and msgspec.structs.replace(view.progress, path=None)
    problems = (_SOMETHING,) if view.problems else ()
    return ScanView(progress=progress, state=state, problems=problems)


def quiet_tick(tick: FeedTick) -> None:
    """Let a tick say that something is wrong, and not in which file."""
    tick.problem, tick.refused = quiet(tick.problem), quiet(tick.refused)


def quiet(problem: str) -> str:
    """That there is a problem; empty if there is none."""
    return _SOMETHING if problem else ""
