"""Sums of requests by session, witness, quarter of an hour and model: what `stats` adds up.

They move with every request that is added, corrected or taken back, as the sessions' own sums do, and stay
when `gc` deletes the events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, Final

from mi6_tui.judge.evidence import authority_of
from mi6_tui.judge.fold import TOKENS, nano_usd
from mi6_tui.model import Event, EventType, Usage, UsageQuery, UsageRow
from mi6_tui.model.usage import QUARTER

KEY: Final = ("session_id", "machine_id", "witness", "quarter", "model")
SUMS: Final = (
    "requests",
    "incomplete",
    *TOKENS,
    "recorded",
    "recorded_nano_usd",
    "estimated",
    "estimated_nano_usd",
)
USAGE_FIELDS: Final = (*KEY, *SUMS)
"""The columns of the table, in its order."""
_tokens_of: Final = attrgetter(*TOKENS)
UsageKey = tuple[str, str, str, int, str]
"""The values of KEY."""
PERIODS: Final = {"hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}
"""Dimensions that are spans of time, and how these are called."""

WITNESS: Final = """
CASE WHEN source IN ('transcript', 'codex_session') THEN 'transcript'
     WHEN source = 'otel' THEN 'otel' ELSE 'hook' END
"""
"""Which kind of witness an event's source is, as in judge.fold."""


def witness_of(table: str) -> str:
    """WITNESS of the events that a statement calls `table`."""
    return WITNESS.replace("source", f"{table}.source")


def requests_witness(of_session: str) -> str:
    """Whose requests count for the session of `of_session` (FROM and WHERE), by the events that are left."""
    return f"""
(SELECT CASE WHEN transcript_available THEN 'transcript'
             WHEN EXISTS (SELECT 1 FROM events AS other WHERE other.session_id = sessions.session_id
                          AND other.machine_id = sessions.machine_id AND other.source = 'otel'
                          AND other.event_type = '{EventType.API_REQUEST}') THEN 'otel'
             ELSE 'hook' END {of_session})
"""


COUNTS: Final = """
CASE WHEN sessions.transcript_available THEN 'transcript'
     WHEN EXISTS (SELECT 1 FROM usage AS other WHERE other.session_id = sessions.session_id
                  AND other.machine_id = sessions.machine_id AND other.witness = 'otel') THEN 'otel'
     ELSE 'hook' END
"""
"""Whose requests count for a session, as in judge.project: the best witness's."""


class UsageMoves:
    """The movements of one transaction."""

    def __init__(self) -> None:
        self._moves: dict[UsageKey, list[int]] = {}

    def add(self, event: Event, sign: int) -> None:
        """Add a request, or take it back (`sign` -1)."""
        key = (
            event.session_id,
            event.machine_id,
            authority_of(event.source),
            event.timestamp // QUARTER,
            event.model or "",
        )
        sums = self._moves.setdefault(key, [0] * len(SUMS))
        for index, number in enumerate(_numbers(event)):
            sums[index] += sign * number

    def add_row(self, row: Sequence[Any]) -> None:
        """Add sums: the values of USAGE_FIELDS."""
        key, numbers = tuple(row[: len(KEY)]), row[len(KEY) :]
        sums = self._moves.setdefault(key, [0] * len(SUMS))
        for index, number in enumerate(numbers):
            sums[index] += number

    def keep_positive(self, wanted: Callable[[tuple[str, str], str], bool]) -> None:
        """Drop sums below 0, and those of a session (by machine and id) and witness that are not `wanted`."""
        self._moves = {
            of: [max(0, number) for number in sums]
            for of, sums in self._moves.items()
            if sums[0] > 0 and wanted((of[1], of[0]), of[2])
        }

    def remove(self, key: tuple[str, str]) -> None:
        """Forget the movements of a session, by machine and session."""
        self._moves = {of: sums for of, sums in self._moves.items() if (of[1], of[0]) != key}

    def take(self) -> dict[UsageKey, list[int]]:
        """Hand over the movements that are some, and forget them."""
        moves = {key: sums for key, sums in self._moves.items() if any(sums)}
        self._moves.clear()
        return moves


def _numbers(event: Event) -> tuple[int, ...]:
    recorded, estimated = event.cost_usd, event.cost_estimated_usd
    estimated = None if recorded is not None else estimated
    return (
        1,
        event.tokens_incomplete,
        *[tokens or 0 for tokens in _tokens_of(event)],
        recorded is not None,
        nano_usd(recorded or 0.0),
        estimated is not None,
        nano_usd(estimated or 0.0),
    )


def period_of(query: UsageQuery) -> Callable[..., str | None]:
    """The name of the period that a quarter of an hour lies in; None beyond the calendar."""
    form = PERIODS.get(query.by, "")

    @cache  # a quarter has as many rows as sessions and models were at work in it
    def name(quarter: int) -> str | None:
        try:
            return datetime.fromtimestamp(quarter * (QUARTER // 1000), query.timezone).strftime(form)
        except (OverflowError, ValueError, OSError):
            return None

    return name


def usage_row(key: str | None, sessions: int, *sums: int | None) -> UsageRow:
    """The row of a group: its key, its sessions, and SUMS in their order."""
    found = {name: number or 0 for name, number in zip(SUMS, sums, strict=True)}
    recorded, estimated = found["recorded_nano_usd"], found["estimated_nano_usd"]
    priced = found["recorded"] + found["estimated"]
    return UsageRow(
        key=key,
        session_count=sessions,
        api_request_count=found["requests"],
        incomplete_requests=found["incomplete"],
        cost_usd=(recorded + estimated) / 1e9 if priced else None,
        cost_recorded_usd=recorded / 1e9 if found["recorded"] else None,
        cost_estimated_usd=estimated / 1e9 if found["estimated"] else None,
        unpriced_requests=found["requests"] - priced,
        **{name: found[name] for name in TOKENS},
    )


def in_order(query: UsageQuery, rows: Iterable[UsageRow], total: UsageRow) -> Usage:
    """Periods by time, all else the dearest first."""
    by_time = query.by in PERIODS
    ordered = sorted(rows, key=lambda row: row.key or "") if by_time else dearest_first(rows)
    return Usage(rows=tuple(ordered), total=total)


def dearest_first(rows: Iterable[UsageRow]) -> list[UsageRow]:
    """By cost, then by tokens, then by name."""
    return sorted(rows, key=lambda row: (-(row.cost_usd or 0.0), -row.total_tokens, row.key or ""))
