"""What the provider told the client of its limits, beside the running totals of tokens."""

from __future__ import annotations

from typing import Final

import msgspec

from mi6_tui.frameworks.codex.lines import NAME, Line
from mi6_tui.frameworks.codex.records import RateLimits, Window
from mi6_tui.frameworks.records import Json, count, read
from mi6_tui.model import Telemetry
from mi6_tui.model.limits import reading

_MOST_PERCENT: Final = 1000.0
_NAME: Final = 40
"""Characters."""
_LONGEST: Final = 400 * 24 * 60
"""Minutes of a window."""


def told(line: Line, data: Json) -> None:
    """Note the limits of a `token_count`; what is missing or cannot be is left out."""
    limits = read(RateLimits, data)
    if limits is None:
        return
    for slot, raw in (("primary", limits.primary), ("secondary", limits.secondary)):
        window = read(Window, raw)
        used = _percent(window.used_percent) if window else None
        if window is not None and used is not None:
            _keep(
                line.out.telemetry,
                reading(
                    framework=NAME,
                    machine_id=line.machine_id,
                    name=(limits.limit_name or limits.limit_id or NAME)[:_NAME],
                    slot=slot,
                    window_minutes=_minutes(window.window_minutes),
                    used_percent=used,
                    resets_at=_reset(window, line.at),
                    at=line.at,
                    source="transcript",
                ),
            )


def _keep(records: list[Telemetry], new: Telemetry) -> None:
    """Of those with one identity only the one that the store keeps: a client is told with each response."""
    for number, one in enumerate(records):
        if one.identity == new.identity:
            if (new.at, _rank(new)) > (one.at, _rank(one)):
                records[number] = new
            return
    records.append(new)


def _rank(record: Telemetry) -> bytes:
    """Which of two from one moment stays, as the store has it."""
    return msgspec.json.encode(record, order="sorted")


def _percent(number: object) -> float | None:
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    return float(number) if 0 <= number <= _MOST_PERCENT else None


def _minutes(number: object) -> int | None:
    found = count(number)
    return found if found is not None and 0 < found <= _LONGEST else None


def _reset(window: Window, at: int) -> int | None:
    """ms; older clients say how many seconds are left."""
    moment, left = count(window.resets_at), count(window.resets_in_seconds)
    if moment is None and left is not None:
        moment = at // 1000 + left
    if moment is None:
        return None
    longest = _LONGEST * 60_000
    return moment * 1000 if at - longest <= moment * 1000 <= at + longest else None
