"""Answers from the index of words over prompts, replies and commands."""

from __future__ import annotations

from typing import Any, Final

from mi6_tui.model import Hit, SearchQuery, Source
from mi6_tui.model.search import EVENT_TYPES, terms_of
from mi6_tui.storage.postgres.connection import Connection, fetch
from mi6_tui.storage.postgres.words import expression, words_in
from mi6_tui.storage.rows import EVENT_FIELDS, SESSION_FIELDS, event_of, select_events, session_of
from mi6_tui.storage.words import hit_of

# What hooks told of a session stands in its transcript too.
_ONCE: Final = (
    f"(events.source IN ('{Source.TRANSCRIPT}', '{Source.CODEX_SESSION}') "
    "OR sessions.transcript_available IS NOT TRUE)"
)
_SELECT: Final = (
    select_events(*(f"sessions.{name}" for name in SESSION_FIELDS))
    + " LEFT JOIN sessions ON sessions.machine_id = events.machine_id "
    "AND sessions.session_id = events.session_id"
)
# How often and how close together, by the length of the text: about what the other engine goes by.
_RANK: Final = "ts_rank(events.words, %s::tsquery, 1) DESC, "


def search(connection: Connection, query: SearchQuery) -> list[Hit]:
    """The hits, in the query's order; see the storage protocol."""
    words = words_in(terms_of(query.text))
    if not words.wanted or query.limit == 0:
        return []
    hits = []
    for row in fetch(connection, *search_sql(query, expression(words))):
        event, about = event_of(row[: len(EVENT_FIELDS)]), row[len(EVENT_FIELDS) :]
        session = session_of(about) if about[0] is not None else None
        hits.append(hit_of(event, session, words))
    return hits


def search_sql(query: SearchQuery, wanted: str) -> tuple[str, list[Any]]:
    """The statement that finds events with their sessions, and its values; `wanted` is a tsquery."""
    tests = ["events.words @@ %s::tsquery", _ONCE]
    values: list[Any] = [wanted]
    given: tuple[tuple[str, object], ...] = (
        ("events.session_id = %s", query.session_id),
        ("events.framework = %s", query.framework),
        ("events.event_type = %s", query.kind and EVENT_TYPES[query.kind]),
        ("events.timestamp >= %s", query.since),
        ("events.timestamp < %s", query.until),
    )
    for test, value in given:
        if value is not None:
            tests.append(test)
            values.append(value)
    if query.last_seen is not None:
        tests.append("(events.timestamp, events.id) < (%s, %s)")
        values += query.last_seen
    score = ""
    if query.order == "relevance":
        score = _RANK
        values.append(wanted)
    order = f"{score}events.timestamp DESC, events.id DESC"
    return f"{_SELECT} WHERE {' AND '.join(tests)} ORDER BY {order} LIMIT %s", [*values, query.limit]
