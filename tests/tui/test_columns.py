"""Columns give way, the name takes the rest, and every cell is as wide as its column."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mi6_tui.model import Session
from mi6_tui.tui import status
from mi6_tui.tui.widgets.columns import COLUMNS, GAP, GUTTER, NAME, layout, title
from mi6_tui.tui.widgets.line_view import INKS
from tests.tui.conftest import NOW
from tests.tui.makers import session


def cells(row: Session, width: int = 200) -> dict[str, str]:
    return {
        slot.column.title: "".join(piece[0] for piece in slot.column.value(row, NOW, slot.width))
        for slot in layout(width)
    }


@pytest.mark.parametrize(
    ("width", "titles"),
    [
        (4, ["Session"]),
        (20, ["", "Session"]),
        (39, ["State", "Session"]),
        (79, ["State", "Since", "Session", "Project", "Context", "Cost"]),
        (119, ["State", "Since", "Session", "Project", "Branch", "Model", "Context", "Cost", "Age"]),
        (199, [column.title for column in COLUMNS]),
    ],
)
def test_columns_give_way_by_priority(width: int, titles: list[str]) -> None:
    assert [slot.column.title for slot in layout(width)] == titles


@given(st.integers(min_value=2, max_value=400))
def test_a_row_fills_its_width_exactly(width: int) -> None:
    slots = layout(width)
    assert GUTTER + sum(slot.width for slot in slots) + GAP * (len(slots) - 1) == width
    assert all(
        slot.column.narrow <= slot.width <= slot.column.wide for slot in slots if slot.column is not NAME
    )
    assert all(cell_len(title(slot)) == slot.width for slot in slots)


_FOREIGN = st.none() | st.text(max_size=60)
_COUNT = st.integers(min_value=0, max_value=10**12)


@given(
    st.builds(
        session,
        status_shown=st.sampled_from([*status.SHOWN, None, "[/x]"]),
        status_detail=_FOREIGN,
        status_since=st.none() | st.integers(min_value=-(2**62), max_value=2**62),
        last_activity=st.integers(min_value=-(2**62), max_value=2**62),
        title=_FOREIGN,
        cwd=_FOREIGN,
        git_branch=_FOREIGN,
        model=_FOREIGN,
        last_reply=_FOREIGN,
        context=st.none() | _COUNT,
        context_window=st.none() | _COUNT,
        tokens_input=_COUNT,
        cost_usd=st.none() | st.floats(min_value=0, max_value=999_999),
        cost_estimated_usd=st.none() | st.just(0.5),
        incomplete_requests=st.integers(min_value=0, max_value=3),
        api_request_count=st.integers(min_value=0, max_value=3),
    ),
    st.sampled_from([20, 40, 79, 119, 199]),
)
def test_every_cell_is_as_wide_as_its_column(row: Session, width: int) -> None:
    for slot in layout(width):
        pieces = slot.column.value(row, NOW, slot.width)
        assert sum(cell_len(words) for words, _ in pieces) == slot.width, slot.column.title
        assert all(ink in INKS for _, ink in pieces)
        assert not any("\x1b" in words or "\n" in words for words, _ in pieces)


def test_a_row_says_what_is_known() -> None:
    row = session(
        status_shown="waiting",
        status_detail="permission",
        status_since=NOW - 252_000,
        title="Clean the build folder",
        github_repo="acme/api-server",
        git_branch="main",
        model="claude-opus-5-5-20261015",
        context=640_000,
        context_window=1_000_000,
        api_request_count=3,
        tokens_input=12_345,
        cost_usd=6.4,
        last_activity=NOW - 5000,
        last_reply="I'll clean\nit first.",
    )
    shown = {name: words.strip() for name, words in cells(row).items()}
    assert shown == {
        "State": "◆ permission",
        "Since": "4m12",
        "Session": "Clean the build folder",
        "Project": "api-server",
        "Branch": "main",
        "Model": "opus-5.5",
        "Context": "━━━━━━╸───  64%",
        "Tokens": "12.3k",
        "Cost": "$6.40",
        "Age": "1h00",
        "Last": "5s",
        "Last words": "I'll clean it first.",
    }


def test_unknown_is_never_a_zero() -> None:
    shown = {name: words.strip() for name, words in cells(session("0123456789ab", status_since=None)).items()}
    assert shown["Session"] == "session 01234567"
    for name in ("Since", "Project", "Branch", "Model", "Context", "Tokens", "Cost", "Last words"):
        assert shown[name] == "-", name


def test_a_window_of_unknown_size_shows_its_tokens() -> None:
    row = session(context=88_000, context_window=None)
    assert cells(row)["Context"].strip() == "88.0k of ?"
    assert cells(row, 79)["Context"].strip() == "88.0k"


@pytest.mark.parametrize(
    ("about", "shown"),
    [
        ({"cost_usd": 0.9, "cost_estimated_usd": 0.9}, "~$0.90"),
        ({"cost_usd": 0.9, "cost_estimated_usd": 0.9, "unpriced_requests": 1}, "≥$0.90"),
        ({"unpriced_requests": 1}, "-"),
        ({"cost_usd": 1234.5}, "$1,234"),
    ],
)
def test_a_cost_says_where_it_is_from(about: dict[str, Any], shown: str) -> None:
    assert cells(session(**about))["Cost"].strip() == shown


def test_a_lower_bound_says_so() -> None:
    assert (
        cells(session(api_request_count=2, incomplete_requests=1, tokens_output=10))["Tokens"].strip()
        == "≥10"
    )


@pytest.mark.parametrize(
    ("shown", "detail", "label"),
    [
        ("working", "mcp__github__create_issue", "● create issue"),
        ("working", "mcp__odd", "● mcp  odd"),
        ("waiting", "plan approval", "◆ plan"),
        ("error", "rate_limit", "▲ rate limit"),
        ("working", "Edit", "● Edit"),
        ("working", None, "● working"),
        ("background", "2 agents", "◐ 2 agents"),
        ("your turn", "replied", "○ your turn"),
        ("your turn", "interrupted", "○ interrupted"),
        ("idle", "started", "· idle"),
        ("waiting", "permission: Bash npm run_test: all", "◆ permission"),
        ("waiting", "plan approval: 3 steps", "◆ plan"),
        ("your turn", "declined", "○ declined"),
        ("idle", "replied", "· idle"),
        ("idle", "interrupted", "· idle"),
        ("ended", "ended", "✓ ended"),
        ("ended", "exited", "✓ ended"),
        ("ended", "killed", "– killed"),
        ("ended", "silent", "– silent"),
        ("unknown", "unknown", "? unknown"),
        (None, None, "? unknown"),
        ("working", "\x1b[31m", "● working"),
    ],
)
def test_labels(shown: str | None, detail: str | None, label: str) -> None:
    assert status.label(session(status_shown=shown, status_detail=detail)) == label


def test_a_detail_is_whole_and_what_it_is_about_is_left_as_it_is() -> None:
    row = session(status_shown="waiting", status_detail="plan_approval: npm run_test: \x1b[2Jall")
    assert status.detail(row) == "plan approval: npm run_test: all"
