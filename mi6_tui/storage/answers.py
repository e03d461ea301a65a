"""What the rows that answer a question stand for, whichever engine gave them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mi6_tui.model import FileTouch, StorageStats, ToolUse
from mi6_tui.model.rates import Rate, Rates, minutes_in
from mi6_tui.storage.rows import Row


def tool_use_of(row: Row) -> ToolUse:
    """The calls of one tool."""
    name, calls, failed, denied, interrupted, unanswered, timed, total, told, slowest, at, call, preview = row
    return ToolUse(
        tool_name=name,
        calls=calls,
        failed=failed,
        denied=denied,
        interrupted=interrupted,
        unanswered=unanswered,
        timed=timed,
        total_ms=total,
        measured=told,
        slowest_ms=slowest,
        slowest=None if slowest is None else (at, call),
        slowest_preview=None if slowest is None else preview,
    )


def file_touch_of(row: Row) -> FileTouch:
    """What was asked of one file."""
    path, calls, failed, last, tool = row
    return FileTouch(path=path, calls=calls, failed=failed, last=last, tool_name=tool)


def rates_of(rows: Iterable[Row], since: int, until: int) -> Rates:
    """From machine, session, minute, tokens and incomplete requests."""
    minutes: dict[tuple[str, str], list[int]] = {}
    incomplete: dict[tuple[str, str], int] = {}
    for machine_id, session_id, minute, tokens, missing in rows:
        key = machine_id, session_id
        minutes.setdefault(key, [0] * minutes_in(since, until))[minute] += tokens
        incomplete[key] = incomplete.get(key, 0) + missing
    return Rates(
        since=since,
        until=until,
        sessions={key: Rate(tuple(counted), incomplete[key]) for key, counted in minutes.items()},
    )


def stats_of(row: Row) -> StorageStats:
    """The totals in a row of `stats_sql`."""
    sessions, active, tokens, cost, requests = row
    return StorageStats(
        session_count=sessions,
        active_session_count=active,
        total_tokens=int(tokens),
        total_cost_usd=cost,
        total_api_requests=int(requests),
    )


def listed(words: Sequence[str]) -> str:
    """Words of our own as SQL lists them."""
    return ", ".join(f"'{word}'" for word in words)
