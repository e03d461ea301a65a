"""Paths of transcripts as small numbers, so that a moved file is one changed row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from mi6_tui.model import Event
from mi6_tui.storage.postgres.connection import ask, fetch, rows_of
from mi6_tui.storage.postgres.server import Turn

_FIND: Final = "SELECT path, id FROM files WHERE path = ANY(%s::text[])"
_GIVE: Final = "INSERT INTO files(path) SELECT unnest(%s::text[]) RETURNING path, id"


class FileIds:
    """The numbers of the files that some events lie in, asked for at once."""

    def __init__(self, turn: Turn, events: Iterable[Event]) -> None:
        self._turn = turn
        self._wanted = _paths(events)
        self._asked = ask(turn.connection, _FIND, (self._wanted,)) if self._wanted else None
        self._ids: dict[str, int] = {}

    def give(self, events: Iterable[Event]) -> None:
        """Let the files of these events have numbers, too."""
        if self._asked is not None:
            self._ids |= dict(rows_of(self._asked))
            self._asked = None
        paths = _paths(events)
        if others := paths - self._wanted:
            self._ids |= dict(fetch(self._turn.connection, _FIND, (others,)))
        if new := sorted(paths - self._ids.keys()):
            self._ids |= dict(fetch(self._turn.connection, _GIVE, (new,)))

    def pointer(self, event: Event) -> int | None:
        """The number of the file that the event's line lies in; None if it has no such place."""
        path = event.transcript_path
        return None if path is None or event.byte_offset is None else self._ids[path]


def _paths(events: Iterable[Event]) -> set[str]:
    lying = (event.transcript_path for event in events if event.byte_offset is not None)
    return {path for path in lying if path is not None}


def rename_file(turn: Turn, old_path: str, new_path: str) -> None:
    """Let the pointers into `old_path` lead to `new_path`."""
    known: dict[str, int] = dict(fetch(turn.connection, _FIND, ([old_path, new_path],)))
    old, new = known.get(old_path), known.get(new_path)
    if old is None or old == new:
        return
    if new is None:
        ask(turn.connection, "UPDATE files SET path = %s WHERE id = %s", (new_path, old))
    else:
        ask(turn.connection, "UPDATE events SET file_id = %s WHERE file_id = %s", (new, old))
        ask(turn.connection, "DELETE FROM files WHERE id = %s", (old,))
