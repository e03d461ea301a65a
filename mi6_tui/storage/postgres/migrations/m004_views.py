"""The views that whoever asks in SQL can rely on: columns and units as those of a store in a file."""

from __future__ import annotations

from typing import Final

from mi6_tui.model.usage import QUARTER
from mi6_tui.storage.postgres.stats import PROJECT
from mi6_tui.storage.usage import COUNTS, WITNESS

_SECONDS: Final = QUARTER // 1000
_CALENDAR: Final = (-62_135_596_800 // _SECONDS, 253_402_300_799 // _SECONDS)
"""The first quarter of the year 1, and the last of the year 9999."""

SQL: Final = f"""
CREATE VIEW v_sessions AS
SELECT session_id, machine_id, framework, {PROJECT} AS project, title, status,
    status_shown, status_detail, model, first_started_at, last_activity, last_ended_at, message_count,
    tool_call_count, api_request_count, incomplete_requests, tokens_input, tokens_output,
    tokens_cache_read, tokens_cache_write, cost_usd, cost_recorded_usd, cost_estimated_usd,
    unpriced_requests, context, context_window, cwd, git_branch, transcript_path
FROM sessions;

CREATE VIEW v_requests AS
SELECT events.id, events.session_id, events.machine_id, sessions.framework, {PROJECT} AS project,
    events.timestamp, events.model, events.tokens_input, events.tokens_output, events.tokens_cache_read,
    events.tokens_cache_write, events.tokens_cache_write_1h, events.tokens_reasoning,
    (events.tokens_incomplete IS TRUE)::int AS incomplete,
    coalesce(events.cost_usd, events.cost_estimated_usd) AS cost_usd,
    CASE WHEN events.cost_usd IS NOT NULL THEN 'recorded'
         WHEN events.cost_estimated_usd IS NOT NULL THEN 'estimated' END AS cost_source,
    events.price_id, events.outcome, (events.is_sidechain IS TRUE)::int AS subagent, events.agent_id,
    coalesce(files.path, events.transcript_path) AS transcript_path, events.byte_offset, events.byte_length
FROM events JOIN sessions USING (machine_id, session_id) LEFT JOIN files ON files.id = events.file_id
WHERE events.event_type = 'ApiRequest' AND {WITNESS} = {COUNTS};

CREATE VIEW v_usage_by_day AS
SELECT CASE WHEN usage.quarter BETWEEN {_CALENDAR[0]} AND {_CALENDAR[1]} THEN
        to_char(to_timestamp(usage.quarter * {_SECONDS}) AT TIME ZONE 'UTC', 'YYYY-MM-DD') END AS day,
    sessions.session_id, sessions.machine_id, sessions.framework, {PROJECT} AS project,
    nullif(usage.model, '') AS model, sum(requests)::bigint AS api_request_count,
    sum(incomplete)::bigint AS incomplete_requests, sum(usage.tokens_input)::bigint AS tokens_input,
    sum(usage.tokens_output)::bigint AS tokens_output,
    sum(usage.tokens_cache_read)::bigint AS tokens_cache_read,
    sum(usage.tokens_cache_write)::bigint AS tokens_cache_write,
    CASE WHEN sum(recorded + estimated) > 0
         THEN sum(recorded_nano_usd + estimated_nano_usd)::double precision / 1e9 END AS cost_usd,
    sum(requests - recorded - estimated)::bigint AS unpriced_requests
FROM usage JOIN sessions USING (machine_id, session_id)
WHERE usage.witness = {COUNTS} GROUP BY day, sessions.machine_id, sessions.session_id, usage.model;

CREATE VIEW v_tool_calls AS
SELECT call.id, call.session_id, call.machine_id, call.framework, call.tool_name, call.tool_use_id,
    call.timestamp AS started_at, done.timestamp AS ended_at, done.duration_ms, done.outcome,
    call.subagent_type, (call.is_sidechain IS TRUE)::int AS subagent, call.preview
FROM events AS call LEFT JOIN events AS done
    ON done.tool_use_id = call.tool_use_id AND done.session_id = call.session_id
    AND done.machine_id = call.machine_id AND done.event_type = 'PostToolUse'
WHERE call.event_type = 'PreToolUse';
"""
