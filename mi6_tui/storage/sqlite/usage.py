"""Sums of requests by session, witness, quarter of an hour and model: what `stats` adds up.

They move with every request that is added, corrected or taken back, as the sessions' own sums do, and stay
when `gc` deletes the events.
"""

from __future__ import annotations

from typing import Final

import apsw

from mi6_tui.judge.evidence import authority_of
from mi6_tui.judge.fold import TOKENS, nano_usd
from mi6_tui.model import Event
from mi6_tui.model.usage import QUARTER

_KEY: Final = ("session_id", "machine_id", "witness", "quarter", "model")
SUMS: Final = (
    "requests",
    "incomplete",
    *TOKENS,
    "recorded",
    "recorded_nano_usd",
    "estimated",
    "estimated_nano_usd",
)
_UsageKey = tuple[str, str, str, int, str]

_MOVE: Final = (
    f"INSERT INTO usage({', '.join((*_KEY, *SUMS))}) VALUES ({', '.join('?' * len((*_KEY, *SUMS)))}) "
    f"ON CONFLICT DO UPDATE SET {', '.join(f'{name} = {name} + excluded.{name}' for name in SUMS)}"
)
_DROP: Final = f"DELETE FROM usage WHERE {' AND '.join(f'{name} = ?' for name in _KEY)} AND requests = 0"


class UsageBook:
    """The movements of one transaction, written once at its end."""

    def __init__(self) -> None:
        self._moves: dict[_UsageKey, list[int]] = {}

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

    def remove(self, key: tuple[str, str]) -> None:
        """Forget the movements of a session, by machine and session."""
        self._moves = {of: sums for of, sums in self._moves.items() if (of[1], of[0]) != key}

    def flush(self, connection: apsw.Connection) -> None:
        """Write and forget the movements."""
        moves = {key: sums for key, sums in self._moves.items() if any(sums)}
        connection.executemany(_MOVE, [(*key, *sums) for key, sums in moves.items()])
        connection.executemany(_DROP, [key for key, (requests, *_) in moves.items() if requests < 0])
        self._moves.clear()


def _numbers(event: Event) -> tuple[int, ...]:
    recorded, estimated = event.cost_usd, event.cost_estimated_usd
    estimated = None if recorded is not None else estimated
    return (
        1,
        event.tokens_incomplete,
        *(getattr(event, name) or 0 for name in TOKENS),
        recorded is not None,
        nano_usd(recorded or 0.0),
        estimated is not None,
        nano_usd(estimated or 0.0),
    )
