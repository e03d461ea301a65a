"""Which columns are shown: conditions, names, widths, and a choice while it is made."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mi6_tui.config import Columns
from mi6_tui.settings_reader import read_settings
from mi6_tui.tui.columns import (
    COLUMNS,
    USUAL,
    Choice,
    column_named,
    columns_for,
    layout,
    named_by,
    wrong_choice,
    wrong_names,
)
from mi6_tui.tui.columns.chosen import shown_by, usual_names
from mi6_tui.tui.columns.draft import Chosen, Draft
from tests.tui.columns import BY_ID
from tests.tui.makers import session


def ids(choice: Choice | None, *sessions: object) -> list[str]:
    return [column.id for column in columns_for(choice, sessions)]  # type: ignore[arg-type]


def test_without_a_choice_the_usual_ones_are_shown_where_sessions_differ() -> None:
    always = [column.id for column in USUAL if not column.conditional]
    same = [session("a", framework="claude"), session("b", framework="claude")]
    assert ids(None) == ids(None, *same) == ids(None, session(tags="x", github_pr=1)) == always
    differing = [session("a", framework="claude", tags="x"), session("b", framework="codex", github_pr=1)]
    assert set(ids(None, *differing)) - set(always) == {"framework", "tag", "pr"}
    empty = [session("a", background_count=0, tags=""), session("b", background_count=0, tags=None)]
    assert ids(None, *empty) == always, "a column of nothing tells nothing"


def test_a_choice_decides_on_order_condition_and_width() -> None:
    choice = Chosen(("cost", "~model", "name", "~branch"), {"name": 50, "cost": 2, "model": 3})
    rows = [session("a", model="x"), session("b", model="y")]
    columns = columns_for(choice, rows)
    assert [(column.id, column.narrow, column.wide) for column in columns] == [
        ("cost", 7, 7),  # a figure's column never gets too narrow for it
        ("model", 3, 3),
        ("name", 50, 50),
    ]
    assert ids(choice, rows[0]) == ["cost", "name"]
    assert [slot.width for slot in layout(79, columns)] == [7, 3, 64]


def test_what_cannot_be_told_beforehand_is_always_shown() -> None:
    assert ids(Chosen(("~rate", "name"))) == ["rate", "name"]


def test_the_same_question_has_the_same_answer() -> None:
    rows = [session("a", tags="x"), session("b")]
    settings = Columns(show=("~tag", "name"), widths={"name": 30})
    again = Columns(show=("~tag", "name"), widths={"name": 30})
    assert columns_for(settings, rows) is columns_for(again, rows)
    assert columns_for(None, rows) is columns_for(None, list(rows))


def test_wrong_names_are_left_out_and_told() -> None:
    choice = Chosen(("nonsense", "~NAME", "mem", "Last", "name"), {"nonsense": 3})
    assert [(one.column.id, one.conditional) for one in shown_by(choice)] == [
        ("name", True),
        ("memory", False),
        ("idle", False),
    ]
    assert ids(Chosen(("nonsense",))) == ids(None)
    assert wrong_names(choice.show) == "no column is called 'nonsense'"
    assert wrong_names(("cost", "~brnch")) == "no column is called '~brnch', did you mean branch?"
    assert wrong_names(("cost", "~branch", "git_branch", "APIReqs")) == ""
    assert list(wrong_choice(choice)) == [
        (("columns", "show", 0), "no column is called 'nonsense'"),
        (("columns", "widths", "nonsense"), "no column is called 'nonsense'"),
    ]
    assert list(wrong_choice(Chosen(("name",), {"nam": 3}))) == [
        (("columns", "widths", "nam"), "no column is called 'nam', did you mean name?")
    ]
    assert list(wrong_choice(Chosen(("name",), {"name": 3}))) == []


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["cost,name"], ("cost", "name")),
        (["name", "cost", "name"], ("name", "cost")),
        (["~pr, cost  name"], ("~pr", "cost", "name")),
        ([], ()),
        (["+pid"], (*usual_names(), "pid")),
        (["pid", "+cost"], (*usual_names(), "pid")),
    ],
)
def test_a_list_in_arguments(words: list[str], names: tuple[str, ...]) -> None:
    assert named_by(words) == names


def test_the_settings_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('[columns]\nshow = ["status", "~tag"]\nwidths = { name = 40 }\n')
    columns = read_settings(path).columns
    assert (columns.show, columns.widths) == (("status", "~tag"), {"name": 40})
    assert ids(columns, session("a", tags="x"), session("b")) == ["status", "tag"]
    assert ids(Columns()) == ids(None)


# The draft.


def place(draft: Draft, name: str) -> int:
    return [entry.id for entry in draft.entries].index(name)


def test_a_draft_of_the_usual_columns_stands_in_the_usual_order() -> None:
    draft = Draft.of(None)
    assert [entry.id for entry in draft.entries] == [column.id for column in COLUMNS]
    assert draft.choice() == Chosen()
    assert draft.count == len(USUAL)


def test_a_draft_of_a_choice_has_hidden_columns_behind_what_they_follow() -> None:
    draft = Draft.of(Chosen(("cost", "~name", "status"), {"name": 40}))
    assert draft.choice() == Chosen(("cost", "~name", "status"), {"name": 40})
    order = [entry.id for entry in draft.entries]
    assert set(order) == {column.id for column in COLUMNS}
    assert order[order.index("status") + 1] == "since"
    assert order[order.index("name") + 1] == "nickname"
    assert order[order.index("cost") + 1] == "recorded"


def test_showing_hiding_moving() -> None:
    draft = Draft.of(Chosen(("status", "name")))
    draft = draft.toggled(place(draft, "pid")).toggled(place(draft, "status"))
    assert draft.choice().show == ("name", "pid")
    draft = draft.moved(place(draft, "name"), 1)
    assert draft.entries[place(draft, "name") - 1].id == "nickname"
    assert draft.moved(0, -1) == draft
    assert draft.moved(len(draft.entries) - 1, 1) == draft
    alone = draft.toggled(place(draft, "name"))
    assert alone.toggled(place(alone, "pid")) == alone  # one column stays


def test_conditions_and_widths() -> None:
    draft = Draft.of(Chosen(("status", "name", "cost", "rate")))
    draft = draft.made_conditional(place(draft, "name")).made_conditional(place(draft, "pr"))
    draft = draft.made_conditional(place(draft, "rate"))
    assert set(draft.choice().show) == {"status", "~name", "cost", "~pr", "rate"}
    draft = draft.made_conditional(place(draft, "name"))
    assert "name" in draft.choice().show
    draft = draft.widened(place(draft, "name"), 1, 24).widened(place(draft, "cost"), -1, 7)
    draft = draft.widened(place(draft, "name"), 1, 24)
    assert draft.choice().widths == {"name": 26, "cost": 7}
    for _ in range(40):
        draft = draft.widened(place(draft, "name"), -1, 24)
    assert draft.choice().widths["name"] == 1


_NAMES = st.sampled_from(list(BY_ID))
_STEPS = st.lists(st.tuples(st.sampled_from("thmwr"), st.integers(0, len(COLUMNS) - 1)), max_size=12)


@given(
    st.lists(_NAMES, unique=True).flatmap(
        lambda names: st.tuples(*(st.sampled_from([name, f"~{name}"]) for name in names))
    ),
    st.dictionaries(_NAMES, st.integers(20, 60), max_size=5),
    _STEPS,
)
def test_what_is_written_is_what_was_chosen(
    show: tuple[str, ...], widths: dict[str, int], steps: list[tuple[str, int]]
) -> None:
    draft = Draft.of(Chosen(show, widths))
    for step, at in steps:
        if step == "t":
            draft = draft.toggled(at)
        elif step == "h":
            draft = draft.moved(at, 1)
        elif step == "m":
            draft = draft.made_conditional(at)
        else:
            draft = draft.widened(at, 1 if step == "w" else -1, 20)
    choice = draft.choice()
    again = Draft.of(choice).choice()
    assert again.show == choice.show
    shown = {column_named(name) for name in choice.show or usual_names()}
    assert {one.column.id for one in shown_by(choice)} == {column.id for column in shown if column}
    # A width of a hidden column is kept only while it is hidden here.
    assert {name: cells for name, cells in choice.widths.items() if name in again.widths} == again.widths
