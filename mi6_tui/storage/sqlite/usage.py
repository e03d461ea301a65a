"""The table of the sums of requests."""

from __future__ import annotations

from typing import Final

import apsw

from mi6_tui.storage.usage import KEY, SUMS, USAGE_FIELDS, UsageMoves

_MOVE: Final = (
    f"INSERT INTO usage({', '.join(USAGE_FIELDS)}) VALUES ({', '.join('?' * len(USAGE_FIELDS))}) "
    f"ON CONFLICT DO UPDATE SET {', '.join(f'{name} = {name} + excluded.{name}' for name in SUMS)}"
)
_DROP: Final = f"DELETE FROM usage WHERE {' AND '.join(f'{name} = ?' for name in KEY)} AND requests = 0"


class UsageBook(UsageMoves):
    """The movements of one transaction, written once at its end."""

    def flush(self, connection: apsw.Connection) -> None:
        """Write and forget the movements."""
        moves = self.take()
        connection.executemany(_MOVE, [(*key, *sums) for key, sums in moves.items()])
        connection.executemany(_DROP, [key for key, (requests, *_) in moves.items() if requests < 0])
