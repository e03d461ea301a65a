"""How a query is written down, cut into pieces and compared."""

from __future__ import annotations

import pytest

from mi6_tui.query import parse, spans


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("  a   b ", "a b"),
        ("a AND b Or c", "a b or c"),
        ("a | b", "a or b"),
        ("a|b", "a or b"),
        ("(a or b) c", "(a or b) c"),
        ("(a b) c", "a b c"),
        ("not a", "-a"),
        ("not not a", "a"),
        ("!(a b)", "-(a b)"),
        ("cost > 3", "cost>3"),
        ("branch==x", "branch=x"),
        ("branch!x", "branch!:x"),
        ("branch=~x", 'branch~"x"'),
        ("-~x(a|b)", '-~"x(a|b)"'),
        ("(branch~(a) b)", 'branch~"(a)" b'),
        ('branch:"a ""b""",c,', 'branch:"a ""b""",c'),
        ('"or" "-a"', '"or" "-a"'),
        ("don't 12:30 wow!great a->b", "don't 12:30 wow!great a->b"),
        ("", ""),
    ],
)
def test_a_query_is_written_in_one_form(text: str, written: str) -> None:
    query = parse(text)
    assert str(query) == written
    assert parse(written) == query
    assert hash(parse(written)) == hash(query)


def test_queries_differ_by_what_they_ask() -> None:
    assert parse("a") != parse("b")
    assert parse("a") != "a"


def test_the_pieces_of_a_query() -> None:
    text = '-branch:"a b",c (x or cost > 3) ~[a'
    assert [(span.kind, text[span.start : span.end]) for span in spans(text)] == [
        ("keyword", "-"),
        ("field", "branch"),
        ("operator", ":"),
        ("value", '"a b"'),
        ("comma", ","),
        ("value", "c"),
        ("open", "("),
        ("text", "x"),
        ("keyword", "or"),
        ("field", "cost"),
        ("operator", ">"),
        ("value", "3"),
        ("close", ")"),
        ("operator", "~"),
        ("value", "[a"),
    ]


def test_pieces_of_what_is_wrong() -> None:
    text = ')cots: "x'
    assert [(span.kind, span.start, span.end) for span in spans(text)] == [
        ("close", 0, 1),
        ("field", 1, 5),
        ("operator", 5, 6),
        ("text", 7, 9),
    ]
