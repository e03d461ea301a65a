"""The pieces of a query's text. Never fails: what makes no sense together is the parser's matter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from mi6_tui.query.fields import named

Kind = Literal["text", "field", "operator", "value", "comma", "keyword", "open", "close"]

_SPACE: Final = re.compile(r"\s*")
_NAME: Final = r"[^\W\d]\w*(?:-\w+)*"
_FIELD: Final = re.compile(rf"({_NAME})(?=!?[:~]|=~|\s*(?:[<>=]|!=))")
_SHORT_NOT: Final = re.compile(rf"({_NAME})(?=![^\s!])")
"""`branch!main`: only where the name is a field's, for an exclamation mark is also one of a sentence."""
_OPERATOR: Final = re.compile(r"\s*(=~|==|!=|<=|>=|[<>=])\s*|!?[:~]|!")
_FIELDLESS: Final = re.compile(r"[:~=<>]|!=")
_SIGN: Final = re.compile(r"-(?=[^\s|)])|!(?=[^\s|)=])")
_WORD: Final = re.compile(r'[^\s()|"]+')
_ITEM: Final = re.compile(r'[^\s()|",]+')
_QUOTED: Final = re.compile(r'"((?:[^"]|"")*)("?)')
_IN_PATTERN: Final = re.compile(r"\\\S|\[(?:\\\S|[^\]\s])*\]?|[()]|[^\s()\\\[]+|\\")

_KEYWORDS: Final = ("and", "or", "not")
_SPELLINGS: Final = {"==": "=", "=~": "~", "!": "!:"}


class Token(msgspec.Struct, frozen=True):
    """A piece from `start` to `end`; `text` is what it means, without quotation marks."""

    kind: Kind
    start: int
    end: int
    text: str
    quoted: bool = False
    closed: bool = True
    """False for a quotation mark without its second."""


def tokens(text: str) -> Iterator[Token]:
    """All pieces, in order; between them is white space."""
    place = _after_space(text, 0)
    while place < len(text):
        for token in _term(text, place):
            yield token
            place = token.end
        place = _after_space(text, place)


def _after_space(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place


def _term(text: str, place: int) -> Iterator[Token]:
    """The pieces of what begins at `place`: one, or those of `field:value`."""
    if text[place] in "()":
        yield Token("open" if text[place] == "(" else "close", place, place + 1, text[place])
    elif text[place] == "|":
        yield Token("keyword", place, place + 1, "or")
    elif _SIGN.match(text, place):
        yield Token("keyword", place, place + 1, "not")
    elif text[place] == '"':
        yield _quoted("text", text, place)
    elif field := _field(text, place):
        yield field
        yield from _compared(text, field.end)
    elif _FIELDLESS.match(text, place):
        yield from _compared(text, place)
    else:
        yield _bare(text, place)


def _field(text: str, place: int) -> Token | None:
    found = _FIELD.match(text, place)
    if found is None:
        found = _SHORT_NOT.match(text, place)
        if found is None or named(found[1]) is None:
            return None
    return Token("field", place, found.end(), found[1])


def _bare(text: str, place: int) -> Token:
    found = _WORD.match(text, place)
    end = found.end() if found else place + 1
    word = text[place:end]
    if word.casefold() in _KEYWORDS:
        return Token("keyword", place, end, word.casefold())
    return Token("text", place, end, word)


def _quoted(kind: Kind, text: str, place: int) -> Token:
    found = _QUOTED.match(text, place)
    if found is None:
        raise AssertionError("a quotation mark was there")
    return Token(kind, place, found.end(), found[1].replace('""', '"'), quoted=True, closed=bool(found[2]))


def _compared(text: str, place: int) -> Iterator[Token]:
    """The operator at `place` and the values behind it."""
    found = _OPERATOR.match(text, place)
    if found is None:
        raise AssertionError("an operator was there")
    sign = found[0].strip()
    start = text.index(sign, place)
    operator = Token("operator", start, start + len(sign), _SPELLINGS.get(sign, sign))
    yield operator
    # White space may stand around comparisons only: `status: x` is a status that is still to be typed.
    place = found.end()
    if operator.text.endswith("~"):
        yield from _pattern(text, place)
    else:
        yield from _items(text, place)


def _items(text: str, place: int) -> Iterator[Token]:
    while place < len(text):
        item = _ITEM.match(text, place)
        if text[place] == '"':
            token = _quoted("value", text, place)
        elif text[place] == ",":
            token = Token("comma", place, place + 1, ",")
        elif item:
            token = Token("value", place, item.end(), item[0])
        else:
            return
        yield token
        place = token.end
        if token.kind == "value" and not text.startswith(",", place):
            return


def _pattern(text: str, place: int) -> Iterator[Token]:
    """A regular expression: up to white space or a parenthesis that it did not open itself."""
    if text.startswith('"', place):
        yield _quoted("value", text, place)
        return
    end, depth = place, 0
    while found := _IN_PATTERN.match(text, end):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth < 0:
            break
        end = found.end()
    if end > place:
        yield Token("value", place, end, text[place:end])


class Span(msgspec.Struct, frozen=True):
    """A part of the text to be drawn in the ink of its kind, `end` exclusive."""

    kind: Kind
    start: int
    end: int


def spans(text: str) -> list[Span]:
    """The parts of a query's text for highlighting, also of one that is wrong."""
    return [Span(token.kind, token.start, token.end) for token in tokens(text)]
