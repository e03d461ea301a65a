"""What may come next while a query is typed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final

import msgspec

from mi6_tui.model import Session
from mi6_tui.query.fields import FIELDS, PRESENCE, Field, Kind, named
from mi6_tui.query.tokens import Token, tokens
from mi6_tui.query.tree import quoted

MOST: Final = 30
"""Completions at once."""
_LONGEST: Final = 80
"""Characters of a value that is offered."""
_PLAIN: Final = re.compile(r"\w[\w./@+-]*")
_ORDERED: Final = (">", "<", ":", ">=", "<=", "!=")
_OPERATORS: Final[dict[Kind, tuple[str, ...]]] = {
    "text": (":", "=", "!=", "~"),
    "tags": (":", "!=", "~"),
    "word": (":", "!="),
    "number": _ORDERED,
    "money": _ORDERED,
    "span": ("<", ">", *_ORDERED[2:]),
    "moment": _ORDERED,
}
"""What each kind is asked with, the most usual one first."""
_SIGNS: Final = ("-", "!")
_DAYS: Final = ("today", "yesterday")


class Completion(msgspec.Struct, frozen=True):
    """Replaces the query's text from `start` to `end` by `text`; `note` says what it is."""

    text: str
    start: int
    end: int
    note: str


def complete(text: str, cursor: int, sessions: Sequence[Session], now: int) -> list[Completion]:
    """What may stand at `cursor` (characters from 0), best first; values are those of `sessions`.

    Values are foreign, but hold nothing that a terminal would not print as a character.
    """
    before = list(tokens(text[:cursor]))
    last = before[-1] if before and before[-1].end == cursor else None
    field = _asked(before)
    if last is not None and last.kind in ("operator", "comma", "value") and field is not None:
        start = last.start if last.kind == "value" else cursor
        typed = last.text if last.kind == "value" else ""
        return list(islice(_values(field, typed, start, cursor, sessions, now), MOST))
    if last is None or last.kind in ("keyword", "open") or last.text in _SIGNS:
        return list(islice(_fields("", cursor, cursor), MOST))
    if last.kind in ("text", "field") and not last.quoted:
        found = [*_operators(last), *_fields(last.text, last.start, cursor)]
        return found[:MOST]
    return []


def _asked(before: Sequence[Token]) -> str | None:
    """The field whose value is being typed."""
    for token in reversed(before):
        if token.kind == "field":
            return token.text
        if token.kind not in ("operator", "comma", "value"):
            break
    return None


def _operators(token: Token) -> Iterator[Completion]:
    field = named(token.text)
    if field is not None:
        for operator in _OPERATORS[field.kind]:
            yield Completion(token.text + operator, token.start, token.end, field.means)


def _fields(typed: str, start: int, end: int) -> Iterator[Completion]:
    """Fields one of whose names begins with what was typed, their own names before the others."""
    begun = typed.casefold().replace("-", "_")
    for field in FIELDS:
        if field.name.startswith(begun) and field.name != begun:
            yield Completion(field.name + _OPERATORS[field.kind][0], start, end, field.means)
    for name in PRESENCE:
        if name.startswith(begun):
            yield Completion(f"{name}:", start, end, "which fields are known")
    for field in FIELDS:
        for alias in field.aliases if begun else ():
            if alias.startswith(begun) and not field.name.startswith(begun):
                yield Completion(alias + _OPERATORS[field.kind][0], start, end, field.means)


def _values(
    name: str, typed: str, start: int, end: int, sessions: Sequence[Session], now: int
) -> Iterator[Completion]:
    begun = typed.casefold()
    field = named(name)
    offered: Iterable[tuple[str, str]]
    if name.casefold() in PRESENCE:
        offered = ((field.name, field.means) for field in FIELDS)
    elif field is None:
        return
    elif field.kind == "word":
        offered = _words(field, sessions, now)
    elif field.kind == "moment":
        offered = ((day, field.means) for day in _DAYS)
    elif field.kind in ("text", "tags"):
        offered = _seen(field, sessions, now)
    else:
        return
    found = [(value, note) for value, note in offered if begun in value.casefold()]
    for value, note in sorted(found, key=lambda pair: not pair[0].casefold().startswith(begun)):
        yield Completion(value if _PLAIN.fullmatch(value) else quoted(value), start, end, note)


def _seen(field: Field, sessions: Iterable[Session], now: int) -> Iterator[tuple[str, str]]:
    """The values of a field, those of most sessions first."""
    known = (value for session in sessions if (value := field.value(session, now)))
    counted = Counter(chain.from_iterable(map(str.split, known)) if field.kind == "tags" else known)
    for value, times in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])):
        if len(value) <= _LONGEST and value.isprintable():
            yield value, _times(times)


def _words(field: Field, sessions: Sequence[Session], now: int) -> Iterator[tuple[str, str]]:
    for word, test in field.words.items():
        yield word, _times(sum(test(session, now) for session in sessions))


def _times(sessions: int) -> str:
    return "1 session" if sessions == 1 else f"{sessions} sessions"
