"""Columns give way, the name takes the rest, and every cell is as wide as its column."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from mi6_tui.model import Session
from mi6_tui.model.rates import Rate
from mi6_tui.query.fields import named
from mi6_tui.tui import status
from mi6_tui.tui.columns import (
    COLUMNS,
    GAP,
    GUTTER,
    NAME,
    USUAL,
    Column,
    Live,
    Vitals,
    column_at,
    column_named,
    layout,
    title,
)
from mi6_tui.tui.columns.declared import MARK
from mi6_tui.tui.widgets.line_view import INKS
from tests.tui.columns import BY_ID, words
from tests.tui.conftest import NOW
from tests.tui.makers import session

_ONE_MACHINE = tuple(column for column in USUAL if column.id != "machine")


def titles_at(width: int, columns: tuple[Column, ...] = _ONE_MACHINE) -> list[str]:
    return [slot.column.title for slot in layout(width, columns)]


@pytest.mark.parametrize(
    ("width", "titles"),
    [
        (4, ["Session"]),
        (20, ["", "Session"]),
        (39, ["State", "Session"]),
        (79, ["State", "Since", "Session", "Project", "Context", "Cost"]),
        (
            119,
            ["State", "Since", "Session", "Project", "Model", "Context", "Cost", "Tok/min", "Age"],
        ),
    ],
)
def test_columns_give_way_by_priority(width: int, titles: list[str]) -> None:
    assert titles_at(width) == titles


def test_of_several_machines_theirs_is_told_before_the_cost() -> None:
    assert titles_at(79, USUAL) == ["State", "Since", "Session", "Project", "Context", "Machine"]
    assert "Machine" in titles_at(119, USUAL)


def test_a_large_screen_is_used() -> None:
    assert "Branch" in titles_at(140)
    # Of a machine's own sessions: what they changed, whom they started, what they cost it.
    usual = tuple(column for column in USUAL if column.id not in ("machine", "tag"))
    slots = {slot.column.title: slot.width for slot in layout(199, usual)}
    assert {"Client", "Branch", "Issue", "PR", "Diff", "Agents", "CPU", "Memory", "Age"} <= set(slots)
    assert slots["Session"] >= 40 and slots["Branch"] >= len("feat/schema-v2")
    assert titles_at(1000, USUAL) == [column.title for column in USUAL]
    # More room never takes a usual column of importance away.
    for width in range(40, 260):
        important = [title for title in titles_at(width, USUAL) if BY_TITLE[title].priority <= 3]
        assert important == [title for title in titles_at(width + 1, USUAL) if title in important], width


BY_TITLE = {column.title: column for column in (*COLUMNS, MARK)}

_CHOICES = st.one_of(
    st.just(USUAL),
    st.lists(st.sampled_from(COLUMNS), unique=True, min_size=1).map(tuple),
)


@given(st.integers(min_value=1, max_value=400), _CHOICES)
def test_a_row_fills_its_width_exactly(width: int, columns: tuple[Column, ...]) -> None:
    slots = layout(width, columns)
    used = GUTTER + sum(slot.width for slot in slots) + GAP * (len(slots) - 1)
    assert used == max(width, 2) if NAME in columns else used <= max(width, 2)
    assert all(
        slot.column.narrow <= slot.width <= slot.column.wide for slot in slots if slot.column is not NAME
    )
    assert all(cell_len(title(slot)) == slot.width for slot in slots)
    assert layout(width, columns) is slots


def test_the_column_under_a_cell() -> None:
    slots = layout(79)
    row = " " * GUTTER + (" " * GAP).join(title(slot) for slot in slots)
    for slot in slots:
        assert column_at(row.index(slot.column.title), slots) is slot.column
    assert column_at(0, slots) is None
    assert column_at(1, slots) is BY_ID["status"]
    assert column_at(14 + GAP - 1, slots) is BY_ID["status"]
    assert column_at(14 + GAP, slots) is BY_ID["since"]
    assert column_at(400, slots) is None


def test_every_column_is_declared_whole() -> None:
    assert len(BY_ID) == len(COLUMNS)
    assert len({column.title for column in COLUMNS}) == len(COLUMNS)
    for column in COLUMNS:
        assert 0 < column.narrow <= column.wide
        assert cell_len(column.title) <= column.narrow or column.title == "Client", column.id
        assert column.name
        assert (column.sort_field is None) or named(column.sort_field) is not None
        assert column.sort_field or column.measure or column.id == "source"
        assert column.id == "rate" or column.differs_by is not None
        field = named(column.id)
        assert field is None or field.name == column.id == column.sort_field


_ORIGINAL = (
    *("pid", "status", "age", "model", "prompt", "cpu", "mem", "tokens", "branch", "session", "cwd"),
    *("context", "in", "out", "cache", "cachew", "cost", "diskr", "diskw", "kids", "tty", "pr", "issue"),
    *("diff", "activity", "msgs", "compacts", "repo", "worktree", "framework", "script", "lastmsg"),
    *("machine", "source", "tools", "apireqs", "apierrs", "revivals", "hookevts", "otelevts"),
)
_HEADS = (
    *("PID", "Age", "Model", "Prompt", "CPU", "Memory", "Tokens", "Branch", "CWD", "Context", "In", "Out"),
    *("Cache", "CacheW", "Cost", "DiskR", "DiskW", "Kids", "TTY", "PR", "Issue", "Diff", "Last", "Msgs"),
    *("Compacts", "Repo", "Worktree", "Script", "LastMsg", "Machine", "Source", "Tools", "APIReqs"),
    *("APIErrs", "Revivals", "HookEvts", "OtelEvts"),
)


def test_every_column_of_the_original_is_there_under_its_name_and_head() -> None:
    found = {name: column_named(name) for name in (*_ORIGINAL, *_HEADS)}
    assert [name for name, column in found.items() if column is None] == []
    assert len({column.id for name in _ORIGINAL if (column := found[name])}) == 40


_HOSTILE = st.sampled_from(
    [
        "",
        "\x1b[31mred\x1b[0m",
        "\x1b]0;title\x07",
        "a\nb\tc\x00",
        "[bold]markup[/bold]",
        "日本語のとても長い名前です" * 4,
        "👩‍👩‍👧‍👦 family 👍🏽 flag 🇩🇪" * 3,
        "שלום \u202eevil\u202c مرحبا",
        "e\u0301\u0301\u0301" * 20,
        "\ud800 half",
        "x" * 5000,
    ]
)
_FOREIGN = st.none() | _HOSTILE | st.text(max_size=60)
_COUNT = st.integers(min_value=0, max_value=2**63)
_MAYBE = st.none() | _COUNT
_DOLLARS = st.none() | st.floats(min_value=0, allow_nan=False)
_TIME = st.integers(min_value=-(2**62), max_value=2**62)

_SESSIONS = st.builds(
    session,
    status_shown=st.sampled_from([*status.SHOWN, None, "[/x]"]),
    **dict.fromkeys(
        (
            *("status_detail", "status_reason", "status_source", "status_confidence", "status_rule"),
            *("title", "nickname", "tags", "first_user_message", "last_user_message", "last_reply"),
            *("cwd", "local_git_dir", "git_branch", "git_worktree_path", "github_repo", "model", "framework"),
            *("transcript_path", "terminal", "permission_mode", "client_version", "entrypoint"),
        ),
        _FOREIGN,
    ),
    **dict.fromkeys(
        (
            *("pid", "github_issue", "github_pr", "git_additions", "git_deletions", "context", "seen_at"),
            *("context_window", "status_since", "last_ended_at"),
        ),
        _MAYBE,
    ),
    **dict.fromkeys(
        (
            *("tokens_input", "tokens_output", "tokens_cache_read", "tokens_cache_write", "tokens_reasoning"),
            *("tokens_cache_write_1h", "compaction_count", "message_count", "tool_call_count"),
            *("api_request_count", "api_error_count", "revival_count", "n_hook_events", "n_otel_events"),
            *("incomplete_requests", "unpriced_requests", "subagent_count", "background_count"),
        ),
        _COUNT,
    ),
    **dict.fromkeys(("cost_usd", "cost_estimated_usd", "cost_recorded_usd", "cost_client_usd"), _DOLLARS),
    last_activity=_TIME,
    first_started_at=_TIME,
    transcript_available=st.booleans(),
    pinned=st.booleans(),
    hidden=st.booleans(),
)
_LIVES = st.builds(
    Live,
    st.none()
    | st.builds(
        Vitals,
        cpu=st.none() | st.floats(min_value=0, max_value=1e9),
        memory=_MAYBE,
        children=_MAYBE,
        ports=st.none() | st.lists(st.integers(1, 65535), max_size=30).map(tuple),
        read_rate=_MAYBE,
        write_rate=_MAYBE,
    ),
    st.none() | st.builds(Rate, st.lists(_COUNT, max_size=20).map(tuple), st.integers(0, 3)),
)


_NARROW = tuple(range(1, 20))


@settings(max_examples=60)
@given(row=_SESSIONS, live=_LIVES, any_width=st.integers(min_value=1, max_value=80))
def test_every_cell_is_as_wide_as_its_column(row: Session, live: Live, any_width: int) -> None:
    for column in (*COLUMNS, MARK):
        for width in {column.narrow, column.wide, any_width, *_NARROW}:
            pieces = column.value(row, NOW, width, live)
            assert sum(cell_len(piece[0]) for piece in pieces) == width, column.id
            assert all(ink in INKS for _, ink in pieces), column.id
            assert not any(set(piece[0]) & set("\x1b\n\t\x00\u202e\u200d") for piece in pieces), column.id


@settings(max_examples=60)
@given(row=_SESSIONS, live=_LIVES)
def test_no_figure_is_cut(row: Session, live: Live) -> None:
    """At any width a figure is there whole, or there is none."""
    for column in COLUMNS:
        if column.right:
            for width in range(1, column.wide + 1):
                assert "…" not in words(column, row, width, live), column.id


_LARGE = session(
    pid=4_194_304,
    github_issue=99_999,
    github_pr=99_999,
    git_additions=99_999,
    git_deletions=99_999,
    context=9_999_999,
    context_window=None,
    cost_usd=999_999.0,
    cost_estimated_usd=1.0,
    cost_recorded_usd=999_999.0,
    cost_client_usd=999_999.0,
    unpriced_requests=10**9,
    api_request_count=10**9,
    incomplete_requests=1,
    tokens_input=10**10,
    tokens_cache_read=9 * 10**11,
    message_count=10**9,
    first_started_at=0,
    subagent_count=999,
    background_count=99,
    seen_at=0,
    status_since=0,
)
_LARGE_LIVE = Live(
    Vitals(cpu=12_800.0, memory=2**43, children=10**5, ports=(65535,), read_rate=2**36, write_rate=2**36),
    Rate((10**9,) * 14, 1),
)


@pytest.mark.parametrize("column", [one for one in COLUMNS if one.right], ids=lambda column: column.id)
def test_even_large_figures_fit_into_the_narrowest_column(column: Column) -> None:
    assert "#" not in words(column, _LARGE, column.narrow, _LARGE_LIVE).removeprefix("#9")
