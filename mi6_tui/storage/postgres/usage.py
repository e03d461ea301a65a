"""Sums of requests by session, witness, quarter of an hour and model."""

from __future__ import annotations

from typing import Final

from mi6_tui.storage.postgres.connection import ask_each
from mi6_tui.storage.postgres.server import Turn
from mi6_tui.storage.usage import KEY, SUMS, USAGE_FIELDS, UsageMoves

_MOVE: Final = (
    f"INSERT INTO usage({', '.join(USAGE_FIELDS)}) VALUES ({', '.join(['%s'] * len(USAGE_FIELDS))}) "
    f"ON CONFLICT ({', '.join(KEY)}) DO UPDATE SET "
    + ", ".join(f"{name} = usage.{name} + excluded.{name}" for name in SUMS)
)
_DROP: Final = f"DELETE FROM usage WHERE {' AND '.join(f'{name} = %s' for name in KEY)} AND requests = 0"


class UsageBook(UsageMoves):
    """The movements of one transaction, written once at its end."""

    def flush(self, turn: Turn) -> None:
        """Write and forget the movements."""
        moves = self.take()
        ask_each(turn.connection, _MOVE, [(*key, *sums) for key, sums in moves.items()])
        ask_each(turn.connection, _DROP, [key for key, (requests, *_) in moves.items() if requests < 0])
        turn.changed = turn.changed or bool(moves)
