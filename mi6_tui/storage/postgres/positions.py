"""How far each transcript was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mi6_tui.model import FilePosition, ReadBelow
from mi6_tui.storage.postgres.connection import Connection, ask, ask_each, fetch, rows_of
from mi6_tui.storage.postgres.server import Turn
from mi6_tui.storage.rows import POSITION_FIELDS, SEEN_FIELDS, Row, position_row

READ: Final = f"SELECT {', '.join(POSITION_FIELDS)} FROM transcript_positions"
SEEN: Final = f"SELECT {', '.join(SEEN_FIELDS)} FROM transcript_positions"
_STORED: Final = f"{READ} WHERE file_path = ANY(%s::text[])"
_WRITE: Final = (
    f"INSERT INTO transcript_positions({', '.join(POSITION_FIELDS)}) "
    f"VALUES ({', '.join(['%s'] * len(POSITION_FIELDS))}) ON CONFLICT (file_path) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in POSITION_FIELDS[1:])
)
_BELOW: Final = (
    "SELECT count(*), coalesce(sum(byte_offset), 0)::bigint, coalesce(sum(malformed), 0)::bigint, "
    "coalesce(sum(skipped), 0)::bigint, max(updated_at) "
    "FROM transcript_positions WHERE file_path > %s AND file_path < %s"
)
_TIME: Final = POSITION_FIELDS.index("updated_at")


class Positions:
    """Positions to be written; what is stored of them is asked for at once."""

    def __init__(self, turn: Turn, positions: Sequence[FilePosition]) -> None:
        self._turn = turn
        self._positions = positions
        paths = {position.file_path for position in positions}
        self._asked = ask(turn.connection, _STORED, (paths,)) if paths else None

    def write(self, now: int) -> None:
        """Store those that differ from what is stored, with the time of the change."""
        if self._asked is None:
            return
        stored: dict[str, Row] = {row[0]: _timeless(row) for row in rows_of(self._asked)}
        rows: dict[str, Row] = {}
        for position in self._positions:
            row = position_row(position)
            if stored.get(position.file_path) != _timeless(row):
                stored[position.file_path] = _timeless(row)
                rows[position.file_path] = (*row[:_TIME], now, *row[_TIME + 1 :])
        ask_each(self._turn.connection, _WRITE, rows.values())
        self._turn.changed = self._turn.changed or bool(rows)


def _timeless(row: Row) -> Row:
    return (*row[:_TIME], *row[_TIME + 1 :])


def rename_position(turn: Turn, old_path: str, new_path: str) -> bool:
    """Move a position to another path, in place of what that path had; False if there is none to move."""
    if not fetch(turn.connection, "SELECT 1 FROM transcript_positions WHERE file_path = %s", (old_path,)):
        return False
    if old_path != new_path:
        ask(turn.connection, "DELETE FROM transcript_positions WHERE file_path = %s", (new_path,))
        sql = "UPDATE transcript_positions SET file_path = %s WHERE file_path = %s"
        ask(turn.connection, sql, (new_path, old_path))
    return True


def read_below(connection: Connection, folder: str) -> ReadBelow:
    """What was read of the files whose path begins with `folder` and a slash."""
    # The character behind the slash ends the range.
    bounds = f"{folder.rstrip('/')}/", f"{folder.rstrip('/')}0"
    ((files, size, malformed, skipped, last),) = fetch(connection, _BELOW, bounds)
    return ReadBelow(files=files, bytes=size, malformed=malformed, skipped=skipped, last=last)
