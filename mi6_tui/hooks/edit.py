"""Adding elements to JSON text and taking them out again; every other character stays as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from mi6_tui.hooks.spans import SPACE, BadJsonError, Document, Node, ends_in_line_comment, parse

Path = tuple[str, ...]

_UNIT: Final = "  "


def find(document: Document, path: Path) -> Node | None:
    """What stands at `path`, None if nothing does. BadJsonError if there is no way to it."""
    node, depth = _way(document, path)
    return node if depth == len(path) else None


def append(text: str, path: Path, value: Any, *, comments: bool) -> str:
    """`text` with `value` at the end of the list at `path`, which is made if need be.

    BadJsonError if something else stands there.
    """
    document = parse(text, comments=comments)
    node, depth = _way(document, path)
    if depth < len(path):
        return _insert(document, node, path[depth], _nested(path[depth + 1 :], [value]))
    if node.items is None:
        raise BadJsonError(document.line(node.start), f"{_name(path)} is no list")
    return _insert(document, node, None, value)


def add(text: str, path: Path, value: Any, *, comments: bool) -> str:
    """`text` with `value` at `path`, where nothing stands yet. BadJsonError if there is no way to it."""
    document = parse(text, comments=comments)
    node, depth = _way(document, path)
    if depth == len(path):
        raise BadJsonError(document.line(node.start), f"{_name(path)} is there already")
    return _insert(document, node, path[depth], _nested(path[depth + 1 :], value))


def replace(document: Document, node: Node, value: Any) -> str:
    """The text with `value` instead of `node`."""
    flat = "\n" not in document.text[node.start : node.end]
    new = _written(document, value, _indent(document, node.start), flat=flat)
    return document.text[: node.start] + new + document.text[node.end :]


def remove(document: Document, parent: Node, index: int) -> str:
    """The text without the child `index` of `parent`; undoes exactly what `append` did.

    Its comma goes with it, and the space before it; comments stay.
    """
    text, blank = document.text, document.blank
    start, end = parent.children[index]
    before = parent.children[index - 1][1] if index else parent.start + 1
    last = index == len(parent.children) - 1
    after = parent.end - 1 if last else parent.children[index + 1][0]
    cut = before + len(text[before:start].rstrip(SPACE))
    head, tail = text[:cut], text[end:]
    if not last:
        comma = blank.index(",", end, after)
        tail = text[end:comma] + text[comma + 1 :]
    elif index:
        comma = blank.index(",", before, start)
        head = text[:comma] + text[comma + 1 : cut]
    if ends_in_line_comment(text[before:cut]) and "\n" not in tail[: len(tail) - len(tail.lstrip(SPACE))]:
        head += _newline(text)  # or what follows would become part of the comment
    return head + tail


def empty(document: Document, node: Node, inside: str) -> str:
    """The text with `inside` between the brackets of `node`, unless more than space tells the two apart."""
    held = document.text[node.start + 1 : node.end - 1]
    if held.strip(SPACE) != inside.strip(SPACE):
        return document.text
    return document.text[: node.start + 1] + inside + document.text[node.end - 1 :]


def _way(document: Document, path: Path) -> tuple[Node, int]:
    """The last value on `path` that is there, and how many keys lead to it."""
    node = document.root
    for depth, key in enumerate(path):
        _need_object(document, node, path[:depth])
        child = node.get(key)
        if child is None:
            return node, depth
        node = child
    return node, len(path)


def _nested(path: Path, value: Any) -> Any:
    for key in reversed(path):
        value = {key: value}
    return value


def _insert(document: Document, parent: Node, key: str | None, value: Any) -> str:
    """The text with one more child at the end of `parent`."""
    text = document.text
    children = parent.children
    flat = _is_flat(document, parent)
    own = _indent(document, parent.start)
    indent = _indent(document, children[-1][0]) if children and not flat else own + _unit(document)
    name = "" if key is None else json.dumps(key, ensure_ascii=False) + ": "
    new = name + _written(document, value, indent, flat=flat)
    last = children[-1][1] if children else parent.start + 1
    close = parent.end - 1
    held = text[last:close]
    place = last + len(held.rstrip(SPACE))  # behind the comments that belong to the last child
    comma = "," if children else ""
    if flat:
        return text[:last] + comma + text[last:place] + (" " if children else "") + new + text[place:]
    rest = text[place:close]
    foot = "" if children or "\n" in rest else _newline(text) + own
    return text[:last] + comma + text[last:place] + _newline(text) + indent + new + foot + text[place:]


def _is_flat(document: Document, parent: Node) -> bool:
    """Whether a new child goes on the line of the others; an only one does where all stands on one line."""
    root = document.root
    node = parent if parent.children else root
    return bool(root.children) and "\n" not in document.text[node.start : node.end]


def _written(document: Document, value: Any, indent: str, *, flat: bool) -> str:
    if flat:
        return json.dumps(value, ensure_ascii=False)
    lines = json.dumps(value, ensure_ascii=False, indent=_unit(document)).split("\n")
    return f"{_newline(document.text)}{indent}".join(lines)


def _indent(document: Document, at: int) -> str:
    """The space that the line of the character `at` begins with."""
    line = document.text.rfind("\n", 0, at) + 1
    match = re.compile(r"[ \t]*").match(document.text, line, at)
    return match[0] if match else ""


def _unit(document: Document) -> str:
    """The space by which the document indents."""
    children: Sequence[tuple[int, int]] = document.root.children
    return (_indent(document, children[0][0]) if children else "") or _UNIT


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _need_object(document: Document, node: Node, path: Path) -> None:
    if node.members is None:
        raise BadJsonError(document.line(node.start), f"{_name(path)} is no object")


def _name(path: Path) -> str:
    return f'"{".".join(path)}"' if path else "the whole"
