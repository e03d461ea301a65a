"""What cells say: known, unknown, zero, in words and figures written by hand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mi6_tui.model.rates import Rate
from mi6_tui.tui import status
from mi6_tui.tui.columns import COLUMNS, Column, Live, Vitals
from mi6_tui.tui.columns.figures import as_shown, bytes_of, relative_sparks, sparks
from tests.tui.columns import BY_ID, cells, words
from tests.tui.conftest import NOW
from tests.tui.makers import session


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
    shown = cells(row)
    assert {name: shown[name] for name in ("State", "Since", "Session", "Project", "Branch", "Model")} == {
        "State": "◆ permission",
        "Since": "4m12",
        "Session": "Clean the build folder",
        "Project": "api-server",
        "Branch": "main",
        "Model": "opus-5.5",
    }
    assert {name: shown[name] for name in ("Context", "Tokens", "Cost", "Age", "Last", "Last words")} == {
        "Context": "━━━━━━╸───  64%",
        "Tokens": "12.3k",
        "Cost": "$6.40",
        "Age": "1h00",
        "Last": "5s",
        "Last words": "I'll clean it first.",
    }


_KNOWN = session(
    framework="codex",
    nickname="the builder",
    title="Clean the build",
    tags="night urgent",
    pinned=True,
    hidden=True,
    status_shown="waiting",
    status_detail="permission: Bash npm test",
    status_reason="the registry says so",
    status_source="registry",
    status_confidence="high",
    status_rule="waiting-registry",
    status_since=NOW - 9_000,
    tokens_input=1,
    tokens_output=1_234,
    tokens_cache_read=56_789,
    tokens_cache_write=8_000_000,
    tokens_cache_write_1h=7_000_000,
    tokens_reasoning=99,
    api_request_count=31,
    api_error_count=2,
    cost_usd=3.5,
    cost_recorded_usd=2.25,
    cost_estimated_usd=1.25,
    cost_client_usd=1_500.0,
    unpriced_requests=4,
    background_count=2,
    subagent_count=5,
    git_additions=120,
    git_deletions=7,
    github_issue=142,
    github_pr=9,
    pid=4083,
    terminal="tmux default %3",
    message_count=12,
    tool_call_count=345,
    compaction_count=1,
    revival_count=3,
    context_window=200_000,
    seen_at=NOW - 61_000,
    last_started_at=NOW - 3_600_000,
    last_ended_at=NOW - 86_400_000,
    first_user_message="clean and\nrebuild",
    last_user_message="go on",
    cwd="/home/dev/work/api",
    github_repo="acme/api-server",
    git_worktree_path="/home/dev/wt/shout",
    local_git_dir="/home/dev/work/api/.git",
    transcript_path="/home/dev/.claude/projects/-home-dev-work-api/0000abc4.jsonl",
    transcript_available=True,
    permission_mode="plan",
    client_version="2.1.330",
    entrypoint="cli",
    n_hook_events=77,
    n_otel_events=1_000,
)
_KNOWN_LIVE = Live(
    Vitals(cpu=12.3, memory=5_033_165, children=2, ports=(3000, 8080), read_rate=0, write_rate=2048),
    Rate((0,) * 8 + (1_000, 2_000, 100_000, 0, 0, 500_000)),
)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("waiting", "9s"),
        ("framework", "⌘"),
        ("nickname", "the builder"),
        ("title", "Clean the build"),
        ("tag", "night urgent"),
        ("pinned", "pinned hidden"),
        ("in", "1"),
        ("out", "1.2k"),
        ("cache", "56.8k"),
        ("cachew", "8.00M"),
        ("cachew1h", "7.00M"),
        ("reasoning", "99"),
        ("cost", "≥$3.50"),
        ("recorded", "$2.25"),
        ("estimated", "$1.25"),
        ("client_cost", "$1,500"),
        ("unpriced", "4"),
        ("running", "2/5"),
        ("subagents", "5"),
        ("diff", "+120 -7"),
        ("issue", "#142"),
        ("pr", "#9"),
        ("pid", "4083"),
        ("terminal", "tmux default %3"),
        ("machine", "host"),
        ("msgs", "12"),
        ("tools", "345"),
        ("reqs", "31"),
        ("errors", "2"),
        ("incomplete", "0"),
        ("compacts", "1"),
        ("revivals", "3"),
        ("window", "200k"),
        ("seen", "1m01"),
        ("resumed", "1h00"),
        ("ended", "1d"),
        ("duration", "0s"),
        ("detail", "permission: Bash npm test"),
        ("prompt", "clean and rebuild"),
        ("lastmsg", "go on"),
        ("session", "s1"),
        ("cwd", "/home/dev/work/api"),
        ("repo", "acme/api-server"),
        ("worktree", "/home/dev/wt/shout"),
        ("gitdir", "/home/dev/work/api/.git"),
        ("script", "…s/-home-dev-work-api/0000abc4.jsonl"),
        ("mode", "plan"),
        ("version", "2.1.330"),
        ("entrypoint", "cli"),
        ("witness", "registry"),
        ("confidence", "high"),
        ("rule", "waiting-registry"),
        ("reason", "the registry says so"),
        ("source", "transcript"),
        ("hookevts", "77"),
        ("otelevts", "1.0k"),
        ("cpu", "12.3%"),
        ("memory", "4.8MB"),
        ("kids", "2"),
        ("ports", "3000 8080"),
        ("diskr", "0B/s"),
        ("diskw", "2.0kB/s"),
        # Two minutes a spark: 1,500 and 50,000 and 250,000 tokens a minute; in the last five 600,000 / 5.
        ("rate", "····▁▄▆  120k"),
    ],
)
def test_what_is_known_reads_as(name: str, shown: str) -> None:
    assert words(BY_ID[name], _KNOWN, live=_KNOWN_LIVE) == shown


_COUNTED_FROM_NOTHING = (
    *("unpriced", "running", "subagents", "msgs", "tools", "reqs", "errors", "incomplete", "compacts"),
    *("revivals", "hookevts", "otelevts"),
)
"""What is counted is 0 until there is one."""
_ALWAYS_KNOWN = ("status", "name", "session", "machine", "age", "idle", "duration", "resumed")
_EMPTY = ("waiting", "tag", "pinned")
"""Nothing is shown where there is none."""


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.id)
def test_unknown_is_never_a_zero(column: Column) -> None:
    row = session("0123456789ab", status_since=None, status_detail=None)
    shown = words(column, row)
    if column.id in _COUNTED_FROM_NOTHING:
        assert shown == "0"
    elif column.id in _EMPTY:
        assert shown == ""
    elif column.id not in _ALWAYS_KNOWN:
        assert shown == "-"


def test_a_session_without_a_name_is_called_by_its_id() -> None:
    assert words(BY_ID["name"], session("0123456789ab")) == "session 01234567"


@pytest.mark.parametrize(
    ("name", "row", "shown"),
    [
        ("tokens", {"api_request_count": 1}, "0"),
        ("cost", {"cost_usd": 0.0, "cost_recorded_usd": 0.0}, "$0.00"),
        ("diff", {"git_additions": 0, "git_deletions": 0}, "+0 -0"),
        ("diff", {"git_additions": 4, "git_deletions": None}, "+4 -?"),
        ("diff", {"git_additions": 123_456, "git_deletions": 654_321}, "+123k -654k"),
        ("context", {"context": 0, "context_window": 200_000}, "──────────   0%"),
        ("context", {"context": 0, "context_window": None}, "0 of ?"),
        ("running", {"subagent_count": 3}, "0/3"),
        ("source", {"n_otel_events": 1, "n_hook_events": 1}, "otel"),
        ("source", {"n_hook_events": 1}, "hook"),
    ],
)
def test_zero_and_half_known(name: str, row: dict[str, Any], shown: str) -> None:
    assert words(BY_ID[name], session(**row)) == shown


@pytest.mark.parametrize(
    ("rate", "narrow", "wide"),
    [
        (Rate((0,) * 14), "·", "·"),
        (Rate((0,) * 14, 2), "≥0", "≥0"),
        (Rate((3_000,) * 14), "▁▁▁▁▁▁▁", "▁▁▁▁▁▁▁  3.0k"),
        (Rate((3_001,) * 14, 1), "▂▂▂▂▂▂▂", "▂▂▂▂▂▂▂ ≥3.0k"),
    ],
)
def test_tokens_a_minute(rate: Rate, narrow: str, wide: str) -> None:
    column = BY_ID["rate"]
    assert words(column, session(), column.narrow, Live(rate=rate)) == narrow
    assert words(column, session(), column.wide, Live(rate=rate)) == wide


def test_a_client_has_its_name_where_the_user_makes_room_for_it() -> None:
    assert words(BY_ID["framework"], session(framework="codex"), 10) == "⌘ codex"
    assert words(BY_ID["framework"], session(framework="codex"), 3) == "⌘"
    assert words(BY_ID["framework"], session(framework="new"), 10) == "• new"


def test_the_heights_of_sparks() -> None:
    # Each step is three times the one before; none is of no height.
    assert sparks((1, 3_000, 9_000, 27_000, 81_000, 243_000, 729_000, 2_187_000, 2_187_001, 0), 10) == (
        "▁▁▂▃▄▅▆▇█·"
    )
    assert sparks((6_000, 0, 0, 0), 2) == "▁·"
    assert relative_sparks((0, 7, 70, 35), 4) == "·▂█▅"
    assert relative_sparks((0, 0), 2) == "··"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0B"),
        (999, "999B"),
        (1000, "1.0kB"),
        (1024, "1.0kB"),
        (10_137, "9.9kB"),
        (10_189, "10kB"),
        (5_033_165, "4.8MB"),
        (97_517_568, "93MB"),
        (1_288_490_189, "1.2GB"),
        (2**50, "1024TB"),
    ],
)
def test_bytes(number: int, shown: str) -> None:
    assert bytes_of(number) == shown


@given(st.integers(min_value=0, max_value=2**55))
def test_bytes_rounded_to_what_is_shown_read_the_same(number: int) -> None:
    assert bytes_of(as_shown(number)) == bytes_of(number)


def test_as_many_ports_as_fit_are_there_whole() -> None:
    live = Live(Vitals(ports=(80, 3000, 8080, 65535)))
    ports = BY_ID["ports"]
    assert words(ports, session(), 18, live) == "80 3000 8080 65535"
    assert words(ports, session(), 17, live) == "80 3000 8080 +"
    assert words(ports, session(), 4, live) == "80 +"
    assert words(ports, session(), 3, live) == "###"
    assert words(ports, session(), 12, Live(Vitals(ports=()))) == "none"


def test_a_window_of_unknown_size_shows_its_tokens() -> None:
    row = session(context=88_000, context_window=None)
    assert words(BY_ID["context"], row) == "88.0k of ?"
    assert words(BY_ID["context"], row, 9) == "88.0k"


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
    assert cells(session(**about))["Cost"] == shown


def test_a_lower_bound_says_so() -> None:
    assert cells(session(api_request_count=2, incomplete_requests=1, tokens_output=10))["Tokens"] == "≥10"


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
