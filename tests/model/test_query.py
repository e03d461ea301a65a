import pytest

from mi6_tui.errors import ModelError
from mi6_tui.model import EventQuery, SessionQuery, StorageStatsQuery


def test_builders_leave_the_query_they_start_from() -> None:
    plain = EventQuery()
    assert plain.with_limit(1).order_by_id().with_session("s") != plain
    assert plain == EventQuery()


def test_one_session_or_several() -> None:
    assert EventQuery().with_session("a").with_sessions(("b",)) == EventQuery(session_ids=("b",))
    assert EventQuery().with_sessions(("b",)).with_session("a") == EventQuery(session_id="a")


def test_requests_only_or_none() -> None:
    assert EventQuery().exclude_api_requests().api_requests_only() == EventQuery(only_api_requests=True)
    assert EventQuery().api_requests_only().exclude_api_requests() == EventQuery(no_api_requests=True)


def test_between_is_after_and_before() -> None:
    assert EventQuery().with_between(1, 2) == EventQuery().with_before_ts(2).with_after_ts(1)


@pytest.mark.parametrize("query", [EventQuery(), SessionQuery()])
def test_a_negative_limit_is_refused(query: EventQuery | SessionQuery) -> None:
    assert query.with_limit(0).limit == 0
    with pytest.raises(ModelError, match="negative"):
        query.with_limit(-1)


def test_all_conditions_together() -> None:
    assert EventQuery().with_event_type("t").with_permission_mode("p").with_framework("f").with_after_id(
        1
    ).with_before_id(9).ascending() == EventQuery(
        event_type="t", permission_mode="p", framework="f", after_id=1, before_id=9, direction="asc"
    )
    assert SessionQuery().with_machine("m").with_framework("f").with_github_repo("o/r").with_github_issue(
        1
    ).with_github_pr(2).active_only().with_active_since(3).changed_since(
        4
    ).order_by_cost().ascending() == SessionQuery(
        machine_id="m",
        framework="f",
        github_repo="o/r",
        github_issue=1,
        github_pr=2,
        only_active=True,
        active_since=3,
        after_revision=4,
        order_by="cost",
        direction="asc",
    )
    assert StorageStatsQuery().active_only().with_framework("f") == StorageStatsQuery(
        only_active=True, framework="f"
    )
