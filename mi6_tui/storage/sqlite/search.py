"""Answers from the index of words over prompts, replies and commands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import apsw
import msgspec

from mi6_tui.model import Hit, SearchQuery, Source
from mi6_tui.model.search import EVENT_TYPES, Term, terms_of
from mi6_tui.storage.sqlite.connection import fetch
from mi6_tui.storage.sqlite.rows import Reader
from mi6_tui.storage.sqlite.text_index import create_index
from mi6_tui.storage.words import Words, hit_of

_EXISTS: Final = "SELECT 1 FROM sqlite_schema WHERE name = 'event_text'"
_SOME: Final = "(SELECT value FROM json_each(?))"
# What hooks told of a session stands in its transcript too.
_ONCE: Final = f"""(events.source IN ('{Source.TRANSCRIPT}', '{Source.CODEX_SESSION}') OR NOT EXISTS (
    SELECT 1 FROM sessions WHERE sessions.machine_id = events.machine_id
    AND sessions.session_id = events.session_id AND sessions.transcript_available = 1))"""


def _json(values: Iterable[object]) -> str:
    return msgspec.json.encode(list(values)).decode()


def search(connection: apsw.Connection, query: SearchQuery, reader: Reader) -> list[Hit]:
    """The hits, in the query's order; see the storage protocol."""
    words = Words(connection, terms_of(query.text))
    if not words.wanted or query.limit == 0:
        return []
    with connection:  # one state of the store for all statements
        indexed = connection.execute(_EXISTS).get is not None
        if not indexed:
            # A file that may not be written: an index in memory, for this one question.
            preview = "preview" if "preview" in reader.event_columns else "NULL"
            create_index(connection, schema="temp", preview=preview)
        try:
            hits = _hits(connection, query, words, reader)
        finally:
            if not indexed:
                connection.execute("DROP TABLE temp.event_text")
    return hits


def _hits(connection: apsw.Connection, query: SearchQuery, words: Words, reader: Reader) -> list[Hit]:
    sql, values = search_sql(query, _expression(words))
    ids = [event_id for (event_id,) in fetch(connection, sql, values)]
    rows = fetch(connection, f"{reader.events} WHERE events.id IN {_SOME}", (_json(ids),))
    events = {event.id: event for event in map(reader.event, rows)}
    names = {event.session_id for event in events.values()}
    rows = fetch(connection, f"{reader.sessions} WHERE session_id IN {_SOME}", (_json(names),))
    sessions = {session.key: session for session in map(reader.session, rows)}
    return [
        hit_of(event, sessions.get((event.machine_id, event.session_id)), words)
        for event in map(events.__getitem__, ids)
    ]


def search_sql(query: SearchQuery, expression: str) -> tuple[str, list[Any]]:
    """The statement that finds the ids, and its values; `expression` is FTS5's."""
    tests = ["event_text MATCH ?", _ONCE]
    values: list[Any] = [expression]
    given: tuple[tuple[str, object], ...] = (
        ("events.session_id = ?", query.session_id),
        ("events.framework = ?", query.framework),
        ("events.event_type = ?", query.kind and EVENT_TYPES[query.kind]),
        ("events.timestamp >= ?", query.since),
        ("events.timestamp < ?", query.until),
    )
    for test, value in given:
        if value is not None:
            tests.append(test)
            values.append(value)
    if query.last_seen is not None:
        tests.append("(events.timestamp, events.id) < (?, ?)")
        values += query.last_seen
    score = "event_text.rank, " if query.order == "relevance" else ""
    return (
        "SELECT events.id FROM event_text CROSS JOIN events ON events.id = event_text.rowid "
        f"WHERE {' AND '.join(tests)} ORDER BY {score}events.timestamp DESC, events.id DESC LIMIT ?",
        [*values, query.limit],
    )


def _expression(words: Words) -> str:
    """The terms in FTS5's own language, in which a quoted text means nothing but its words."""
    wanted = " AND ".join(_quoted(term) for term, _ in words.wanted)
    unwanted = " OR ".join(_quoted(term) for term, _ in words.unwanted)
    return f"({wanted}) NOT ({unwanted})" if unwanted else wanted


def _quoted(term: Term) -> str:
    text = term.text.replace('"', '""')
    return f'"{text}"{"*" if term.prefix else ""}'
