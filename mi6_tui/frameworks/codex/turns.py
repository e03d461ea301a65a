"""Turns, compactions and subagents: when they begin, and how they end."""

from __future__ import annotations

from typing import Any, Final

from mi6_tui.frameworks.codex.lines import Line
from mi6_tui.frameworks.codex.records import EventMessage, Item, TurnContext
from mi6_tui.frameworks.codex.state import Summary
from mi6_tui.frameworks.records import count, token_count, value
from mi6_tui.frameworks.text import clean, one_line
from mi6_tui.model import EventType

_WORD_LIMIT: Final = 100
_STATUS_WORDS: Final = {401: "authentication_failed", 403: "authentication_failed", 429: "rate_limit"}
_STANDARD_TIERS: Final = ("auto", "default", "standard")
_COMPLETED: Final = "subagent-completed-"
_CHILD_ENDS: Final = {
    EventType.STOP: "completed",
    EventType.INTERRUPT: "interrupted",
    EventType.API_ERROR: "failed",
}


def context(line: Line, settings: TurnContext) -> None:
    """The settings of a turn, repeated at will."""
    state = line.state
    line.fact("permission_mode", settings.approval_policy)
    place(line, settings.cwd)
    if settings.model:
        before, state.turn_model = state.turn_model, settings.model
        state.set_model(settings.turn_id, settings.model)
        if before not in (None, settings.model) and not state.child:
            line.emit(
                EventType.MODEL_CHANGE,
                f"model:{line.named(settings.turn_id)}:{settings.model}",
                model=settings.model,
                preview=clean(f"{before} -> {settings.model}"),
            )


def settings_applied(line: Line, message: EventMessage) -> None:
    """The settings in force from now on."""
    settings = message.thread_settings
    if settings is not None:
        line.state.model = settings.model or line.state.model
        tier = _word(settings.service_tier)
        line.state.tier = None if tier in _STANDARD_TIERS else tier


def place(line: Line, cwd: str | None) -> None:
    """The folder the thread works in."""
    line.state.cwd = cwd or line.state.cwd
    line.fact("cwd", cwd)


def begun(line: Line, message: EventMessage) -> None:
    """A turn began."""
    state = line.state
    state.turn = message.turn_id
    state.compacted_by = state.replied = None
    line.fact("context_window", token_count(message.model_context_window))
    if not state.child:
        line.emit(EventType.TURN_START, f"turn:{line.named(message.turn_id)}")
    elif not state.running:
        start_child(line, line.thread, state.child_name, message.turn_id)


def completed(line: Line, message: EventMessage) -> None:
    """A turn came to its end, or failed for good."""
    error = value(message.error)
    if error is None:
        _ended(line, EventType.STOP, "stop", message)
    else:
        told = error if isinstance(error, dict) else {"message": error}
        text = told.get("message")
        _ended(
            line,
            EventType.API_ERROR,
            "error",
            message,
            _error_kind(told.get("codex_error_info")),
            preview=clean(text) or None if isinstance(text, str) else None,
        )


def aborted(line: Line, message: EventMessage) -> None:
    """A turn was broken off."""
    if message.reason == "interrupted":
        _ended(line, EventType.INTERRUPT, "interrupt", message)
    elif message.reason == "budget_limited":
        _ended(line, EventType.API_ERROR, "error", message, message.reason)
    else:
        _ended(line, EventType.STOP, "stop", message, message.reason)


def _ended(
    line: Line, event_type: str, word: str, message: EventMessage, outcome: str | None = None, **more: Any
) -> None:
    state = line.state
    turn = message.turn_id or state.turn
    state.turn = state.compacted_by = state.replied = None
    took = count(message.duration_ms)
    if not state.child or event_type == EventType.API_ERROR:
        line.emit(event_type, f"{word}:{line.named(turn)}", duration_ms=took, outcome=_word(outcome), **more)
    if state.child:
        state.running = False
        how = _CHILD_ENDS[event_type]
        end_child(line, line.thread, state.child_name, line.named(turn), duration_ms=took, outcome=how)


def _error_kind(info: object) -> str:
    """The client's word for an error, or what its HTTP status stands for."""
    if isinstance(info, dict) and info:
        word, detail = next(iter(info.items()))
        status = detail.get("http_status_code") if isinstance(detail, dict) else None
        return _STATUS_WORDS.get(status, str(word)) if isinstance(status, int) else str(word)
    return info if isinstance(info, str) and info else "error"


def _word(text: str | None) -> str | None:
    return one_line(text, _WORD_LIMIT) or None if text else None


def start_child(line: Line, child: str, name: str | None, turn: str | None = None) -> None:
    """A subagent starts, or with `turn` starts again; its own file and its parent's both tell."""
    line.emit(
        EventType.SUBAGENT_START,
        f"agent:{child}:start:{turn}" if turn else f"agent:{child}:start",
        spawned_agent_id=child,
        subagent_type=_word(name),
    )
    if child == line.thread:
        line.state.running = True


def end_child(line: Line, child: str, name: str | None, end: str, **more: Any) -> None:
    """A subagent's turn ends; `end` is what its own file and its parent's call it alike."""
    line.emit(
        EventType.SUBAGENT_STOP,
        f"agent:{end}:stop",
        spawned_agent_id=child,
        subagent_type=_word(name),
        **more,
    )


def child_moved(line: Line, item: Item) -> None:
    """What a parent tells of a subagent."""
    child = item.agent_thread_id
    if not child:
        return
    if item.kind == "started":
        start_child(line, child, item.agent_path)
    elif item.kind in ("completed", "interrupted"):
        turn = (item.id or "").removeprefix(_COMPLETED)
        end_child(line, child, item.agent_path, f"{child}:{turn or line.offset}", outcome=item.kind)


def compacted(line: Line, note: str) -> None:
    """The conversation was replaced by a summary; two notes, in any order, tell of the same one."""
    state = line.state
    if state.compacted_by not in (None, note):
        state.compacted_by = None
        return
    state.compacted_by = note
    key = f"compaction:{line.named(None)}"
    state.summary = Summary(key=key, at=line.at, offset=line.offset, length=line.length)
    line.emit(EventType.COMPACTION, key, version="0")
