"""A query as a tree, and how a tree is written down."""

from __future__ import annotations

import re
from typing import Final

import msgspec

_SAFE: Final = re.compile(r'[^\s()|"]+')


class Item(msgspec.Struct, frozen=True):
    """A value as typed from `start` to `end` of the query's text; `text` is without quotation marks."""

    text: str
    quoted: bool
    start: int
    end: int

    def __str__(self) -> str:
        return quoted(self.text) if self.quoted or not _SAFE.fullmatch(self.text) else self.text


class Words(msgspec.Struct, frozen=True):
    """Text that stands anywhere."""

    item: Item

    def __str__(self) -> str:
        return str(self.item)


class Term(msgspec.Struct, frozen=True):
    """A field (empty: any text), an operator, and the values of which one must hold."""

    field: str
    operator: str
    items: tuple[Item, ...]
    start: int
    """Of the field, else of the operator, in the query's text."""

    def __str__(self) -> str:
        if self.operator.endswith("~"):
            return f"{self.field}{self.operator}{quoted(self.items[0].text)}"
        return f"{self.field}{self.operator}{','.join(map(str, self.items))}"


class Not(msgspec.Struct, frozen=True):
    """What does not hold."""

    node: Node

    def __str__(self) -> str:
        return f"-({self.node})" if isinstance(self.node, Both | Either) else f"-{self.node}"


class Both(msgspec.Struct, frozen=True):
    """All of them hold; none at all always does."""

    nodes: tuple[Node, ...]

    def __str__(self) -> str:
        return " ".join(f"({node})" if isinstance(node, Either) else str(node) for node in self.nodes)


class Either(msgspec.Struct, frozen=True):
    """At least one holds."""

    nodes: tuple[Node, ...]

    def __str__(self) -> str:
        return " or ".join(map(str, self.nodes))


Node = Words | Term | Not | Both | Either


def quoted(text: str) -> str:
    """In quotation marks, between which two stand for one."""
    return '"' + text.replace('"', '""') + '"'
