"""What may come next while a query is typed."""

from __future__ import annotations

import pytest

from mi6_tui.query import complete, parse
from mi6_tui.query.fields import FIELDS, Field
from tests.query.makers import NOW, session

SESSIONS = [
    session("a", git_branch="feat/1", model="gpt", tags="ci red", status_shown="waiting"),
    session("b", git_branch="feat/1", model="claude x", status_shown="working"),
    session("c", git_branch="main", tags="red", status_shown="working"),
    session("d", git_branch="bad\x1b[0m", title="x" * 81),
]


def offered(text: str) -> list[str]:
    return [completion.text for completion in complete(text, len(text), SESSIONS, NOW)]


@pytest.mark.parametrize("text", ["", "a ", "(", "a or ", "-", "!", "not "])
def test_a_new_term_begins_with_any_field(text: str) -> None:
    assert offered(text)[:3] == ["status:", "needs:", "waiting<"]


@pytest.mark.parametrize(
    ("text", "completions"),
    [
        ("bran", ["branch:"]),
        ("BRAN", ["branch:"]),
        ("-bran", ["branch:"]),
        ("git_b", ["git_branch:"]),
        ("ha", ["has:"]),
        (
            "cost",
            [
                *("cost>", "cost<", "cost:", "cost>=", "cost<=", "cost!="),
                *("cost_recorded_usd>", "cost_estimated_usd>", "cost_client_usd>", "cost_incomplete:"),
            ],
        ),
        ("branch", ["branch:", "branch=", "branch!=", "branch~"]),
        ("age", ["age<", "age>", "age:", "age>=", "age<=", "age!="]),
        ("branch:", ["feat/1", "main"]),
        ("branch:A", ["feat/1", "main"]),
        ("branch:m", ["main"]),
        ("branch=x,f", ["feat/1"]),
        ('branch:"f', ["feat/1"]),
        ("model:cl", ['"claude x"']),
        ("status:w", ["waiting", "working", "wait", "unknown"]),
        ("status:your-", []),
        ("tag:", ["red", "ci"]),
        ("needs:m", ["me"]),
        ("has:bran", ["branch"]),
        ("started>", ["today", "yesterday"]),
        ("cost>", []),
        ("title:", []),
        ("cots:x", []),
        ('"wor', []),
        ("~x", []),
    ],
)
def test_completions(text: str, completions: list[str]) -> None:
    assert offered(text) == completions


def test_a_completion_replaces_what_was_typed_before_the_cursor() -> None:
    (completion,) = complete("cost>3 -branch:fe rest", 17, SESSIONS, NOW)
    assert (completion.text, completion.start, completion.end) == ("feat/1", 15, 17)
    assert completion.note == "2 sessions"


def test_values_tell_how_many_sessions_have_them() -> None:
    notes = {one.text: one.note for one in complete("status:", 7, SESSIONS, NOW)}
    assert (notes["waiting"], notes["working"], notes["busy"], notes["error"]) == (
        "1 session",
        "2 sessions",
        "2 sessions",
        "0 sessions",
    )


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_offered_value_makes_a_query(field: Field) -> None:
    asked = f"{field.name}:"
    for value in offered(asked):
        parse(asked + value)
