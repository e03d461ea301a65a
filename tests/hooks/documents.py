"""JSON documents as people write them: any order, spelling, space and, where wished, comments."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from hypothesis import strategies as st

KEYS = st.sampled_from(("hooks", "Stop", "Start", "a", "b c", "env", "ünï", "日本", "h\\u006foks"))
SCALARS = st.sampled_from(
    (
        "1",
        "-0",
        "1e400",
        "1.0",
        "12345678901234567890123",
        "true",
        "null",
        '""',
        '"x\\u00e9"',
        '"// no"',
        '"/*"',
    )
)
PLAIN_GAPS = st.sampled_from(("", "", " ", "\t", "  "))
COMMENTS = st.sampled_from(("/**/", "/* a ] } , */", '// b "\n', "// c\t \n  ", "/* d\n */ "))


def _gap(lines: bool, comments: bool) -> st.SearchStrategy[str]:
    pieces = [PLAIN_GAPS]
    if lines:
        pieces.append(st.sampled_from(("\n", "\n  ", "\n\t", "\n\n    ")))
    if comments:
        pieces.append(COMMENTS)
    return st.lists(st.one_of(pieces), max_size=2).map("".join)


def _joined(opening: str, closing: str) -> Callable[[tuple[list[tuple[str, str, str]], str]], str]:
    def write(parts: tuple[list[tuple[str, str, str]], str]) -> str:
        children, inside = parts
        if not children:
            return f"{opening}{inside}{closing}"
        return opening + ",".join("".join(child) for child in children) + closing

    return write


def values(gap: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """The text of any value, with `gap` wherever space may be."""

    def deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        items = st.lists(st.tuples(gap, inner, gap), max_size=3)
        return st.one_of(
            st.tuples(items, gap).map(_joined("[", "]")),
            objects(gap, st.tuples(KEYS, inner)),
        )

    return st.recursive(SCALARS, deeper, max_leaves=6)


def objects(gap: st.SearchStrategy[str], pairs: st.SearchStrategy[tuple[str, str]]) -> st.SearchStrategy[str]:
    """The text of an object with these keys and values."""
    between = st.tuples(gap, gap, pairs).map(lambda got: f'"{got[2][0]}"{got[0]}:{got[1]}{got[2][1]}')
    return st.tuples(st.lists(st.tuples(gap, between, gap), max_size=4), gap).map(_joined("{", "}"))


@cache
def _whole(lines: bool, comments: bool) -> st.SearchStrategy[str]:
    """A document; made once, which takes longer than to draw from it."""
    gap = _gap(lines, comments)
    value = values(gap)
    lists = st.tuples(st.lists(st.tuples(gap, value, gap), max_size=3), gap).map(_joined("[", "]"))
    hooks = objects(gap, st.tuples(st.sampled_from(("Stop", "Start", "Other")), lists))
    others = st.tuples(KEYS.filter(lambda key: "h" not in key), value)
    root = objects(gap, st.one_of(others, st.tuples(st.just("hooks"), hooks)))
    return st.tuples(gap, root, gap).map("".join)


@st.composite
def settings(draw: st.DrawFn, *, comments: bool) -> str:
    """A settings file whose `hooks`, if it has any, are lists of what a user may have put there."""
    text = draw(_whole(draw(st.booleans()), comments))
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return draw(st.sampled_from(("", "\ufeff"))) + text
