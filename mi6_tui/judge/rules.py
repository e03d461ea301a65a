"""The rules that a status follows from, each with what it shows, what it means and what would change it.

Which of them applies is decided in judge.status, and nowhere else.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from mi6_tui.model import Status

Shown = Literal["waiting", "error", "working", "background", "your turn", "idle", "ended", "unknown"]


class Rule(msgspec.Struct, frozen=True):
    """One row of the table."""

    status: str
    """The stored word."""
    shown: Shown
    detail: str
    """`status_detail`, where the evidence has no better one."""
    means: str
    """What is known, in words."""
    changes: str
    """What would change it."""


_ANSWER: Final = "your answer, or the end of the session"
_TURN: Final = "the end of the turn, a question of the agent's, or a long silence"
_PROMPT: Final = "your next prompt, or the end of the session"
_RETURN: Final = "a process that opens it again"

RULES: Final[dict[str, Rule]] = {
    # It cannot go on without you.
    "permission": Rule(Status.WAIT, "waiting", "permission", "it asks for a permission", _ANSWER),
    "question": Rule(
        Status.WAIT, "waiting", "question", "it asked a question that has no answer yet", _ANSWER
    ),
    "plan": Rule(Status.WAIT, "waiting", "plan approval", "its plan waits for approval", _ANSWER),
    "dialog": Rule(Status.WAIT, "waiting", "dialog", "the client shows a dialog", _ANSWER),
    "error": Rule(
        Status.WAIT,
        "error",
        "error",
        "the turn ended in an error that is not tried again",
        "your next prompt",
    ),
    # A turn runs.
    "prompt": Rule(Status.BUSY, "working", "thinking", "a prompt is being answered", _TURN),
    "reply": Rule(Status.BUSY, "working", "thinking", "a reply is not finished", _TURN),
    "tool_end": Rule(Status.BUSY, "working", "thinking", "a tool's result went back to the model", _TURN),
    "compacting": Rule(
        Status.BUSY, "working", "compacting", "the conversation is compacted within a turn", _TURN
    ),
    "retry": Rule(Status.BUSY, "working", "retrying", "the request failed and is tried again", _TURN),
    "tool": Rule(
        Status.BUSY, "working", "tool", "a tool was called and has not answered", "the tool's result"
    ),
    "tool or permission": Rule(
        Status.BUSY,
        "working",
        "tool",
        "a tool runs, or its permission prompt is open: nothing tells which",
        "the tool's result; hooks would tell which it is",
    ),
    "answered": Rule(
        Status.BUSY, "working", "tool", "it asked, and was answered: the client works on", "the tool's result"
    ),
    "busy": Rule(Status.BUSY, "working", "thinking", "the client says that it is busy", _TURN),
    "run": Rule(
        Status.BUSY, "working", "starting", "a headless run begins with its prompt", "the end of the run"
    ),
    # Its turn ended, something of it still runs.
    "children": Rule(
        Status.BUSY,
        "background",
        "children",
        "its turn ended, what it started in the background still runs",
        "their end, or your next prompt",
    ),
    "still busy": Rule(
        Status.BUSY,
        "background",
        "background",
        "its turn ended, and the client is still busy",
        "the client's word that it is idle",
    ),
    # Nothing runs, you are next.
    "reply_end": Rule(Status.IDLE, "your turn", "replied", "the reply ended and asks for no tool", _PROMPT),
    "stop": Rule(Status.IDLE, "your turn", "replied", "the turn ended", _PROMPT),
    "interrupt": Rule(Status.IDLE, "your turn", "interrupted", "the user interrupted the turn", _PROMPT),
    "stopped": Rule(
        Status.IDLE,
        "your turn",
        "interrupted",
        "the client is idle although the turn has no end: it was interrupted",
        _PROMPT,
    ),
    "declined": Rule(
        Status.IDLE, "your turn", "declined", "it asked, and the client is idle: the answer was no", _PROMPT
    ),
    "seen": Rule(Status.IDLE, "idle", "replied", "the turn ended, and you looked since", _PROMPT),
    "start": Rule(
        Status.IDLE, "idle", "started", "it has started; nothing was asked yet", "your first prompt"
    ),
    "open": Rule(
        Status.IDLE, "idle", "open", "its process lives, and nothing else was heard", "your first prompt"
    ),
    # Over.
    "end": Rule(Status.DONE, "ended", "ended", "it said goodbye", _RETURN),
    "gone": Rule(Status.DONE, "ended", "exited", "its process is gone", _RETURN),
    "killed": Rule(Status.DONE, "ended", "killed", "its process is gone in the middle of a turn", _RETURN),
    "headless": Rule(Status.DONE, "ended", "replied", "a headless run ended its turn", _RETURN),
    "silent": Rule(Status.DONE, "ended", "silent", "no sign of life for 24 hours", _RETURN),
    "silent run": Rule(Status.DONE, "ended", "silent", "a headless run fell silent", _RETURN),
    # Nobody knows.
    "quiet": Rule(
        Status.IDLE,
        "unknown",
        "unknown",
        "a turn ran, but nothing was heard for 30 minutes",
        "any sign of life; a day of silence counts as the end",
    ),
    "nothing": Rule(
        Status.IDLE,
        "unknown",
        "unknown",
        "nothing it did says what it does now",
        "any sign of life; a day of silence counts as the end",
    ),
}
