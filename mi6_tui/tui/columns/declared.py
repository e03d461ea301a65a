"""All columns: one declaration each, in the order in which they stand unless the user says otherwise.

Priorities: the smallest comes in first, those up to 16 at the price of the name's width (see layout.py); a
column that is only shown when the user asks for it has 4, so that it comes before what merely uses the room.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any, Final

from mi6_tui.tui.columns import cells
from mi6_tui.tui.columns.column import Column, Live, Topic, Value

ASKED: Final = 4
"""Priority of what the user asked for."""


def _column(
    id: str,  # noqa: A002 (it is the column's)
    title: str,
    name: str,
    value: Value,
    widths: tuple[int, int],
    *,
    of: str = "",
    usual: int | None = None,
    sort: str | None = "",
    explains: Topic = "",
    **more: Any,
) -> Column:
    """`of`: the attributes by which sessions differ; `usual`: its priority, if it is a usual column.

    `sort` empty: the field that has the column's id.
    """
    narrow, wide = widths
    return Column(
        id=id,
        title=title,
        name=name,
        value=value,
        narrow=narrow,
        wide=wide,
        priority=ASKED if usual is None else usual,
        usual=usual is not None,
        differs_by=attrgetter(*of.split()) if of else None,
        sort_field=id if sort == "" else sort,
        explains=explains,
        **more,
    )


def _words(id: str, title: str, name: str, of: str, widths: tuple[int, int], **more: Any) -> Column:  # noqa: A002
    return _column(id, title, name, cells.words_of(of), widths, of=of, **more)


def _path(id: str, title: str, name: str, of: str) -> Column:  # noqa: A002
    return _column(id, title, name, cells.path_of(of), (16, 36), of=of)


def _count(id: str, title: str, name: str, of: str, **more: Any) -> Column:  # noqa: A002
    width = max(5, len(title))
    return _column(id, title, name, cells.count_of(of), (width, width), of=of, right=True, **more)


def _number(id: str, title: str, name: str, of: str, widths: tuple[int, int], **more: Any) -> Column:  # noqa: A002
    sign = more.pop("sign", "")
    return _column(id, title, name, cells.number_of(of, sign), widths, of=of, right=True, **more)


def _tokens(id: str, title: str, name: str, of: str, **more: Any) -> Column:  # noqa: A002
    widths = (max(6, len(title)), max(7, len(title)))
    return _column(id, title, name, cells.tokens_of(of), widths, of=of, right=True, explains="tokens", **more)


def _money(id: str, title: str, name: str, of: str) -> Column:  # noqa: A002
    return _column(id, title, name, cells.money_of(of), (9, 9), of=of, right=True, explains="cost")


def _ago(id: str, title: str, name: str, of: str, **more: Any) -> Column:  # noqa: A002
    width = max(5, len(title))
    value = cells.ago_of(of)
    return _column(id, title, name, value, (width, width), of=of, right=True, ages=True, **more)


def _vital(
    id: str,  # noqa: A002
    title: str,
    name: str,
    attribute: str,
    shown_as: Any,
    width: int,
    usual: int | None = None,
) -> Column:
    def reading(live: Live) -> Any:
        return None if live.vitals is None else getattr(live.vitals, attribute)

    value = cells.live_of(reading, shown_as)
    return _column(
        id, title, name, value, (width, width), of="pid", usual=usual, conditional=usual is not None,
        sort=None, right=True, measure=reading, source="vitals",
    )  # fmt: skip


def _rate(live: Live) -> int | None:
    return None if live.rate is None else live.rate.total


_CLIENTS: Final = ", ".join(f"{mark} {client}" for client, mark in cells.GLYPHS.items())

COLUMNS: Final = (
    _column(
        "status", "State", "State: what it waits for or does", cells.state, (13, 15), of="status_shown",
        usual=0, explains="status",
    ),
    _column(
        "since", "Since", "How long it has been in its state", cells.since, (5, 5), of="status_since",
        usual=1, right=True, ages=True, explains="status",
    ),
    _column(
        "waiting", "Waits", "How long it has needed you", cells.waiting, (5, 5),
        of="status_shown status_since", right=True, ages=True, explains="status",
    ),
    _column(
        "framework", "Client", f"The client: {_CLIENTS}", cells.framework, (1, 1), of="framework", usual=9,
        conditional=True,
    ),
    _column("name", "Session", "What a person would call it", cells.name, (20, 44), of="name", usual=0),
    _words("nickname", "Nickname", "What you call it", "nickname", (12, 24)),
    _words("title", "Title", "What the client calls it", "title", (20, 40)),
    _column("tag", "Tags", "Your tags", cells.tags, (8, 16), of="tags", usual=10, conditional=True),
    _column("pinned", "Marks", "What you marked it with: pinned, hidden", cells.marks, (6, 13),
            of="pinned hidden"),
    _words("project", "Project", "Last part of its repository or folder", "project", (10, 14), usual=3),
    _words("branch", "Branch", "Git branch", "git_branch", (14, 16), usual=7),
    _column("model", "Model", "The model it used last", cells.model, (11, 14), of="model", usual=5),
    _column("context", "Context", "How full its context window is", cells.context, (9, 15),
            of="context context_window", usual=2, explains="context"),
    _tokens("tokens", "Tokens", "All tokens: in, out and both cache counts", "total_tokens", usual=17),
    _tokens("in", "In", "Fresh input tokens", "tokens_input"),
    _tokens("out", "Out", "Output tokens", "tokens_output"),
    _tokens("cache", "Cache", "Tokens read from the cache", "tokens_cache_read"),
    _tokens("cachew", "CacheW", "Tokens written to the cache", "tokens_cache_write"),
    _tokens("cachew1h", "CacheW1h", "Those of them for an hour", "tokens_cache_write_1h"),
    _tokens("reasoning", "Thinking", "Output tokens spent on reasoning", "tokens_reasoning"),
    _column(
        "cost", "Cost", "Dollars: ~ estimated, ≥ at least", cells.cost, (7, 8),
        of="cost_usd cost_estimated_usd cost_incomplete", usual=4, right=True, explains="cost",
    ),
    _money("recorded", "Recorded", "The part of the cost that the client recorded", "cost_recorded_usd"),
    _money("estimated", "Estimated", "The part of the cost by the price table", "cost_estimated_usd"),
    _money("client_cost", "Client's", "The client's own sum, to compare with", "cost_client_usd"),
    _count("unpriced", "Unpriced", "Requests that nobody knows the cost of", "unpriced_requests",
           explains="cost"),
    _column(
        "rate", "Tok/min", "Tokens a minute over the last quarter of an hour", cells.rate, (7, 13), usual=6,
        sort=None, right=True, measure=_rate, source="rates",
    ),
    _column(
        "running", "Agents", "Subagents that run, of those it started", cells.agents, (6, 6),
        of="background_count subagent_count", usual=14, conditional=True, right=True,
    ),
    _count("subagents", "Subagents", "Subagents it started", "subagent_count"),
    _number("issue", "Issue", "Issue", "github_issue", (6, 7), usual=12, conditional=True, sign="#"),
    _number("pr", "PR", "Pull request", "github_pr", (6, 7), usual=11, conditional=True, sign="#"),
    _column(
        "diff", "Diff", "Lines added and deleted", cells.diff, (11, 13), of="git_additions git_deletions",
        usual=13, conditional=True, right=True,
    ),
    _vital("cpu", "CPU", "CPU of its processes, in percent of a core", "cpu", cells.cpu, 6, usual=15),
    _vital("memory", "Memory", "Main memory of its processes", "memory", cells.memory, 6, usual=16),
    _vital("diskr", "DiskR", "Read from disks by its processes", "read_rate", cells.disk, 8),
    _vital("diskw", "DiskW", "Written to disks by its processes", "write_rate", cells.disk, 8),
    _vital("kids", "Kids", "Processes that it started", "children", cells.children, 5),
    _vital("ports", "Ports", "TCP ports that its processes listen to", "ports", cells.ports, 12),
    _number("pid", "PID", "Process id", "pid", (7, 7)),
    _words("terminal", "TTY", "The terminal it runs in", "terminal", (10, 20)),
    # Not narrower than the project, which comes in before it: else it would go where there is more room.
    _words("machine", "Machine", "The machine it runs on", "machine_id", (10, 14), usual=3, conditional=True),
    _count("msgs", "Msgs", "Messages", "message_count"),
    _count("tools", "Tools", "Tool calls", "tool_call_count"),
    _count("reqs", "APIReqs", "Requests to the model", "api_request_count", explains="tokens"),
    _count("errors", "APIErrs", "Requests that failed", "api_error_count"),
    _count("incomplete", "Incompl", "Requests of which a number is missing", "incomplete_requests",
           explains="tokens"),
    _count("compacts", "Compacts", "Compactions", "compaction_count"),
    _count("revivals", "Revivals", "Times it was resumed", "revival_count"),
    _count("window", "Window", "Size of the model's context window", "context_window", explains="context"),
    _ago("age", "Age", "Since its first start", "first_started_at", usual=8),
    _ago("idle", "Last", "Since its last sign of life", "last_activity", usual=18),
    _ago("seen", "Seen", "Since you last looked at it", "seen_at"),
    _ago("resumed", "Resumed", "Since its last start", "last_started_at"),
    _ago("ended", "Ended", "Since its end", "last_ended_at"),
    _column("duration", "Lasted", "From its first record to its last", cells.lasted, (6, 6), of="duration_ms",
            right=True),
    _column("detail", "Doing", "What exactly it waits for or does", cells.detail, (24, 44),
            of="status_detail", usual=19, explains="status"),
    _words("reply", "Last words", "The last words of the agent", "last_reply", (30, 46), usual=20),
    _words("prompt", "Prompt", "The first prompt", "first_user_message", (20, 46)),
    _words("lastmsg", "LastMsg", "The last prompt", "last_user_message", (20, 46)),
    _words("session", "Session id", "Session id", "session_id", (10, 36)),
    _path("cwd", "CWD", "The folder it works in", "cwd"),
    _words("repo", "Repo", "owner/name on GitHub", "github_repo", (14, 24)),
    _path("worktree", "Worktree", "Git worktree", "git_worktree_path"),
    _path("gitdir", "Git dir", "Git folder", "local_git_dir"),
    _path("script", "Script", "Path of its transcript", "transcript_path"),
    _words("mode", "Mode", "Permission mode", "permission_mode", (8, 16)),
    _words("version", "Version", "The client's version", "client_version", (8, 12)),
    _words("entrypoint", "Entry", "How the client was started", "entrypoint", (8, 14)),
    _words("witness", "Witness", "Who told its state", "status_source", (10, 12), explains="status"),
    _words("confidence", "Sure", "How sure its state is", "status_confidence", (6, 10), explains="status"),
    _words("rule", "Rule", "The rule that decided on its state", "status_rule", (10, 20), explains="status"),
    _words("reason", "Why", "Why it has that state", "status_reason", (20, 46), explains="status"),
    _column("source", "Source", "Whose requests count: transcript, otel or hook", cells.counted_from,
            (10, 10), of="transcript_available n_otel_events n_hook_events", sort=None),
    _count("hookevts", "HookEvts", "Events from hooks", "n_hook_events"),
    _count("otelevts", "OtelEvts", "Events from OpenTelemetry", "n_otel_events"),
)  # fmt: skip

USUAL: Final = tuple(column for column in COLUMNS if column.usual)
"""Those shown when the user has not chosen."""
BY_ID: Final = {column.id: column for column in COLUMNS}
NAME: Final = BY_ID["name"]
"""The column that takes the width which the others leave."""
MARK: Final = _column(
    "mark", "", "State", cells.mark, (1, 1), of="status_shown", sort="status", explains="status"
)
"""Stands for the state where there is no room for it."""
