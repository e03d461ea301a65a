"""What is wrong with a query is said, and the part at fault is marked."""

from __future__ import annotations

import pytest

from mi6_tui.errors import BAD_USAGE, UsageError
from mi6_tui.query import QueryError, parse
from tests.query.makers import finds


def error(text: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "marks", "says"),
    [
        # The second line has ^ below the part at fault.
        ("age<2h cots>3", "       ^^^^", "no field is called 'cots'; did you mean cost?"),
        ("cots > 3", "^^^^", "did you mean cost?"),
        ("feat:x", "^^^^", "put it in quotation marks"),
        ("cost>abc", "     ^^^", "'abc' is no amount of dollars; write it like 3, $0.50 or 1k"),
        ("msgs:1,x", "       ^", "'x' is no number"),
        ("msgs>$3", "     ^^", "'$3' is no number"),
        ("age<2", "    ^", "'2' is no span of time; write it like 90s"),
        ("age<2h-", "    ^^^", "no span of time"),
        ("started>2026-13-01", "        ^^^^^^^^^^", "no date or time; write it like 2026-11-20"),
        ("started>9999-12-31", "        ^^^^^^^^^^", "no date or time"),
        ("started>2h", "        ^^", "no date or time"),
        ("status:wating", "       ^^^^^^", "status is never 'wating'; did you mean waiting?"),
        ("needs:zzz", "      ^^^", "it may be me, yes"),
        ("has:pr,foo", "       ^^^", "no field is called 'foo'"),
        ("no:branhc", "   ^^^^^^", "did you mean branch?"),
        ("has>3", "^^^", "has cannot be asked with >"),
        ("pr~12", "^^^", "pr cannot be asked with ~; use one of :, =,"),
        ("a branch>x", "  ^^^^^^^", "branch cannot be asked with >"),
        ("tokens>50%", "       ^^^", "tokens is no share of anything"),
        ("context:50%..100k", "        ^^^^^^^^^", "'100k' is no share; write it like 60%"),
        ("context>6x%", "        ^^^", "'6x%' is no share"),
        ("cost:..", "     ^^", "the range has no bounds"),
        ("cost:1..x", "     ^^^^", "'x' is no amount"),
        ("cost>1..5", "     ^^^^", "write cost:1..5"),
        ("cost>-", "     ^", "write cost:-"),
        ("cost>", "    ^", "a value is missing"),
        ("status: waiting", "      ^", "a value is missing; the value stands right behind it"),
        ("branch:,", "      ^", "a value is missing"),
        ("=3", "^", "no field stands before this"),
        ("a <3", "^", "no field is called 'a'"),
        ("(a or b", "^", "this parenthesis is never closed"),
        ("x (", "  ^", "this parenthesis is never closed"),
        ("a)", " ^", "this parenthesis was never opened"),
        ("a ()", "   ^", "a term is missing before this parenthesis"),
        ("or a", "^^", "a term is missing before 'or'"),
        ("a or", "  ^^", "a term is missing after 'or'"),
        ("a | | b", "    ^", "a term is missing before 'or'"),
        ("(a or )", "   ^^", "a term is missing after 'or'"),
        ("a and", "  ^^^", "a term is missing after 'and'"),
        ("not", "^^^", "a term is missing after 'not'"),
        ("a -", "  ^", "nothing is excluded"),
        ('a "b c', "  ^^^^", "this quotation mark is never closed"),
        ('branch:x,"b', "         ^^", "this quotation mark is never closed"),
        ("branch~[a", "       ^", "unclosed character class"),
        ("漢 branch~a(b", "          ^", "unclosed group"),
        ('~"x (b"', "    ^", "unclosed group"),
        ("branch~a(?=x)", "        ^^^", "look-around"),
        ('branch~"(""a"', "       ^^^^^^", "unclosed group"),
        ("branch~*", "       ^", "repetition operator missing expression"),
        ("branch~a{999}", "       ^^^^^^", "the pattern repeats too much"),
        ("~((a{30}){30})", " ^^^^^^^^^^^^^", "the pattern repeats too much"),
        (r"branch~\p{L}{300}", "       ^^^^^^^^^^", "the pattern is too large"),
        ("branch~" + "x" * 201, " " * 7 + "^" * 201, "the pattern is longer than 200 characters"),
        ("a\0b", " ^", "a null character cannot be looked for"),
        ("(" * 31 + "a" + ")" * 31, " " * 30 + "^", "more than 30 parentheses in each other"),
        ("x" * 2001, " " * 2000 + "^", "the query is longer than 2000 characters"),
    ],
)
def test_an_error_marks_the_part_at_fault(text: str, marks: str, says: str) -> None:
    wrong = error(text)
    assert " " * wrong.column + "^" * wrong.length == marks
    assert says in str(wrong)


def test_an_error_is_one_of_usage_and_says_its_column() -> None:
    wrong = error("age<2h cots>3")
    assert isinstance(wrong, UsageError)
    assert wrong.exit_code == BAD_USAGE
    assert (wrong.message, wrong.hint) == ("no field is called 'cots'", "did you mean cost?")
    assert str(wrong) == "column 8 of the query: no field is called 'cots'; did you mean cost?"


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(.*a){20}b", "a*a*a*a*a*a*a*b", r"(\w+\s?)+$"])
def test_a_pattern_cannot_run_away(pattern: str) -> None:
    # An engine that backtracks does not come back from this.
    assert not finds(f'title~"{pattern}"', title="a" * 2000 + "!")
