"""How much of what a provider allows is used, as its clients were last told; nothing is counted here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from mi6_tui.model.telemetry import CLOCKS_APART, LimitSource, Telemetry

LIMITS: Final = "(limits)"
"""Stands for the session of such a record: it is about an account."""
NEARLY: Final = 80.0
"""Percent from which on a limit is marked."""
_MINUTE: Final = 60_000
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_OLDEST: Final = 8 * _DAY
"""Age from which on a reading says nothing: the longest usual window is a week."""
_EARLY: Final = 0.1
"""Share of a window that must be over before its pace says anything."""


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """The latest reading of one limit. Times in ms; unknown is None."""

    framework: str
    """The client that was told."""
    machine_id: str
    name: str | None
    """As the client calls it."""
    window_minutes: int | None
    used_percent: float
    resets_at: int | None
    at: int
    """When the client was told; of a status line when it was drawn, which may be later."""
    full_at_estimate: int | None
    """When it would be used up if the window went on as it went until then; None: not before its reset."""
    source: LimitSource | None = None
    """Where the client said it; None: nobody noted."""


def reading(
    *,
    framework: str,
    machine_id: str,
    name: str | None,
    slot: str,
    window_minutes: int | None,
    used_percent: float,
    resets_at: int | None,
    at: int,
    source: LimitSource | None = None,
) -> Telemetry:
    """What the store keeps of what a client was told at `at`: of each day (UTC) and `slot` the last."""
    return Telemetry(
        machine_id=machine_id,
        session_id=LIMITS,
        framework=framework,
        identity=f"limit:{framework}:{machine_id}:{name}:{slot}:{at // _DAY}",
        kind="limit",
        at=at,
        received_at=at,
        what=name,
        used_percent=used_percent,
        window_minutes=window_minutes,
        resets_at=resets_at,
        source=source,
    )


def _order(one: Telemetry) -> tuple[int, float, int, str]:
    """The later, the greater.

    A status line is drawn anew with what its own session was told long ago, while others use up the same
    window: of its readings those of the later window are later, and of one window those of more use.
    """
    if one.source == "status line" and one.resets_at is not None:
        return round(one.resets_at / _MINUTE), one.used_percent or 0.0, one.at, one.identity
    return 0, 0.0, one.at, one.identity


def limits_of(records: Iterable[Telemetry], now: int) -> list[Limit]:
    """Of each limit the latest of these readings that is not too old; by client, then the shortest window."""
    latest: dict[tuple[str, str, str, int], Telemetry] = {}
    for one in sorted(records, key=_order):
        if one.kind == "limit" and now - _OLDEST <= one.at <= now + CLOCKS_APART:
            latest[one.framework, one.what or "", one.machine_id, one.window_minutes or 0] = one
    return [
        Limit(
            framework=one.framework,
            machine_id=one.machine_id,
            name=one.what,
            window_minutes=one.window_minutes,
            used_percent=one.used_percent,
            resets_at=one.resets_at,
            at=one.at,
            source=one.source,
            full_at_estimate=_full_at(one.used_percent, one.window_minutes, one.resets_at, one.at),
        )
        for _, one in sorted(latest.items())
        if one.used_percent is not None
    ]


def named(limit: Limit) -> str:
    """Whose limit it is, and for how long a time: `codex 5 h`."""
    window = f" {_window(limit.window_minutes)}" if limit.window_minutes else ""
    name = f" {limit.name}" if limit.name not in (None, limit.framework) else ""
    return f"{limit.framework}{name}{window}"


def is_over(limit: Limit, now: int) -> bool:
    """Whether its window ended: what is used of the next one nobody knows."""
    return limit.resets_at is not None and limit.resets_at <= now


def sentence(limit: Limit, now: int, clock: Callable[[int], str]) -> str:
    """The reading in one line, what matters most first, in parts between ` · `; `clock` writes a time."""
    told = f"{named(limit)}: "
    age = f"{_age(max(0, now - limit.at))} old"
    if limit.source is not None:
        age += f" ({limit.source})"
    if limit.resets_at is not None and is_over(limit, now):
        return f"{told}reset {clock(limit.resets_at)}, nothing known since · {age}"
    told += f"{limit.used_percent:.0f} %"
    if limit.used_percent >= 100:
        told += " ▲ used up"
    elif limit.used_percent >= NEARLY:
        told += " ◆ nearly used up"
    if limit.resets_at is not None:
        told += f" · resets {clock(limit.resets_at)}"
    told += f" · {age}"
    if limit.full_at_estimate is not None and limit.full_at_estimate > now:
        told += f" · used up about {clock(limit.full_at_estimate)} at this pace (estimate)"
    return told


def _full_at(used: float | None, minutes: int | None, resets_at: int | None, at: int) -> int | None:
    if not used or used >= 100 or minutes is None or resets_at is None:
        return None
    length = minutes * _MINUTE
    begin = resets_at - length
    gone = at - begin
    if not _EARLY * length <= gone < length:
        return None
    full = begin + round(gone * 100 / used)
    return full if full < resets_at else None


def _window(minutes: int) -> str:
    # Some clients say a minute less than they mean.
    hours = round(minutes / 60)
    if hours >= 48:
        return f"{round(hours / 24)} d"
    return f"{hours} h" if hours else f"{minutes} min"


def _age(ms: int) -> str:
    if ms >= 2 * _DAY:
        return f"{ms // _DAY} d"
    return f"{ms // _HOUR} h" if ms >= 2 * _HOUR else f"{ms // _MINUTE} min"
