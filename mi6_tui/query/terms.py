"""What a single term of a query asks of a session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from mi6_tui.model import Session
from mi6_tui.query import patterns
from mi6_tui.query.error import QueryError, wrong
from mi6_tui.query.fields import NAMES, PRESENCE, Field, Kind, Test, Value, named, nearest
from mi6_tui.query.ordered import compared, ordered
from mi6_tui.query.tree import Item, Term

Holds = Callable[[Any], bool]

_EXACT: Final = (":", "=", "!:", "!=")
_TEXTUAL: Final = (*_EXACT, "~", "!~")
_ORDERED: Final = (*_EXACT, "<", "<=", ">", ">=")
OPERATORS: Final[dict[Kind, tuple[str, ...]]] = {
    "text": _TEXTUAL,
    "tags": _TEXTUAL,
    "word": _EXACT,
    "number": _ORDERED,
    "money": _ORDERED,
    "span": _ORDERED,
    "moment": _ORDERED,
}
"""What each kind of field can be asked with."""
MISSING: Final = "-"
"""The value that unknown ones are equal to."""


def test_of(term: Term) -> Test:
    """The test of a term; QueryError if it asks for what there is not."""
    if term.field.casefold() in PRESENCE:
        return _presence(term)
    field = named(term.field)
    if field is None:
        hint = nearest(term.field, (*NAMES, *PRESENCE)) or "to look for the text, put it in quotation marks"
        raise QueryError(f"no field is called {term.field!r}", term.start, len(term.field), hint)
    if term.operator not in OPERATORS[field.kind]:
        first, others = term.items[0], ", ".join(OPERATORS[field.kind])
        length = first.start - term.start
        raise QueryError(
            f"{field.name} cannot be asked with {term.operator}", term.start, length, f"use one of {others}"
        )
    negative = term.operator.startswith("!")
    operator = term.operator.removeprefix("!")
    tests = [_test(field, operator, item) for item in term.items]
    if not negative:
        return tests[0] if len(tests) == 1 else _one_of(tests)
    return _none_of([(compared(field, item), test) for item, test in zip(term.items, tests, strict=True)])


def _one_of(tests: Sequence[Test]) -> Test:
    return lambda session, now: any(test(session, now) for test in tests)


def _none_of(tests: Sequence[tuple[Value, Test]]) -> Test:
    # What is unknown is not known to differ.
    return lambda session, now: all(
        value(session, now) is not None and not test(session, now) for value, test in tests
    )


def _presence(term: Term) -> Test:
    if term.operator not in (":", "="):
        raise QueryError(
            f"{term.field} cannot be asked with {term.operator}", term.start, len(term.field), "use :"
        )
    asked = []
    for item in term.items:
        field = named(item.text)
        if field is None:
            raise wrong(item, f"no field is called {item.text!r}", nearest(item.text, NAMES))
        asked.append(field.present)
    there = asked[0] if len(asked) == 1 else _one_of(asked)
    if term.field.casefold() == PRESENCE[0]:
        return there
    return lambda session, now: not there(session, now)


def _is_missing(item: Item) -> bool:
    return item.text == MISSING and not item.quoted


def _test(field: Field, operator: str, item: Item) -> Test:
    if operator == "~":
        return _holds(field.value, pattern_of(item))
    if _is_missing(item):
        return _missing(field, operator, item)
    if field.kind == "word":
        return _word(field, item)
    if field.kind in ("text", "tags"):
        return _text(field, operator, item)
    return ordered(field, operator, item)


def _missing(field: Field, operator: str, item: Item) -> Test:
    if operator not in (":", "="):
        raise wrong(item, "what is missing is neither large nor small", f"write {field.name}:-")
    present = field.present
    return lambda session, now: not present(session, now)


def _word(field: Field, item: Item) -> Test:
    # `your-turn` and `your_turn` are easier to type than what they stand for.
    word = item.text.casefold().replace("-", " ").replace("_", " ")
    test = field.words.get(word)
    if test is None:
        hint = nearest(word, field.words) or f"it may be {', '.join(field.words)}"
        raise wrong(item, f"{field.name} is never {item.text!r}", hint)
    return test


def _text(field: Field, operator: str, item: Item) -> Test:
    folded = item.text.casefold()
    if field.kind == "tags":
        return _holds(field.value, lambda text: folded in text.casefold().split())
    if operator == "=":
        return _holds(field.value, lambda text: bool(text.casefold() == folded))
    return _holds(field.value, lambda text: folded in text.casefold())


def _holds(value: Value, holds: Holds) -> Test:
    def test(session: Session, now: int) -> bool:
        known = value(session, now)
        return known is not None and holds(known)

    return test


def pattern_of(item: Item) -> patterns.Pattern:
    """The regular expression that a value is; QueryError at its fault."""
    try:
        return patterns.compiled(item.text)
    except patterns.PatternError as error:
        inside = item.start + item.quoted
        if '"' in item.text:  # doubled in the query, so that places in it are others
            raise wrong(item, error.reason) from None
        raise QueryError(error.reason, inside + error.start, error.length) from None
