"""A close look at one session: stretches of its events, and sums by tool, file and model."""

from __future__ import annotations

from typing import Any, Final

from mi6_tui.model import ContextPoint, EventType, FileTouch, TimelineQuery, ToolUse, UsageRow
from mi6_tui.model.session_reads import FAILURES, REPEATED
from mi6_tui.storage.answers import file_touch_of, listed, tool_use_of
from mi6_tui.storage.postgres.connection import Connection, fetch
from mi6_tui.storage.usage import COUNTS, SUMS, dearest_first, requests_witness, usage_row, witness_of

Sql = tuple[str, list[Any]]


_OF_SESSION: Final = "FROM sessions WHERE session_id = %s AND machine_id = %s"
_TALK: Final = f"(SELECT CASE WHEN transcript_available THEN 'transcript' ELSE 'hook' END {_OF_SESSION})"
"""Whose tool calls count for a session, as in judge.project."""
_REQUESTS: Final = requests_witness(_OF_SESSION)
"""Whose requests count, by the events that are left."""


def timeline_sql(query: TimelineQuery) -> Sql:
    """What follows `SELECT ... FROM events`; newest first unless the stretch goes `after` a moment."""
    conditions = ["events.session_id = %s", "events.machine_id = %s"]
    values: list[Any] = [query.session_id, query.machine_id]
    if query.event_types:
        wanted = "events.event_type = ANY(%s)"
        if query.failed_calls:
            failed = (
                f"events.event_type = '{EventType.POST_TOOL_USE}' AND events.outcome IN ({listed(FAILURES)})"
            )
            wanted = f"({wanted} OR {failed})"
        conditions.append(wanted)
        values.append(list(query.event_types))
    if query.without_repeats:
        repeated = f"events.source IS NOT DISTINCT FROM 'hook' AND events.event_type IN ({listed(REPEATED)})"
        conditions.append(f"NOT ({repeated})")
    if query.counted:
        conditions.append(f"{witness_of('events')} = {_REQUESTS}")
        values += (query.session_id, query.machine_id)
    if query.stored_after is not None:
        conditions.append("events.id > %s")
        values.append(query.stored_after)
    direction = "DESC"
    if query.before is not None:
        conditions.append("(events.timestamp, events.id) < (%s, %s)")
        values += query.before
    elif query.after is not None:
        conditions.append("(events.timestamp, events.id) > (%s, %s)")
        values += query.after
        direction = "ASC"
    # By id where few are new: by time the whole session would be walked again.
    by_id = query.stored_after is not None
    order = "events.id DESC" if by_id else f"events.timestamp {direction}, events.id {direction}"
    return f" WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT %s", [*values, query.limit]


_CALLS: Final = f"""
FROM events AS call LEFT JOIN events AS done ON done.id = (
    SELECT max(result.id) FROM events AS result
    WHERE result.tool_use_id = call.tool_use_id AND result.session_id = call.session_id
    AND result.machine_id = call.machine_id AND result.event_type = '{EventType.POST_TOOL_USE}'
    AND {witness_of("result")} = {witness_of("call")})
WHERE call.session_id = %s AND call.machine_id = %s AND call.event_type = '{EventType.PRE_TOOL_USE}'
AND {witness_of("call")} = {_TALK}
"""
"""Each call with its result, as far as both are there; values: session and machine, twice."""
_TOOK: Final = "coalesce(done.duration_ms, greatest(0, done.timestamp - call.timestamp))"
_SLOWEST: Final = f"ORDER BY {_TOOK} DESC NULLS LAST, call.id"
TOOLS: Final = f"""
SELECT call.tool_name, count(*), count(*) FILTER (WHERE done.outcome = 'error'),
    count(*) FILTER (WHERE done.outcome = 'denied'), count(*) FILTER (WHERE done.outcome = 'interrupted'),
    count(*) FILTER (WHERE done.id IS NULL), count(done.id),
    CASE WHEN count(done.id) = 0 THEN 0 ELSE sum({_TOOK}) END::bigint, count(done.duration_ms),
    max(CASE WHEN done.id IS NOT NULL THEN {_TOOK} END),
    (array_agg(call.timestamp {_SLOWEST}))[1], (array_agg(call.id {_SLOWEST}))[1],
    (array_agg(call.preview {_SLOWEST}))[1]
{_CALLS}
GROUP BY call.tool_name ORDER BY 2 DESC, 1 NULLS FIRST
"""
_FAILED: Final = f"coalesce(done.outcome, '') IN ({listed(FAILURES)})"
FILES: Final = f"""
SELECT call.preview, count(*) FILTER (WHERE NOT {_FAILED}), count(*) FILTER (WHERE {_FAILED}),
    max(call.timestamp), (array_agg(call.tool_name ORDER BY call.timestamp DESC, call.id DESC))[1]
{_CALLS} AND call.tool_name = ANY(%s) AND call.preview > ''
GROUP BY call.preview ORDER BY 4 DESC, 1
"""
CONTEXT: Final = f"""
SELECT timestamp, CASE WHEN event_type = '{EventType.COMPACTION}' THEN context_size
        WHEN coalesce(tokens_input, tokens_cache_read, tokens_cache_write) IS NOT NULL
        THEN coalesce(tokens_input, 0) + coalesce(tokens_cache_read, 0) + coalesce(tokens_cache_write, 0) END,
    event_type = '{EventType.COMPACTION}'
FROM events WHERE session_id = %s AND machine_id = %s
AND (event_type = '{EventType.COMPACTION}'
     OR (event_type = '{EventType.API_REQUEST}' AND {witness_of("events")} = {_REQUESTS}))
AND is_sidechain IS NOT TRUE ORDER BY timestamp, id
"""
MODELS: Final = f"""
SELECT nullif(usage.model, ''), 1, {", ".join(f"sum(usage.{name})::bigint" for name in SUMS)}
FROM usage JOIN sessions USING (machine_id, session_id)
WHERE usage.session_id = %s AND usage.machine_id = %s AND usage.witness = {COUNTS}
GROUP BY usage.model HAVING sum(usage.requests) > 0
"""


def tools_of(connection: Connection, machine_id: str, session_id: str) -> list[ToolUse]:
    """See the storage protocol."""
    return [tool_use_of(row) for row in fetch(connection, TOOLS, [session_id, machine_id] * 2)]


def files_of(
    connection: Connection, machine_id: str, session_id: str, tools: tuple[str, ...]
) -> list[FileTouch]:
    """See the storage protocol."""
    rows = fetch(connection, FILES, [*[session_id, machine_id] * 2, tools])
    return [file_touch_of(row) for row in rows]


def context_of(connection: Connection, machine_id: str, session_id: str) -> list[ContextPoint]:
    """See the storage protocol."""
    rows = fetch(connection, CONTEXT, [session_id, machine_id] * 2)
    return [ContextPoint(at, tokens, compaction) for at, tokens, compaction in rows]


def models_of(connection: Connection, machine_id: str, session_id: str) -> list[UsageRow]:
    """See the storage protocol."""
    rows = fetch(connection, MODELS, (session_id, machine_id))
    return dearest_first(usage_row(*row) for row in rows)
