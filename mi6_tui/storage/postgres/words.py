"""Words as PostgreSQL's text search keeps them; taken apart here, whatever dictionaries the server has."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Final

import apsw

from mi6_tui.model import Event
from mi6_tui.model.search import Term
from mi6_tui.storage.words import Words, text_of

_LONGEST: Final = 500
"""Characters of a word; PostgreSQL takes 2,046 bytes. What is longer is known by its beginning."""
_local: Final = threading.local()


def words_in(terms: Sequence[Term]) -> Words:
    """The terms of a question, taken apart as texts are."""
    connection: apsw.Connection | None = getattr(_local, "connection", None)
    if connection is None:
        connection = _local.connection = apsw.Connection(":memory:")  # for its tokenizer alone
    return Words(connection, terms)


def words_of(event: Event) -> str | None:
    """The words of an event with their places, as a tsvector is written; None if it cannot be found."""
    text = text_of(event)
    if text is None:
        return None
    places: dict[str, list[str]] = {}
    for place, (_, _, word) in enumerate(words_in(()).tokens(text), start=1):
        places.setdefault(_quoted(word), []).append(str(place))
    return " ".join(f"{word}:{','.join(found)}" for word, found in places.items())


def expression(words: Words) -> str:
    """What a tsquery asks: all wanted terms and none of the others."""
    wanted = [_phrase(term, tokens) for term, tokens in words.wanted]
    unwanted = [f"!{_phrase(term, tokens)}" for term, tokens in words.unwanted]
    return " & ".join((*wanted, *unwanted))


def _phrase(term: Term, tokens: Iterable[str]) -> str:
    *firsts, last = map(_quoted, tokens)
    return f"({' <-> '.join((*firsts, f'{last}:*' if term.prefix else last))})"


def _quoted(word: str) -> str:
    text = word[:_LONGEST].replace("\\", "\\\\").replace("'", "''")
    return f"'{text}'"
