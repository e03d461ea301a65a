"""The one rule that decides what a session is doing.

Input is the latest thing known to have happened and the clock; nothing else decides anywhere.
Silence is not idleness: a client writes nothing while a reply streams, so a running turn stays
"working" for QUIET_LIMIT, then becomes "unknown". After SILENT_LIMIT without a sign of life
any session counts as ended.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

import msgspec

from mi6_tui.model import Status

QUIET_LIMIT: Final = 30 * 60_000
"""ms that a turn may be silent before its state is unknown."""
SILENT_LIMIT: Final = 24 * 3_600_000
"""ms without any record after which a session counts as ended."""
HEADLESS_LINGER: Final = 60_000
"""ms after which a headless run (`claude -p`) whose turn ended counts as ended: its process exits then."""
SLOW_TOOL: Final = 15_000
"""ms after which an open tool may as well be a permission prompt nobody answered."""

# In the order of RANK.
Kind = Literal[
    "start",
    "prompt",
    "reply",
    "tool_end",
    "compacting",
    "retry",
    "tool",
    "reply_end",
    "stop",
    "interrupt",
    "question",
    "plan",
    "error",
    "end",
    "permission",
]
Shown = Literal["waiting", "error", "working", "background", "your turn", "idle", "ended", "unknown"]

RANK: Final[dict[str, int]] = {kind: rank for rank, kind in enumerate(get_args(Kind))}
"""Of two things at the very same instant the larger rank decides."""


class Evidence(msgspec.Struct, frozen=True):
    """The latest thing that says what a session does: what, which (tool, error), when (ms), who says so."""

    kind: Kind
    detail: str
    at: int
    source: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored: the word, the finer word shown, and why."""

    status: str
    shown: Shown
    detail: str
    reason: str
    source: str
    confidence: Literal["high", "medium", "low"]
    since: int
    until: int | None
    """ms at which the verdict changes although nothing happens."""


# kind -> stored status, shown word, detail (None: the evidence's own), reason
_RULES: Final[dict[str, tuple[str, Shown, str | None, str]]] = {
    "start": (Status.IDLE, "idle", "started", "it has started; nothing was asked yet"),
    "prompt": (Status.BUSY, "working", "thinking", "a prompt is being answered"),
    "reply": (Status.BUSY, "working", "thinking", "a reply is not finished"),
    "tool_end": (Status.BUSY, "working", "thinking", "a tool's result went back to the model"),
    "compacting": (Status.BUSY, "working", "compacting", "the conversation was compacted within a turn"),
    "retry": (Status.BUSY, "working", "retrying", "the request failed and is tried again"),
    "tool": (Status.BUSY, "working", None, "a tool was called and has not answered"),
    "reply_end": (Status.IDLE, "your turn", "replied", "the reply ended and asks for no tool"),
    "stop": (Status.IDLE, "your turn", "replied", "the turn ended"),
    "interrupt": (Status.IDLE, "your turn", "interrupted", "the user interrupted the turn"),
    "question": (Status.WAIT, "waiting", "question", "it asked a question that has no answer yet"),
    "plan": (Status.WAIT, "waiting", "plan approval", "its plan waits for approval"),
    "error": (Status.WAIT, "error", None, "the turn ended in an error that is not retried"),
    "end": (Status.DONE, "ended", "ended", "it said goodbye"),
    "permission": (Status.WAIT, "waiting", "permission", "it asked for a permission"),
}


def judge(
    last: Evidence | None, *, running_children: int, headless: bool, last_activity: int, now: int
) -> Verdict:
    """The verdict at `now` (ms) on a session whose latest evidence is `last`.

    `running_children` are subagents launched and not yet reported; `headless` runs have nobody to
    wait for; `last_activity` (ms) is the latest record of any kind.
    """
    alive_until = max(last_activity, last.at if last else last_activity) + SILENT_LIMIT
    if last is None:
        verdict = _unknown("nothing it did says what it does now", "transcript", last_activity)
    else:
        verdict = _by_rule(last, running_children, now)
    if verdict.status == Status.DONE:
        return verdict
    if now >= alive_until:
        return _ended("silent", "no sign of life for 24 hours", last_activity)
    changes_at = [alive_until]
    if verdict.until is not None:
        changes_at.append(verdict.until)
    if headless and verdict.shown == "unknown":
        return _ended("silent", "a headless run fell silent", verdict.since)
    if headless and verdict.shown in ("your turn", "error"):
        if now >= verdict.since + HEADLESS_LINGER:
            return _ended(verdict.detail, "a headless run ended its turn", verdict.since)
        changes_at.append(verdict.since + HEADLESS_LINGER)
    return msgspec.structs.replace(verdict, until=min(changes_at))


def _by_rule(last: Evidence, running_children: int, now: int) -> Verdict:
    status, shown, detail, reason = _RULES[last.kind]
    if shown == "your turn" and running_children and last.kind != "interrupt":
        status, shown, reason = Status.BUSY, "background", "its turn ended, subagents still run"
        detail = f"{running_children} agent{'s' if running_children > 1 else ''}"
    since, until, confidence = last.at, None, "high"
    if status == Status.BUSY:
        if now >= since + QUIET_LIMIT:
            return _unknown(f"{reason}, but nothing was heard for 30 minutes", last.source, since)
        until = since + QUIET_LIMIT
    if last.kind == "tool" and now < since + SLOW_TOOL:
        until = since + SLOW_TOOL
    elif last.kind == "tool":
        confidence, reason = "medium", "a tool runs, or its permission prompt is open"
    return Verdict(
        status=status,
        shown=shown,
        detail=detail or last.detail or last.kind,
        reason=reason,
        source=last.source,
        confidence="medium" if confidence == "medium" else "high",
        since=since,
        until=until,
    )


def _ended(detail: str, reason: str, since: int) -> Verdict:
    return Verdict(
        status=Status.DONE,
        shown="ended",
        detail=detail,
        reason=reason,
        source="clock",
        confidence="medium",
        since=since,
        until=None,
    )


def _unknown(reason: str, source: str, since: int) -> Verdict:
    return Verdict(
        status=Status.IDLE,
        shown="unknown",
        detail="unknown",
        reason=reason,
        source=source,
        confidence="low",
        since=since,
        until=None,
    )
