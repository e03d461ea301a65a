"""The list behind the table: differences in, a stable order out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mi6_tui.judge.attention import attention_key
from mi6_tui.model import Session
from mi6_tui.query import Sort, parse
from mi6_tui.tui.rows import Head, Key, Project, SessionRows, Spot
from mi6_tui.tui.view import View, next_group
from tests.tui.conftest import NOW
from tests.tui.makers import MACHINE, session


def names(rows: SessionRows) -> list[str]:
    return [key[1] for key in rows.keys]


def lines(rows: SessionRows) -> list[str]:
    """Heads in brackets."""
    return [f"[{spot.name}]" if isinstance(spot, Head) else spot[1] for spot in rows.lines]


def shown(view: View, *sessions: Session) -> list[str]:
    rows = SessionRows()
    rows.update(sessions)
    rows.arrange(view)
    rows.reorder(NOW)
    return lines(rows)


def test_only_what_differs_is_reported() -> None:
    rows = SessionRows()
    assert rows.update([session("a"), session("b")]) == {(MACHINE, "a"), (MACHINE, "b")}
    assert rows.update([session("a"), session("b", title="new", revision=2)]) == {(MACHINE, "b")}
    assert rows.update([session("a")]) == set()


def test_the_order_holds_until_it_is_asked_for() -> None:
    rows = SessionRows()
    rows.update([session("a"), session("b")])
    assert rows.reorder(NOW)
    assert not rows.reorder(NOW)
    before = names(rows)
    rows.update([session("b", status_shown="waiting", revision=2)])
    assert names(rows) == before
    assert rows.reorder(NOW)
    assert names(rows)[0] == "b"
    assert rows.place_of((MACHINE, "b")) == 0


def test_ended_and_hidden_sessions_are_shown_where_they_are_asked_for() -> None:
    some = (
        session("live"),
        session("ended", status_shown="ended"),
        session("hidden", hidden=True),
        session("pinned", status_shown="ended", pinned=True),
    )
    for view, expected in (
        (View(), ["pinned", "live"]),
        (View(ended=True), ["pinned", "live", "ended"]),
        (View(hidden=True), ["pinned", "hidden", "live"]),
        (View().asking(parse("status:ended")), ["pinned", "ended"]),
        (View().asking(parse("is:done or is:working")), ["pinned", "live", "ended"]),
        (View().asking(parse("-active:yes")), []),
        (View().asking(parse("hidden:yes")), ["hidden"]),
        (View().asking(parse("no:hidden")), ["pinned", "live"]),
        (View().asking(parse("no:ended")), ["pinned", "live", "ended"]),
        (View().asking(parse("live")), ["live"]),
    ):
        assert shown(view, *some) == expected, str(view.query)


def test_a_project_and_a_query_narrow_together() -> None:
    some = (
        session("a", cwd="/w/web", cost_usd=3.0),
        session("b", cwd="/w/web"),
        session("c", cwd="/w/api", cost_usd=9.0),
        session("none"),
    )
    assert shown(View(project="web"), *some) == ["a", "b"]
    assert shown(View(project="web").asking(parse("cost>1")), *some) == ["a"]
    assert shown(View(project=""), *some) == ["none"]


def test_missing_values_come_last_both_ways_and_ties_by_attention() -> None:
    some = (
        session("dear", cost_usd=9.0),
        session("cheap", cost_usd=1.0),
        session("unknown"),
        session("waits", status_shown="waiting"),
    )
    assert shown(View(sort=Sort.parse("cost")), *some) == ["dear", "cheap", "waits", "unknown"]
    assert shown(View(sort=Sort.parse("-cost")), *some) == ["cheap", "dear", "waits", "unknown"]


def test_ages_compare_whenever_their_sessions_came() -> None:
    rows = SessionRows()
    rows.arrange(View(sort=Sort.parse("age")))
    rows.update([session("old", first_started_at=NOW - 9000)])
    rows.reorder(NOW)
    rows.update([session("new", first_started_at=NOW + 1000)])
    rows.reorder(NOW + 60_000)
    rows.update([session("older", first_started_at=NOW - 20_000, status_shown="waiting")])
    rows.reorder(NOW + 120_000)
    assert names(rows) == ["older", "old", "new"]


def test_groups_stand_in_the_order_of_their_first_sessions() -> None:
    some = (
        session("a", cwd="/w/web"),
        session("b", cwd="/w/api", status_shown="waiting"),
        session("c", cwd="/w/web", status_shown="your turn"),
        session("d"),
    )
    assert shown(View(group="project"), *some) == ["[api]", "b", "[web]", "c", "a", "[]", "d"]
    assert shown(View(group="status"), *some) == ["[waiting]", "b", "[your turn]", "c", "[working]", "a", "d"]
    assert shown(View(group="machine"), *some) == [f"[{MACHINE}]", "b", "c", "a", "d"]


def test_a_collapsed_group_is_its_head() -> None:
    rows = SessionRows()
    rows.update([session("a", cwd="/w/web"), session("b", cwd="/w/api"), session("c", cwd="/w/api")])
    rows.arrange(View(group="project"))
    rows.reorder(NOW)
    assert rows.collapse("web", collapsed=True)
    assert not rows.collapse("web", collapsed=True)
    rows.reorder(NOW)
    assert lines(rows) == ["[web]", "[api]", "b", "c"]
    assert names(rows) == ["b", "c"]
    assert (rows.matching, rows.group("web").sessions) == (3, 1)
    rows.arrange(View(group="status"))
    rows.reorder(NOW)
    assert names(rows) == ["a", "b", "c"], "another grouping has groups of its own"


def test_what_moves_no_session_leaves_the_lines_alone() -> None:
    rows = SessionRows()
    rows.arrange(View(group="project"))
    rows.update([session("a", cwd="/w/web"), session("b", cwd="/w/api", status_shown="waiting")])
    rows.reorder(NOW)
    lines = rows.lines
    rows.update([session("a", cwd="/w/web", tokens_input=5, revision=2)])
    assert not rows.reorder(NOW + 1000)
    assert rows.lines is lines
    rows.update([session("a", cwd="/w/api", revision=3)])
    assert rows.reorder(NOW + 2000), "another group is another place"
    assert rows.lines == [Head("api"), (MACHINE, "b"), (MACHINE, "a")]


def test_a_sign_is_news_though_nothing_moves() -> None:
    rows = SessionRows()
    rows.arrange(View(hidden=True))
    signs = []
    for number, marks in enumerate([{}, {"pinned": True}, {}, {"hidden": True}, {}]):
        rows.update([session("only", revision=number, **marks)])
        assert rows.reorder(NOW)
        signs.append(rows.signed)
    assert signs == [False, True, False, True, False]


def test_groups_come_round() -> None:
    seen = [""]
    while (after := next_group(seen[-1])) not in seen:
        seen.append(after)
    assert (sorted(seen), after) == (["", "framework", "machine", "project", "status"], "")


def test_projects_count_what_is_there_whatever_is_asked_for() -> None:
    rows = SessionRows()
    rows.update(
        [
            session("a", cwd="/w/web", status_shown="error"),
            session("b", github_repo="me/web", cwd="/elsewhere"),
            session("c", cwd="/w/api"),
            session("d", cwd="/w/api", status_shown="ended"),
            session("e", cwd="/w/old", hidden=True),
            session("f"),
        ]
    )
    rows.arrange(View(project="api").asking(parse("nothing at all")))
    rows.reorder(NOW)
    assert rows.projects() == [Project("web", 2, 1), Project("", 1, 0), Project("api", 1, 0)]


def test_those_that_need_the_user_are_gone_through_in_a_ring() -> None:
    rows = SessionRows()
    some = [session(name) for name in "abcde"]
    rows.update([*some, session("b", status_shown="error"), session("d", status_shown="your turn")])
    rows.arrange(View(sort=Sort.parse("id")))
    rows.reorder(NOW)
    assert names(rows) == ["a", "b", "c", "d", "e"]
    for start, step, expected in (
        ("a", 1, "b"), ("b", 1, "d"), ("d", 1, "b"), ("e", 1, "b"),
        ("a", -1, "d"), ("d", -1, "b"), ("b", -1, "d"),
    ):  # fmt: skip
        assert rows.next_needing((MACHINE, start), step) == (MACHINE, expected), (start, step)
    assert rows.next_needing(None, 1) == (MACHINE, "b")
    assert rows.next_needing(None, -1) == (MACHINE, "d")
    rows.update([session("b"), session("d")])
    assert rows.next_needing(None, 1) is None
    assert SessionRows().next_needing((MACHINE, "a"), 1) is None


def test_the_summary_leaves_ended_sessions_out() -> None:
    rows = SessionRows()
    rows.update(
        [
            session("a", tokens_input=5, incomplete_requests=1),
            session("b", tokens_output=7, status_shown="waiting"),
            session("c", tokens_input=100, status_shown="ended"),
        ]
    )
    summary = rows.summary()
    assert (summary.shown, summary.sessions, summary.tokens, summary.incomplete, summary.needs_you) == (
        {"working": 1, "waiting": 1}, 2, 12, 1, 1,
    )  # fmt: skip


def test_the_summary_costs_what_its_sessions_cost() -> None:
    rows = SessionRows()
    rows.update([session("a"), session("b", unpriced_requests=1)])
    assert rows.summary().cost_usd is None
    rows.update([session("c", cost_usd=0.5), session("d", cost_usd=0.25, cost_estimated_usd=0.25)])
    rows.update([session("e", cost_usd=9.0, status_shown="ended")])
    summary = rows.summary()
    assert (summary.cost_usd, summary.cost_estimated_usd, summary.cost_incomplete) == (0.75, 0.25, True)


# Whatever happens, the lines are those that would be found by starting again.

_QUERIES: tuple[tuple[str, Callable[[Session, int], bool]], ...] = (
    ("", lambda session, now: True),
    ("cost>2", lambda session, now: session.cost_usd is not None and session.cost_usd > 2),
    ("project:web", lambda session, now: "web" in (session.cwd or "")),
    ("age<10m", lambda session, now: now - session.first_started_at < 600_000),
)
_SORTS: tuple[tuple[str, Callable[[Session, int], Any]], ...] = (
    ("", lambda session, now: 0),
    ("cost", lambda session, now: (session.cost_usd is None, -(session.cost_usd or 0))),
    ("-age", lambda session, now: now - session.first_started_at),
    ("project", lambda session, now: (session.cwd is None, session.cwd or "")),
)

_SESSIONS = st.builds(
    session,
    st.sampled_from([f"s{number}" for number in range(8)]),
    status_shown=st.sampled_from(["waiting", "error", "working", "your turn", "idle", "ended"]),
    status_since=st.integers(NOW - 10**6, NOW),
    first_started_at=st.integers(NOW - 10**6, NOW),
    context=st.sampled_from([None, 0, 1000, 200_000]),
    cost_usd=st.sampled_from([None, 0.5, 2.5, 9.0]),
    cwd=st.sampled_from([None, "/w/api", "/w/web"]),
    pinned=st.booleans(),
    hidden=st.booleans(),
)
_STEPS = st.one_of(
    st.tuples(st.just("update"), st.lists(_SESSIONS, max_size=4)),
    st.tuples(st.just("remove"), st.lists(_SESSIONS, max_size=4)),
    st.tuples(
        st.just("view"),
        st.tuples(
            st.sampled_from(_QUERIES), st.sampled_from(_SORTS), st.booleans(), st.booleans(), st.booleans()
        ),
    ),
    st.tuples(st.just("wait"), st.integers(0, 400_000)),
    st.tuples(st.just("collapse"), st.tuples(st.sampled_from(["", "api", "web"]), st.booleans())),
)


def naive(known: dict[Key, Session], now: int, view: Any, collapsed: set[str]) -> list[Spot]:
    (_, holds), (_, place), ended, hidden, grouped = view
    found = [
        one
        for one in known.values()
        if (hidden or not one.hidden)
        and (ended or one.pinned or one.status_shown != "ended")
        and holds(one, now)
    ]
    found.sort(key=lambda one: (not one.pinned, place(one, now), attention_key(one, now)))
    if not grouped:
        return [one.key for one in found]
    spots: list[Spot] = []
    for name in dict.fromkeys((one.cwd or "/").rsplit("/", 1)[-1] for one in found):
        spots.append(Head(name))
        if name not in collapsed:
            spots += [one.key for one in found if (one.cwd or "/").rsplit("/", 1)[-1] == name]
    return spots


@settings(deadline=None)
@given(st.lists(_STEPS, max_size=14))
def test_any_changes_come_to_what_starting_again_finds(steps: list[tuple[str, Any]]) -> None:
    rows, now = SessionRows(), NOW
    known: dict[Key, Session] = {}
    view: Any = (_QUERIES[0], _SORTS[0], False, False, False)
    collapsed: set[str] = set()
    for kind, value in steps:
        if kind == "update":
            rows.update(value)
            known |= {one.key: one for one in value}
        elif kind == "remove":
            rows.remove(one.key for one in value)
            for one in value:
                known.pop(one.key, None)
        elif kind == "wait":
            now += value
            rows.look_again()
        elif kind == "view":
            view = value
            (query, _), (sort, _), ended, hidden, grouped = value
            wanted = View(
                sort=Sort.parse(sort) if sort else None,
                group="project" if grouped else "",
                ended=ended,
                hidden=hidden,
            )
            rows.arrange(wanted.asking(parse(query) if query else None))
        else:
            name, closed = value
            if rows.view.group:
                rows.collapse(name, collapsed=closed)
                (collapsed.add if closed else collapsed.discard)(name)
        before = list(rows.lines)
        moved = rows.reorder(now)
        assert moved or list(rows.lines) == before
        assert list(rows.lines) == naive(known, now, view, collapsed)
        assert [rows.place_of(spot) for spot in rows.lines] == list(range(len(rows)))
        assert list(rows.keys) == [spot for spot in rows.lines if not isinstance(spot, Head)]
