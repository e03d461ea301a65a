"""What a session did, as lines of text. Pure: events in, lines out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import Final

import msgspec

from mi6_tui.model import Event, EventType, Source
from mi6_tui.model.session_reads import FAILURES, REPEATED
from mi6_tui.model.usage import QUARTER
from mi6_tui.tui import text
from mi6_tui.tui.echoes import without_echoes

_LOOKS: Final = {
    EventType.USER_PROMPT_SUBMIT: ("›", "you", "turn"),
    EventType.ASSISTANT_MESSAGE: (" ", "assistant", "plain"),
    EventType.PRE_TOOL_USE: (" ", "tool", "plain"),
    EventType.POST_TOOL_USE: (" ", "tool", "plain"),
    EventType.PERMISSION_REQUEST: ("◆", "permission", "needs-you"),
    EventType.ELICITATION: ("◆", "question", "needs-you"),
    EventType.ELICITATION_RESULT: (" ", "answer", "plain"),
    EventType.NOTIFICATION: ("◆", "notice", "plain"),
    EventType.SUBAGENT_START: ("◐", "subagent", "working"),
    EventType.SUBAGENT_STOP: ("◐", "subagent", "quiet"),
    EventType.API_REQUEST: (" ", "request", "faint"),
    EventType.API_ERROR: ("▲", "error", "trouble"),
    EventType.INTERRUPT: ("○", "interrupted", "quiet"),
    EventType.STOP: ("○", "turn ended", "quiet"),
    EventType.TURN_COMPLETE: ("○", "turn ended", "quiet"),
    EventType.TURN_START: ("·", "turn begins", "quiet"),
    EventType.SESSION_START: ("·", "started", "quiet"),
    EventType.SESSION_END: ("✓", "ended", "quiet"),
    EventType.PRE_COMPACT: ("·", "compacting", "quiet"),
    EventType.COMPACTION: ("·", "compacted", "quiet"),
    EventType.MODEL_CHANGE: ("·", "model", "quiet"),
}
_TEXT_LIMIT: Final = 600


class Line(msgspec.Struct, frozen=True):
    """One line: when, what kind, what, and a measure at its right end. `key` tells lines apart."""

    key: str
    time: str
    glyph: str
    word: str
    ink: str
    text: str
    measure: str
    measure_ink: str = "quiet"


def event_lines(
    events: Sequence[Event], zone: tzinfo | None, *, now: int, requests: bool, transcribed: bool = False
) -> list[Line]:
    """Lines of `events` (oldest first): a tool and its result share one, a day before today has its own.

    `now` in ms; `requests`: also a line for each request to the model; `transcribed`: the session has a
    transcript, so that some of what its hooks tell is there twice.
    """
    if transcribed:
        events = [
            event for event in events if event.source != Source.HOOK or event.event_type not in REPEATED
        ]
    if not requests:
        events = [event for event in events if not event.is_api_request]
    return EventLines(zone).of(events, now)


class EventLines:
    """Makes lines of events, and of those that it has seen before none again."""

    def __init__(self, zone: tzinfo | None) -> None:
        self._zone = zone
        self._made: dict[int, tuple[Event, Event | None, Line]] = {}

    def of(self, events: Sequence[Event], now: int) -> list[Line]:
        """The lines of events (oldest first); see `event_lines`. `now` in ms."""
        events = without_echoes(events)
        calls, results = set(), {}
        for event in events:
            if event.event_type == EventType.PRE_TOOL_USE:
                calls.add(event.tool_use_id)
            elif event.event_type == EventType.POST_TOOL_USE and event.tool_use_id is not None:
                results[event.tool_use_id] = event
        lines: list[Line] = []
        made: dict[int, tuple[Event, Event | None, Line]] = {}
        day, quarter = _day(now, self._zone), now // QUARTER
        for event in events:
            if event.event_type == EventType.POST_TOOL_USE and event.tool_use_id in calls:
                continue
            if event.timestamp // QUARTER != quarter:
                quarter = event.timestamp // QUARTER
                if (today := _day(event.timestamp, self._zone)) != day:
                    day = today
                    lines.append(Line(f"day {day}", "", "", "", "faint", day, ""))
            result = results.get(event.tool_use_id) if event.tool_use_id else None
            number = event.id if event.id is not None else -len(made)
            known = self._made.get(number)
            if known is None or known[0] is not event or known[1] is not result:
                known = event, result, _line(event, result, self._zone)
            made[number] = known
            lines.append(known[2])
        self._made = made
        return lines


def _day(timestamp: int, zone: tzinfo | None) -> str:
    when = text.moment(timestamp, zone)
    return f"{when:%a %d %b %Y}" if when else "at no known time"


def _line(event: Event, result: Event | None, zone: tzinfo | None) -> Line:
    glyph, word, ink = _LOOKS.get(event.event_type, ("·", text.clean(event.event_type, 11), "quiet"))
    measure, measure_ink = _measure(event, result)
    return Line(
        key=str(event.id),
        time=text.time_of_day(event.timestamp, zone),
        glyph="↳" if event.is_sidechain and glyph == " " else glyph,
        word=word,
        ink="quiet" if event.is_sidechain else ink,
        text=_text(event),
        measure=measure,
        measure_ink=measure_ink,
    )


def _text(event: Event) -> str:
    if event.is_api_request:
        return _join((text.short_model(event.model), *_request(event)))
    parts = [event.tool_name] if event.tool_name else []
    if event.event_type in (EventType.SUBAGENT_START, EventType.SUBAGENT_STOP) and event.subagent_type:
        parts.append(event.subagent_type)
    if event.event_type in (EventType.API_ERROR, EventType.SESSION_END) and event.outcome:
        parts.append(event.outcome.replace("_", " "))
    return _join((*parts, event.text))


def _request(event: Event) -> Iterable[str]:
    for name, number in (
        ("in", event.tokens_input),
        ("read", event.tokens_cache_read),
        ("write", event.tokens_cache_write),
        ("out", event.tokens_output),
    ):
        yield f"{name} {text.count(number)}"


def _join(parts: Iterable[str | None]) -> str:
    return "  ".join(part for part in (text.clean(part, _TEXT_LIMIT) for part in parts) if part)


def _measure(event: Event, result: Event | None) -> tuple[str, str]:
    if event.is_api_request:
        return ("incomplete" if event.tokens_incomplete else ""), "quiet"
    if event.event_type not in (EventType.PRE_TOOL_USE, EventType.POST_TOOL_USE):
        return text.duration(event.duration_ms), "quiet"
    end = event if event.event_type == EventType.POST_TOOL_USE else result
    if end is None:
        return "…", "working"
    took, outcome = text.duration(end.duration_ms), text.clean(end.outcome, 11)
    if outcome in FAILURES:
        return f"{took} {outcome}".strip(), "trouble"
    return took or outcome, "quiet"
