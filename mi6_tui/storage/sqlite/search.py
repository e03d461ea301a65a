"""Answers from the index of words over prompts, replies and commands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import apsw
import msgspec

from mi6_tui.model import Event, Hit, SearchQuery, Session, Source
from mi6_tui.model.search import EVENT_TYPES, KINDS, Range, Term, snippet_of, terms_of
from mi6_tui.storage.sqlite.connection import fetch
from mi6_tui.storage.sqlite.rows import Reader
from mi6_tui.storage.sqlite.text_index import TOKENIZER, create_index, text_of

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
    words = _Words(connection, terms_of(query.text))
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


def _hits(connection: apsw.Connection, query: SearchQuery, words: _Words, reader: Reader) -> list[Hit]:
    sql, values = search_sql(query, words.expression)
    ids = [event_id for (event_id,) in fetch(connection, sql, values)]
    rows = fetch(connection, f"{reader.events} WHERE events.id IN {_SOME}", (_json(ids),))
    events = {event.id: event for event in map(reader.event, rows)}
    names = {event.session_id for event in events.values()}
    rows = fetch(connection, f"{reader.sessions} WHERE session_id IN {_SOME}", (_json(names),))
    sessions = {session.key: session for session in map(reader.session, rows)}
    return [
        _hit(event, sessions.get((event.machine_id, event.session_id)), words)
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


def _hit(event: Event, session: Session | None, words: _Words) -> Hit:
    text = text_of(event) or ""
    snippet, marks = snippet_of(text, words.found_in(text))
    return Hit(
        event_id=event.id or 0,
        timestamp=event.timestamp,
        kind=KINDS[event.event_type],
        machine_id=event.machine_id,
        session_id=event.session_id,
        name=session.name if session else event.session_id,
        project=session.project if session else None,
        framework=event.framework,
        tool_name=event.tool_name,
        snippet=snippet,
        marks=marks,
        transcript_path=event.transcript_path,
        byte_offset=event.byte_offset,
        byte_length=event.byte_length,
    )


class _Words:
    """The terms of a question, taken apart as the index takes texts apart."""

    def __init__(self, connection: apsw.Connection, terms: Sequence[Term]) -> None:
        name, *options = TOKENIZER
        self._tokenizer = connection.fts5_tokenizer(name, options)
        taken_apart = [(term, [token for _, _, token in self._tokens(term.text)]) for term in terms]
        known = [(term, tokens) for term, tokens in taken_apart if tokens]
        self.wanted = [(term, tokens) for term, tokens in known if not term.excluded]
        self._unwanted = [term for term, _ in known if term.excluded]

    def _tokens(self, text: str) -> list[tuple[int, int, str]]:
        """First byte, end and content of each word."""
        found: Any = self._tokenizer(text.encode(), apsw.FTS5_TOKENIZE_DOCUMENT, None)
        return list(found)

    @property
    def expression(self) -> str:
        """The terms in FTS5's own language, in which a quoted text means nothing but its words."""
        wanted = " AND ".join(_quoted(term) for term, _ in self.wanted)
        unwanted = " OR ".join(map(_quoted, self._unwanted))
        return f"({wanted}) NOT ({unwanted})" if unwanted else wanted

    def found_in(self, text: str) -> list[Range]:
        """Where the wanted terms stand in a text."""
        data = text.encode()
        tokens = self._tokens(text)
        return [
            (len(data[: tokens[place][0]].decode()), len(data[: tokens[place + len(asked) - 1][1]].decode()))
            for term, asked in self.wanted
            for place in range(len(tokens) - len(asked) + 1)
            if _stands_at(tokens, place, asked, prefix=term.prefix)
        ]


def _stands_at(
    tokens: Sequence[tuple[int, int, str]], place: int, asked: Sequence[str], *, prefix: bool
) -> bool:
    *firsts, last = asked
    end = tokens[place + len(firsts)][2]
    if not (end.startswith(last) if prefix else end == last):
        return False
    return all(tokens[place + number][2] == token for number, token in enumerate(firsts))


def _quoted(term: Term) -> str:
    text = term.text.replace('"', '""')
    return f'"{text}"{"*" if term.prefix else ""}'
