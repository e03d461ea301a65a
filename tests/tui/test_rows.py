"""The list behind the table: differences in, a stable order out."""

from __future__ import annotations

from mi6_tui.tui.rows import SessionRows
from tests.tui.conftest import NOW
from tests.tui.makers import MACHINE, session


def names(rows: SessionRows) -> list[str]:
    return [key[1] for key in rows.keys]


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


def test_ended_sessions_are_hidden_unless_asked_for_or_pinned() -> None:
    rows = SessionRows()
    rows.update([session("a"), session("b", status_shown="ended")])
    rows.reorder(NOW)
    assert names(rows) == ["a"]
    assert rows.known == 2
    rows.pinned = (MACHINE, "b")
    rows.reorder(NOW)
    assert names(rows) == ["a", "b"]
    rows.pinned = None
    rows.show_ended = True
    assert not rows.reorder(NOW)


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
    assert (summary.shown, summary.sessions, summary.tokens, summary.incomplete) == (
        {"working": 1, "waiting": 1}, 2, 12, 1,
    )  # fmt: skip


def test_the_summary_costs_what_its_sessions_cost() -> None:
    rows = SessionRows()
    rows.update([session("a"), session("b", unpriced_requests=1)])
    assert rows.summary().cost_usd is None
    rows.update([session("c", cost_usd=0.5), session("d", cost_usd=0.25, cost_estimated_usd=0.25)])
    rows.update([session("e", cost_usd=9.0, status_shown="ended")])
    summary = rows.summary()
    assert (summary.cost_usd, summary.cost_estimated_usd, summary.cost_incomplete) == (0.75, 0.25, True)
