"""How texts are taken apart into words, and what is told of those that are found by them.

Both engines go by the same words: those of SQLite's tokenizer, which ignores case and accents.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import apsw

from mi6_tui.model import Event, Hit, Session
from mi6_tui.model.search import KINDS, Range, Term, searchable, snippet_of

TOKENIZER: Final = ("unicode61", "remove_diacritics", "2")
"""Its name and options."""


def text_of(event: Event) -> str | None:
    """The text that an event is found by; None if it is none that can be found."""
    return searchable(event.event_type, event.preview, event.payload)


def hit_of(event: Event, session: Session | None, words: Words) -> Hit:
    """What is told of an event that was found."""
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


class Words:
    """The terms of a question, taken apart as the index takes texts apart."""

    def __init__(self, connection: apsw.Connection, terms: Sequence[Term]) -> None:
        name, *options = TOKENIZER
        self._tokenizer = connection.fts5_tokenizer(name, options)
        taken_apart = [(term, [token for _, _, token in self.tokens(term.text)]) for term in terms]
        known = [(term, tokens) for term, tokens in taken_apart if tokens]
        self.wanted = [(term, tokens) for term, tokens in known if not term.excluded]
        self.unwanted = [(term, tokens) for term, tokens in known if term.excluded]

    def tokens(self, text: str) -> list[tuple[int, int, str]]:
        """First byte, end and content of each word of a text, as they stand."""
        found: Any = self._tokenizer(text.encode(), apsw.FTS5_TOKENIZE_DOCUMENT, None)
        return list(found)

    def found_in(self, text: str) -> list[Range]:
        """Where the wanted terms stand in a text."""
        data = text.encode()
        tokens = self.tokens(text)
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
