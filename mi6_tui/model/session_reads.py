"""What a close look at one session asks the store, and what it gets."""

from __future__ import annotations

from typing import Final, Self

import msgspec

from mi6_tui.errors import ModelError
from mi6_tui.model.event import Event, EventType

FAILURES: Final = ("error", "denied", "interrupted")
"""Outcomes of tool calls that did not do their work."""
REPEATED: Final = (EventType.PRE_TOOL_USE, EventType.POST_TOOL_USE, EventType.USER_PROMPT_SUBMIT)
"""What a client's hooks tell, and its transcript a moment later."""

Moment = tuple[int, int]
"""Time (ms) and id of an event: its place in the story of its session."""


def moment_of(event: Event) -> Moment:
    """Where a stored event stands."""
    return event.timestamp, event.id or 0


class TimelineQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of one session's events, told oldest first.

    With `before` the latest ones before that moment, with `after` the first ones behind it, with neither the
    latest of all; both bounds are exclusive.
    """

    machine_id: str
    session_id: str
    event_types: tuple[str, ...] = ()
    """Empty: all."""
    failed_calls: bool = False
    """Also the results of tool calls that failed, besides the types named."""
    without_repeats: bool = False
    """Leave out what hooks say of what a transcript tells as well (REPEATED)."""
    counted: bool = False
    """Only what the witness tells that the session's sums are from."""
    before: Moment | None = None
    after: Moment | None = None
    stored_after: int | None = None
    """Only events with a larger id: what was recorded since."""
    limit: int = 500

    def __post_init__(self) -> None:
        if self.limit < 1:
            raise ModelError(f"limit {self.limit} is not positive")
        if self.before is not None and self.after is not None:
            raise ModelError("a timeline goes before a moment or after one")

    def with_(self, **changes: object) -> Self:
        """A copy with `changes` applied and checked."""
        return msgspec.structs.replace(self, **changes)


class ToolUse(msgspec.Struct, frozen=True, kw_only=True):
    """The calls of one tool in one session."""

    tool_name: str | None
    calls: int
    failed: int
    """Of these, that ended in an error."""
    denied: int
    interrupted: int
    unanswered: int
    """Of these, that have no result yet."""
    timed: int
    """Calls whose time is known."""
    total_ms: int
    """Their time."""
    measured: int
    """Of these, whose time the client told; of the others it is from call to result, waiting included."""
    slowest_ms: int | None
    slowest: Moment | None
    """Where the slowest call stands."""
    slowest_preview: str | None


class FileTouch(msgspec.Struct, frozen=True, kw_only=True):
    """What tools that write files were asked to write to."""

    path: str
    """As the client names it; several are joined by `, `."""
    calls: int
    """That did not fail."""
    failed: int
    last: int
    """ms."""
    tool_name: str | None
    """Of the last call."""


class ContextPoint(msgspec.Struct, frozen=True):
    """How full the context was when something was asked of the model, or after it was compacted."""

    timestamp: int
    tokens: int | None
    """None: not told."""
    compaction: bool
