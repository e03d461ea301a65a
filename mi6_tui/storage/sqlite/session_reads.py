"""A close look at one session: stretches of its events, and sums by tool, file and model."""

from __future__ import annotations

from typing import Any, Final

import apsw
import msgspec

from mi6_tui.model import ContextPoint, EventType, FileTouch, TimelineQuery, ToolUse, UsageRow
from mi6_tui.model.session_reads import FAILURES, REPEATED
from mi6_tui.storage.answers import file_touch_of, listed, tool_use_of
from mi6_tui.storage.sqlite.connection import fetch
from mi6_tui.storage.sqlite.stats import FOREIGN
from mi6_tui.storage.usage import COUNTS, SUMS, dearest_first, requests_witness, usage_row, witness_of

Sql = tuple[str, list[Any]]


_OF_SESSION: Final = "FROM sessions WHERE session_id = ? AND machine_id = ?"
_TALK: Final = f"(SELECT iif(transcript_available, 'transcript', 'hook') {_OF_SESSION})"
"""Whose tool calls count for a session, as in judge.project."""
_REQUESTS: Final = requests_witness(_OF_SESSION)
"""Whose requests count, by the events that are left."""


def timeline_sql(query: TimelineQuery, columns: frozenset[str]) -> Sql:
    """What follows `SELECT ... FROM events`; newest first unless the stretch goes `after` a moment."""
    # What was recorded since is little: rather that than all events of a session.
    since = query.stored_after is not None
    conditions = [f"{'+' if since else ''}events.session_id = ?", "events.machine_id = ?"]
    values: list[Any] = [query.session_id, query.machine_id]
    if query.event_types:
        wanted = "events.event_type IN (SELECT value FROM json_each(?))"
        if query.failed_calls and "outcome" in columns:
            failed = (
                f"events.event_type = '{EventType.POST_TOOL_USE}' AND events.outcome IN ({listed(FAILURES)})"
            )
            wanted = f"({wanted} OR {failed})"
        conditions.append(wanted)
        values.append(msgspec.json.encode(query.event_types).decode())
    if query.without_repeats:
        conditions.append(f"NOT (events.source IS 'hook' AND events.event_type IN ({listed(REPEATED)}))")
    if query.counted:
        conditions.append(f"{witness_of('events')} = {_REQUESTS}")
        values += (query.session_id, query.machine_id)
    if query.stored_after is not None:
        conditions.append("events.id > ?")
        values.append(query.stored_after)
    direction = "DESC"
    if query.before is not None:
        conditions.append("(events.timestamp, events.id) < (?, ?)")
        values += query.before
    elif query.after is not None:
        conditions.append("(events.timestamp, events.id) > (?, ?)")
        values += query.after
        direction = "ASC"
    # By id alone where few are new: the order of time would make SQLite walk the whole session again.
    order = "events.id DESC" if since else f"events.timestamp {direction}, events.id {direction}"
    return f" WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT ?", [*values, query.limit]


def tools_sql(machine_id: str, session_id: str, columns: frozenset[str]) -> Sql:
    """The calls of each tool, the most called first."""
    outcome = "done.outcome" if "outcome" in columns else "NULL"
    preview = "call.preview" if "preview" in columns else "NULL"
    took = "coalesce(done.duration_ms, max(0, done.timestamp - call.timestamp))"
    sql = f"""
    SELECT call.tool_name, count(*), count(*) FILTER (WHERE {outcome} = 'error'),
        count(*) FILTER (WHERE {outcome} = 'denied'), count(*) FILTER (WHERE {outcome} = 'interrupted'),
        count(*) FILTER (WHERE done.id IS NULL), count(done.id),
        CAST(total({took}) AS INTEGER), count(done.duration_ms), max({took}),
        call.timestamp, call.id, {preview}
    {_CALLS}
    GROUP BY call.tool_name ORDER BY 2 DESC, 1
    """
    return sql, _calls_of(machine_id, session_id)


_CALLS: Final = f"""
FROM events AS call LEFT JOIN events AS done ON done.id = (
    SELECT max(result.id) FROM events AS result
    WHERE result.tool_use_id = call.tool_use_id AND result.session_id = call.session_id
    AND result.machine_id = call.machine_id AND result.event_type = '{EventType.POST_TOOL_USE}'
    AND {witness_of("result")} = {witness_of("call")})
WHERE call.session_id = ? AND call.machine_id = ? AND call.event_type = '{EventType.PRE_TOOL_USE}'
AND {witness_of("call")} = {_TALK}
"""
"""Each call with its result, as far as both are there."""


def _calls_of(machine_id: str, session_id: str) -> list[Any]:
    return [session_id, machine_id] * 2


def tools_of(
    connection: apsw.Connection, machine_id: str, session_id: str, columns: frozenset[str]
) -> list[ToolUse]:
    """See the storage protocol."""
    return [tool_use_of(row) for row in fetch(connection, *tools_sql(machine_id, session_id, columns))]


def files_sql(machine_id: str, session_id: str, tools: tuple[str, ...]) -> Sql:
    """What calls of `tools` say, by what they say; the last written to first."""
    failures = f"coalesce(done.outcome, '') IN ({listed(FAILURES)})"
    sql = f"""
    SELECT call.preview, count(*) FILTER (WHERE NOT {failures}), count(*) FILTER (WHERE {failures}),
        max(call.timestamp), call.tool_name
    {_CALLS} AND call.tool_name IN (SELECT value FROM json_each(?)) AND call.preview > ''
    GROUP BY call.preview ORDER BY 4 DESC, 1
    """
    return sql, [*_calls_of(machine_id, session_id), msgspec.json.encode(tools).decode()]


def files_of(
    connection: apsw.Connection, machine_id: str, session_id: str, tools: tuple[str, ...]
) -> list[FileTouch]:
    """See the storage protocol."""
    return [file_touch_of(row) for row in fetch(connection, *files_sql(machine_id, session_id, tools))]


_PROMPT: Final = ("tokens_input", "tokens_cache_read", "tokens_cache_write")
"""What is sent to the model; an older file that mi6 wrote may lack one."""


def context_sql(machine_id: str, session_id: str, columns: frozenset[str]) -> Sql:
    """The requests of the main chain that count, and the compactions, by time."""
    size = "context_size" if "context_size" in columns else "NULL"
    parts = [part for part in _PROMPT if part in columns]
    total = " + ".join(f"coalesce({part}, 0)" for part in parts)
    sql = f"""
    SELECT timestamp, CAST(CASE WHEN event_type = '{EventType.COMPACTION}' THEN {size}
            WHEN coalesce({", ".join((*parts, "NULL"))}) IS NOT NULL THEN {total} END AS INTEGER),
        event_type = '{EventType.COMPACTION}'
    FROM events WHERE session_id = ? AND machine_id = ?
    AND (event_type = '{EventType.COMPACTION}'
         OR (event_type = '{EventType.API_REQUEST}' AND {witness_of("events")} = {_REQUESTS}))
    AND is_sidechain IS NOT 1 ORDER BY timestamp, id
    """
    return sql, [session_id, machine_id] * 2


def context_of(
    connection: apsw.Connection, machine_id: str, session_id: str, columns: frozenset[str]
) -> list[ContextPoint]:
    """See the storage protocol."""
    rows = fetch(connection, *context_sql(machine_id, session_id, columns))
    return [ContextPoint(at, tokens, bool(compaction)) for at, tokens, compaction in rows]


def models_sql(machine_id: str, session_id: str, columns: frozenset[str]) -> Sql:
    """The sums of a session's requests by model."""
    # A file that mi6 wrote has no such sums: they are made from its events.
    sums = "" if "cost_estimated_usd" in columns else f"WITH {FOREIGN.rstrip().removesuffix(',')}"
    sql = f"""
    {sums} SELECT nullif(usage.model, ''), 1, {", ".join(f"sum(usage.{name})" for name in SUMS)}
    FROM usage JOIN sessions USING (machine_id, session_id)
    WHERE usage.session_id = ? AND usage.machine_id = ? AND usage.witness = {COUNTS}
    GROUP BY usage.model HAVING sum(usage.requests) > 0
    """
    return sql, [session_id, machine_id]


def models_of(
    connection: apsw.Connection, machine_id: str, session_id: str, columns: frozenset[str]
) -> list[UsageRow]:
    """See the storage protocol."""
    if not columns.issuperset(_PROMPT):
        return []
    rows = [usage_row(*row) for row in fetch(connection, *models_sql(machine_id, session_id, columns))]
    return dearest_first(rows)
