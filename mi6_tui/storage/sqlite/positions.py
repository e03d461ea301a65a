"""How far each transcript was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import apsw

from mi6_tui.model import FilePosition, ReadBelow
from mi6_tui.storage.rows import POSITION_FIELDS, Row, position_row
from mi6_tui.storage.sqlite.connection import fetch

_WRITE: Final = (
    f"INSERT INTO transcript_positions({', '.join(POSITION_FIELDS)}) "
    f"VALUES ({', '.join('?' * len(POSITION_FIELDS))}) ON CONFLICT(file_path) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in POSITION_FIELDS[1:])
)
_READ: Final = f"SELECT {', '.join(POSITION_FIELDS)} FROM transcript_positions WHERE file_path = ?"
_BELOW: Final = (
    "SELECT count(*), total(byte_offset), {malformed}, {skipped}, max(updated_at) "
    "FROM transcript_positions WHERE file_path > ? AND file_path < ?"
)
_TIME: Final = POSITION_FIELDS.index("updated_at")


def write_positions(connection: apsw.Connection, positions: Sequence[FilePosition], now: int) -> None:
    """Store the positions that differ from what is stored, with the time of the change."""
    rows = []
    for position in positions:
        row = position_row(position)
        stored = connection.execute(_READ, (position.file_path,)).get
        if stored is None or _timeless(stored) != _timeless(row):
            rows.append((*row[:_TIME], now, *row[_TIME + 1 :]))
    connection.executemany(_WRITE, rows)


def _timeless(row: Row) -> Row:
    return (*row[:_TIME], *row[_TIME + 1 :])


def rename_position(connection: apsw.Connection, old_path: str, new_path: str) -> bool:
    """Move a position to another path, in place of what that path had; False if there is none to move."""
    if connection.execute(_READ, (old_path,)).get is None:
        return False
    if old_path != new_path:
        connection.execute("DELETE FROM transcript_positions WHERE file_path = ?", (new_path,))
        connection.execute(
            "UPDATE transcript_positions SET file_path = ? WHERE file_path = ?", (new_path, old_path)
        )
    return True


def read_below(connection: apsw.Connection, folder: str, columns: frozenset[str]) -> ReadBelow:
    """What was read of the files whose path begins with `folder` and a slash."""
    sums = {name: f"total({name})" if name in columns else "0" for name in ("malformed", "skipped")}
    # The character behind the slash ends the range.
    bounds = f"{folder.rstrip('/')}/", f"{folder.rstrip('/')}0"
    ((files, size, malformed, skipped, last),) = fetch(connection, _BELOW.format(**sums), bounds)
    return ReadBelow(files=files, bytes=int(size), malformed=int(malformed), skipped=int(skipped), last=last)
