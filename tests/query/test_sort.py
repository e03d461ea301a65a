"""Orders: each field's own direction, the other one, several fields, and what is missing."""

from __future__ import annotations

import pytest

from mi6_tui.errors import UsageError
from mi6_tui.query import Sort
from tests.query.makers import HOUR, NOW, session

A = session("a", cost_usd=2.0, title="Émile", first_started_at=NOW - HOUR, status_shown="idle")
B = session("b", cost_usd=None, title="zoe", first_started_at=NOW - 2 * HOUR, status_shown="waiting")
C = session("c", cost_usd=5.0, title="Zoe", first_started_at=NOW - 3 * HOUR, status_shown="working")
D = session("d", cost_usd=2.0, title=None, first_started_at=NOW - 4 * HOUR, status_shown="error")


@pytest.mark.parametrize(
    ("order", "ids"),
    [
        ("attention", "b d c a"),
        ("-attention", "a c d b"),
        ("cost", "c d a b"),
        ("-cost", "d a c b"),
        ("cost,-age", "c a d b"),
        ("cost, age", "c d a b"),
        ("age", "d c b a"),
        ("started_at", "a b c d"),
        ("first_started_at", "a b c d"),
        ("-started", "d c b a"),
        ("title", "b c a d"),
        ("-title,cost", "a c b d"),
        ("status", "b d c a"),
        ("-status", "a c b d"),
        ("needs", "b d c a"),
        ("needs,session", "b d a c"),
        ("needs,-session", "d b c a"),
        ("last_activity", "b d c a"),
        ("branch", "b d c a"),
        ("-branch", "b d c a"),
    ],
)
def test_orders(order: str, ids: str) -> None:
    sort = Sort.parse(order)
    for sessions in ([A, B, C, D], [D, C, B, A]):
        assert " ".join(each.session_id for each in sort.sorted(sessions, NOW)) == ids


def test_same_in_everything_goes_by_machine_and_id() -> None:
    sessions = [session("y"), session("x"), session("x").with_(machine_id="before")]
    keys = [each.key for each in Sort.parse("cost").sorted(sessions, NOW)]
    assert keys == [("before", "x"), ("host", "x"), ("host", "y")]


def test_keys_tell_names_and_directions() -> None:
    sort = Sort.parse("cost_usd,-age,title,-attention")
    assert [(key.name, key.descending) for key in sort.keys] == [
        ("cost", True),
        ("age", False),
        ("title", False),
        ("attention", True),
    ]
    assert str(sort) == "cost,-age,title,-attention"
    assert Sort.parse(str(sort)) == sort
    assert str(Sort()) == "attention"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("cots", "no field to sort by is called 'cots'; did you mean cost?"),
        ("atention", "did you mean attention?"),
        ("-", "no field to sort by is called ''"),
        (" , ", "no field to sort by is named; for example cost,-age"),
    ],
)
def test_an_order_that_does_not_exist(text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        Sort.parse(text)
    assert says in str(caught.value)
