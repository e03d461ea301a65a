"""What Claude Code tells its status line: the plan's limits, and how the session stands by its own count."""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from mi6_tui.frameworks.claude.lines import NAME
from mi6_tui.frameworks.pieces import parse
from mi6_tui.frameworks.records import NOTHING, Json, Name, count, read, token_count, value
from mi6_tui.model import Telemetry
from mi6_tui.model.limits import reading

_WINDOWS: Final = {"five_hour": 5 * 60, "seven_day": 7 * 24 * 60}
"""In minutes."""
_SPEND: Final = "spend limit"
_MOST_PERCENT: Final = 1000.0
_MOST_DOLLARS: Final = 1e9
_LONGEST: Final = 400 * 24 * 60
"""Minutes until the reset of what has no window."""
_SLACK: Final = 60
"""Minutes by which a window may seem to be longer than it is: two clocks, rounded."""


class _Model(msgspec.Struct):
    id: Name | None = None


class _Cost(msgspec.Struct):
    total_cost_usd: object = None


class _Context(msgspec.Struct):
    total_input_tokens: object = None
    context_window_size: object = None
    current_usage: msgspec.Raw = NOTHING


class _Window(msgspec.Struct):
    used_percentage: object = None
    resets_at: object = None


class _Limits(msgspec.Struct):
    five_hour: msgspec.Raw = NOTHING
    seven_day: msgspec.Raw = NOTHING
    spend_limit: msgspec.Raw = NOTHING


class _Told(msgspec.Struct):
    session_id: Name | None = None
    model: msgspec.Raw = NOTHING
    cost: msgspec.Raw = NOTHING
    context_window: msgspec.Raw = NOTHING
    rate_limits: msgspec.Raw = NOTHING


def decode(payload: bytes, machine_id: str, at: int) -> list[Telemetry]:
    """The session as it stood, and each limit that is told; empty if it tells of no session."""
    told = parse(_Told, payload)
    if told is None or not told.session_id:
        return []
    session = told.session_id
    return [_status(told, session, machine_id, at), *_limits(told.rate_limits, session, machine_id, at)]


def _status(told: _Told, session: str, machine_id: str, at: int) -> Telemetry:
    model, cost = read(_Model, told.model), read(_Cost, told.cost)
    context = read(_Context, told.context_window) or _Context()
    asked = isinstance(value(context.current_usage), dict)
    size = token_count(context.context_window_size)
    return Telemetry(
        machine_id=machine_id,
        session_id=session,
        framework=NAME,
        identity=f"status:{NAME}:{machine_id}:{session}",
        kind="status",
        at=at,
        received_at=at,
        model=model.id if model else None,
        cost_usd=_number(cost.total_cost_usd, _MOST_DOLLARS) if cost else None,
        # Before the first request it says 0 of what it does not know.
        context_tokens=token_count(context.total_input_tokens) if asked else None,
        context_window_size=size or None,
    )


def _limits(data: Json, session: str, machine_id: str, at: int) -> list[Telemetry]:
    limits = read(_Limits, data) or _Limits()
    windows = [(slot, None, getattr(limits, slot), minutes) for slot, minutes in _WINDOWS.items()]
    found = []
    # Several sessions are told of the same limit, and each of them repeats its own reading.
    whose = hashlib.blake2s(session.encode("utf-8", "replace"), digest_size=6).hexdigest()
    for slot, name, raw, minutes in (*windows, ("spend_limit", _SPEND, limits.spend_limit, None)):
        window = read(_Window, raw)
        used = _number(window.used_percentage, _MOST_PERCENT) if window else None
        if window is None or used is None:
            continue
        found.append(
            reading(
                framework=NAME,
                machine_id=machine_id,
                name=name,
                slot=f"{slot}:{whose}",
                window_minutes=minutes,
                used_percent=used,
                resets_at=_reset(window.resets_at, minutes, at),
                at=at,
                source="status line",
            )
        )
    return found


def _reset(moment: object, minutes: int | None, at: int) -> int | None:
    """ms; None if it cannot be the end of a window of so many minutes."""
    seconds = count(moment)
    longest = ((minutes or _LONGEST) + _SLACK) * 60_000
    return seconds * 1000 if seconds is not None and seconds * 1000 <= at + longest else None


def _number(number: object, most: float) -> float | None:
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    return float(number) if 0 <= number <= most else None
