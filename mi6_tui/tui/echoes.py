"""What several tell of one moment, told once: a client's records and a hook, or two hooks. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final

from mi6_tui.model import Event, EventType, Source

_TOLD_TWICE: Final = frozenset(
    (
        EventType.STOP,
        EventType.API_ERROR,
        EventType.INTERRUPT,
        EventType.SESSION_START,
        EventType.SESSION_END,
        EventType.SUBAGENT_START,
        EventType.SUBAGENT_STOP,
    )
)
_APART: Final = 10_000
"""Ms between the two: a client writes down the end of a turn when the last of its hooks is done, and waits
some seconds for an answer before it sends a notice."""
_ASKING: Final = (EventType.PERMISSION_REQUEST, EventType.ELICITATION)
_ASKED: Final = frozenset(
    ("permission_prompt", "worker_permission_prompt", "elicitation_dialog", "elicitation_url_dialog")
)
"""Notices of what was asked, in fewer words than the question itself has."""
_IDLE: Final = "idle_prompt"
"""The notice that nobody has typed since the turn ended."""
_ENDING: Final = (EventType.STOP, EventType.TURN_COMPLETE, EventType.INTERRUPT, EventType.API_ERROR)
_GOING_ON: Final = (EventType.USER_PROMPT_SUBMIT, EventType.TURN_START, EventType.PRE_TOOL_USE, *_ASKING)

_Moment = tuple[str, str, str]


def without_echoes(events: Sequence[Event]) -> Sequence[Event]:
    """`events` (oldest first, of any sessions) without those of hooks that another event tells as well."""
    if any(event.event_type == EventType.NOTIFICATION for event in events):
        events = list(_without_notices(events))
    echoes = [event for event in events if event.source == Source.HOOK and event.event_type in _TOLD_TWICE]
    if not echoes:
        return events
    told: dict[_Moment, list[int]] = {}
    for event in events:
        if event.event_type in _TOLD_TWICE and event.source != Source.HOOK:
            told.setdefault(_about(event), []).append(event.timestamp)
    return [event for event in events if not _is_echo(event, told)]


def _about(event: Event) -> _Moment:
    return event.machine_id, event.session_id, event.event_type


def _is_echo(event: Event, told: dict[_Moment, list[int]]) -> bool:
    if event.source != Source.HOOK or event.event_type not in _TOLD_TWICE:
        return False
    return _is_near(event.timestamp, told.get(_about(event), ()))


def _without_notices(events: Sequence[Event]) -> Iterable[Event]:
    """Without notices of a question that stands there itself, and of a rest after the end of a turn."""
    asked: dict[tuple[str, str], list[int]] = {}
    for event in events:
        if event.event_type in _ASKING:
            asked.setdefault(_whose(event), []).append(event.timestamp)
    resting: set[tuple[str, str]] = set()
    for event in events:
        kind, key = event.event_type, _whose(event)
        if kind in _ENDING:
            resting.add(key)
        elif kind in _GOING_ON:
            resting.discard(key)
        elif kind == EventType.NOTIFICATION and (
            (event.outcome == _IDLE and key in resting)
            or (event.outcome in _ASKED and _is_near(event.timestamp, asked.get(key, ())))
        ):
            continue
        yield event


def _whose(event: Event) -> tuple[str, str]:
    return event.machine_id, event.session_id


def _is_near(moment: int, times: Sequence[int]) -> bool:
    """Whether one of `times` (ascending) lies close to `moment`; all in ms."""
    place = bisect_left(times, moment - _APART)
    return place < len(times) and times[place] <= moment + _APART
