"""Paths of transcripts as small numbers, so that a moved file is one changed row."""

from __future__ import annotations

import apsw

from mi6_tui.model import Event


class FileIds:
    """The numbers of the files one transaction speaks of."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._ids: dict[str, int] = {}

    def pointer(self, event: Event) -> int | None:
        """The number of the file that the event's line lies in; None if it has no such place."""
        path = event.transcript_path
        if path is None or event.byte_offset is None:
            return None
        found = self._ids.get(path)
        if found is None:
            found = self._ids[path] = self._number(path)
        return found

    def _number(self, path: str) -> int:
        known: int | None = self._connection.execute("SELECT id FROM files WHERE path = ?", (path,)).get
        if known is not None:
            return known
        self._connection.execute("INSERT INTO files(path) VALUES (?)", (path,))
        return self._connection.last_insert_rowid()


def rename_file(connection: apsw.Connection, old_path: str, new_path: str) -> None:
    """Let the pointers into `old_path` lead to `new_path`."""
    old = connection.execute("SELECT id FROM files WHERE path = ?", (old_path,)).get
    new = connection.execute("SELECT id FROM files WHERE path = ?", (new_path,)).get
    if old is None:
        return
    if new is None:
        connection.execute("UPDATE files SET path = ? WHERE id = ?", (new_path, old))
    else:
        connection.execute("UPDATE events SET file_id = ? WHERE file_id = ?", (new, old))
        connection.execute("DELETE FROM files WHERE id = ?", (old,))
