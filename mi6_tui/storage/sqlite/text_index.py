"""The index of words over prompts, replies and commands.

It holds no text of its own: what is taken out of it must be told word by word, so the text of an event is
always made by `searchable` from what its row keeps. Whoever changes that function builds the index anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import apsw
import msgspec

from mi6_tui.model.search import KINDS, searchable
from mi6_tui.storage.sqlite.connection import fetch
from mi6_tui.storage.words import TOKENIZER, text_of

if TYPE_CHECKING:
    from mi6_tui.storage.sqlite.known import Record

# Positions are kept: without them neither phrases nor an order by relevance could be had.
_CREATE: Final = (
    "CREATE VIRTUAL TABLE {schema}.event_text "
    f"USING fts5(text, content='', tokenize='{' '.join(TOKENIZER)}')"
)
_ADD: Final = "INSERT INTO {schema}.event_text(rowid, text) VALUES (?, ?)"
_REMOVE: Final = "INSERT INTO event_text(event_text, rowid, text) VALUES ('delete', ?, ?)"
# Negative: towards one single segment, in which nothing is left of what was removed. FTS5 can also remove at
# once ('secure-delete'), at a hundred times the cost of deleting an event.
_MERGE: Final = "INSERT INTO event_text(event_text, rank) VALUES ('merge', -1000)"
_NO_OP: Final = 2
"""Changes that a merge which found nothing to do stays below."""
_TEXTS: Final = f"SELECT id, event_type, {{preview}}, payload FROM events WHERE event_type IN {tuple(KINDS)}"


def create_index(connection: apsw.Connection, *, schema: str = "main", preview: str = "preview") -> None:
    """Make the index and fill it from the events; `preview` is the column, or `NULL` where there is none."""
    connection.execute(_CREATE.format(schema=schema))
    # Row by row, never all in memory.
    rows = connection.execute(_TEXTS.format(preview=preview) + " ORDER BY id")
    connection.executemany(_ADD.format(schema=schema), _texts(rows))


def index_changes(connection: apsw.Connection, changed: Sequence[Record]) -> None:
    """Let the index follow what is written of these records, inside the caller's transaction."""
    removed, added = [], []
    for record in changed:
        old = record.stored and text_of(record.stored)
        new = text_of(record.event) if record.merged_into is None else None
        if old == new or record.id is None:
            continue
        if old is not None:
            removed.append((record.id, old))
        if new is not None:
            added.append((record.id, new))
    connection.executemany(_REMOVE, sorted(removed))
    connection.executemany(_ADD.format(schema="main"), sorted(added))


def forget(connection: apsw.Connection, ids: Sequence[int]) -> None:
    """Let events that are about to be deleted be found no more, inside the caller's transaction.

    Their words are gone from the index when `merge_some` has nothing more to do.
    """
    sql = _TEXTS.format(preview="preview") + " AND id IN (SELECT value FROM json_each(?))"
    connection.executemany(_REMOVE, _texts(fetch(connection, sql, (msgspec.json.encode(ids).decode(),))))


def merge_some(connection: apsw.Connection) -> bool:
    """Rewrite a part of the index without what was removed; False if there was nothing to do."""
    before = connection.total_changes()
    connection.execute(_MERGE)
    return connection.total_changes() - before >= _NO_OP


def _texts(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[int, str]]:
    for event_id, event_type, preview, payload in rows:
        if (text := searchable(event_type, _told(preview), _told(payload))) is not None:
            yield event_id, text


def _told(value: object) -> str | None:
    # A file that mi6 wrote may hold any type in any column.
    return value if isinstance(value, str) else None
