"""What a hook tells of a moment that the client's own records tell as well, told once. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
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
"""Ms between the two: a client writes down the end of a turn when the last of its hooks is done."""

_Moment = tuple[str, str, str]


def without_echoes(events: Sequence[Event]) -> Sequence[Event]:
    """`events` (oldest first, of any sessions) without those of hooks that another witness tells as well."""
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
    times = told.get(_about(event), ())
    place = bisect_left(times, event.timestamp - _APART)
    return place < len(times) and times[place] <= event.timestamp + _APART
