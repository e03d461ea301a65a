"""JSON text with the place of every value in it, so that it can be changed without being written anew."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

import msgspec

SPACE: Final = " \t\r\n"
"""What JSON takes for space."""
_GAPS: Final = re.compile(r'"(?:\\.|[^"\\])*(?:"|\Z)|//[^\r\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
"""Strings, to step over them, and comments."""
_SPACE: Final = re.compile(f"[{SPACE}]*")
_BOM: Final = "\ufeff"
_decode: Final = json.JSONDecoder(parse_int=str, parse_float=str).raw_decode


class BadJsonError(ValueError):
    """Text that is no JSON document, or not the one that is needed. `line` counts from 1."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line
        self.why = why


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A value, at `text[start:end]`. Exactly one of `members`, `items` and `scalar` counts."""

    start: int
    end: int
    members: tuple[Member, ...] | None = None
    items: tuple[Node, ...] | None = None
    scalar: Any = None
    """Decoded; a number as it is written."""

    def get(self, key: str) -> Node | None:
        """What an object holds under `key`; of several the last, as readers of JSON do."""
        return next((member.node for member in reversed(self.members or ()) if member.key == key), None)

    @property
    def children(self) -> tuple[tuple[int, int], ...]:
        """The places of all members, each with its key, or of all items."""
        if self.members is not None:
            return tuple((member.start, member.node.end) for member in self.members)
        return tuple((item.start, item.end) for item in self.items or ())


class Member(msgspec.Struct, frozen=True):
    """A key of an object, which begins at `start`, and its value."""

    key: str
    start: int
    node: Node


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A text and what stands where in it."""

    text: str
    blank: str
    """The same with spaces for comments; every character keeps its place."""
    root: Node

    def line(self, at: int) -> int:
        """The line, from 1, of the character `at`."""
        return self.text.count("\n", 0, at) + 1


def parse(text: str, *, comments: bool) -> Document:
    """The document in `text`; BadJsonError if it is none. `comments` says whether it may hold some."""
    blank = _GAPS.sub(_blank, text)
    if blank != text and not comments:
        place = next(at for at, (old, new) in enumerate(zip(text, blank, strict=True)) if old != new)
        raise BadJsonError(text.count("\n", 0, place) + 1, "a comment, which the client does not read")
    start = 1 if blank.startswith(_BOM) else 0
    try:
        json.loads(blank[start:], parse_int=str, parse_float=str, parse_constant=_refuse)
        root = _node(blank, _skip(blank, start))
    except json.JSONDecodeError as error:
        raise BadJsonError(error.lineno, error.msg) from error
    except RecursionError as error:
        raise BadJsonError(1, "nested too deeply") from error
    except ValueError as error:
        raise BadJsonError(1, str(error)) from error
    return Document(text=text, blank=blank, root=root)


def ends_in_line_comment(gap: str) -> bool:
    """Whether the text between two values ends inside a comment that only the end of its line closes."""
    comments = list(_GAPS.finditer(gap))
    return bool(comments) and comments[-1][0].startswith("//") and comments[-1].end() == len(gap)


def _blank(match: re.Match[str]) -> str:
    found = match[0]
    if found[0] == '"' or (found[1] == "*" and not found.endswith("*/")):
        return found
    return re.sub(r"[^\r\n]", " ", found)


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _node(text: str, start: int) -> Node:
    """The value at `start` of a text that is known to be right."""
    if text[start] == "{":
        return _object(text, start)
    if text[start] == "[":
        return _list(text, start)
    scalar, end = _decode(text, start)
    return Node(start=start, end=end, scalar=scalar)


def _object(text: str, start: int) -> Node:
    members = []
    at = _skip(text, start + 1)
    while text[at] != "}":
        key, colon = _decode(text, at)
        node = _node(text, _skip(text, _skip(text, colon) + 1))
        members.append(Member(key, at, node))
        at = _behind_comma(text, node.end)
    return Node(start=start, end=at + 1, members=tuple(members))


def _list(text: str, start: int) -> Node:
    items = []
    at = _skip(text, start + 1)
    while text[at] != "]":
        items.append(_node(text, at))
        at = _behind_comma(text, items[-1].end)
    return Node(start=start, end=at + 1, items=tuple(items))


def _behind_comma(text: str, at: int) -> int:
    at = _skip(text, at)
    return _skip(text, at + 1) if text[at] == "," else at
