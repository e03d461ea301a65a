"""Our entries among a user's, in a client's settings: found again, brought up to date, taken out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from mi6_tui.frameworks.hooks import Append
from mi6_tui.hooks import edit
from mi6_tui.hooks.edit import Path
from mi6_tui.hooks.spans import BadJsonError, Document, Node, parse

IsOurs = Callable[[str], bool]
"""Whether a command is a line of ours."""


class Entries(msgspec.Struct, frozen=True, kw_only=True):
    """What belongs to us in one kind of file: elements of lists, at most one each.

    All functions take and give whole texts. BadJsonError if a text is no JSON or not built as it must be.
    """

    appends: tuple[Append, ...]
    comments: bool
    is_ours: IsOurs

    def put(self, text: str) -> str:
        """The text with each entry once and as it must be; one of an older version keeps its place."""
        while (better := self._without_strays(text)) is not None:
            text = better
        for wanted in self.appends:
            document = self._parse(text)
            if not any(place.path == wanted.path and place.inner is None for place in self._found(document)):
                text = edit.append(text, wanted.path, wanted.value, comments=self.comments)
        return text

    def take(self, text: str, base: str | None) -> str:
        """The text without our entries, and without what was made only to hold them.

        `base` is the text before they came; None: there was none, or nobody knows.
        """
        origin = self._base(base)
        while True:
            document = self._parse(text)
            place = next(self._found(document), None)
            if place is None:
                return text
            text = edit.remove(document, *place.where)
            if place.inner is None:
                text = self._tidied(text, place.path, origin)

    def _parse(self, text: str) -> Document:
        return parse(text, comments=self.comments)

    def _base(self, base: str | None) -> Document | None:
        try:
            return None if base is None else self._parse(base)
        except BadJsonError:
            return None

    def _found(self, document: Document) -> Iterator[_Place]:
        for parent in dict.fromkeys(wanted.path[:-1] for wanted in self.appends):
            node = edit.find(document, parent)
            for key in dict.fromkeys(member.key for member in (node and node.members) or ()):
                held = node.get(key) if node else None
                if held is not None and held.items is not None:
                    yield from _places((*parent, key), held, self.is_ours)

    def _without_strays(self, text: str) -> str | None:
        """The text after one step: one entry brought up to date or removed. None if all are right."""
        document = self._parse(text)
        wanted = {entry.path: entry.value for entry in self.appends}
        for place in self._found(document):
            if place.inner is not None or place.path not in wanted:
                text = edit.remove(document, *place.where)
                return text if place.inner is not None else self._tidied(text, place.path, None)
            if json.loads(document.blank[place.node.start : place.node.end]) != wanted[place.path]:
                return edit.replace(document, place.node, wanted[place.path])
            del wanted[place.path]
        return None

    def _tidied(self, text: str, path: Path, base: Document | None) -> str:
        """The text without the containers on `path` that hold nothing and are not the user's."""
        for depth in range(len(path), -1, -1):
            document = self._parse(text)
            node = edit.find(document, path[:depth])
            if node is None or node.children:
                return text
            before = edit.find(base, path[:depth]) if base else None
            if before is not None and base is not None:
                inside = base.text[before.start + 1 : before.end - 1]
                return text if before.children else edit.empty(document, node, inside)
            if depth == 0:
                return edit.empty(document, node, "")
            parent = edit.find(document, path[: depth - 1])
            if parent is None:
                return text
            text = edit.remove(document, parent, _index(parent, path[depth - 1]))
        return text


class _Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where an entry stands: an element of the list at `path`, or of a list inside a user's element."""

    path: Path
    parent: Node
    index: int
    inner: Node | None = None
    node: Node

    @property
    def where(self) -> tuple[Node, int]:
        return self.inner or self.parent, self.index


def _places(path: Path, held: Node, is_ours: IsOurs) -> Iterator[_Place]:
    for index, element in enumerate(held.items or ()):
        lists = [member.node for member in element.members or () if member.node.items]
        handlers = [(node, at, item) for node in lists for at, item in enumerate(node.items or ())]
        ours = [handler for handler in handlers if _is_entry(handler[2], is_ours)]
        if _is_entry(element, is_ours) or (ours and len(ours) == len(handlers)):
            yield _Place(path=path, parent=held, index=index, node=element)
        else:
            for node, at, item in ours:
                yield _Place(path=path, parent=held, index=at, inner=node, node=item)


def _is_entry(node: Node, is_ours: IsOurs) -> bool:
    values: Sequence[Any] = [member.node.scalar for member in node.members or ()]
    return any(isinstance(value, str) and is_ours(value) for value in values)


def _index(parent: Node, key: str) -> int:
    members = parent.members or ()
    return max(at for at, member in enumerate(members) if member.key == key)
