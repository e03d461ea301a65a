"""The first schema: tables and columns as in the SQLite file, in names and units.

Texts are ordered and compared byte by byte, as SQLite does it, whatever the database is set to. What SQLite
keeps as 0 and 1 is a boolean. The words that events are found by are a column of theirs; `counters` stands
for SQLite's own sequences.
"""

from __future__ import annotations

import re
from typing import Final

_SQL: Final = """
CREATE TABLE events (
    id bigint PRIMARY KEY,
    machine_id text NOT NULL,
    timestamp bigint NOT NULL,
    event_type text NOT NULL,
    session_id text NOT NULL,
    framework text,
    tool_use_id text,
    spawned_agent_id text,
    tool_name text,
    subagent_type text,
    permission_mode text,
    transcript_path text,
    pid bigint,
    cwd text,
    git_branch text,
    model text,
    tokens_input bigint,
    tokens_output bigint,
    tokens_cache_read bigint,
    tokens_cache_write bigint,
    cost_usd double precision,
    duration_ms bigint,
    payload text,
    metadata text,
    source text,
    is_sidechain boolean,

    key text,
    twin_key text,
    claim text,
    version text,
    uuid text,
    agent_id text,
    outcome text,
    preview text,
    tokens_cache_write_1h bigint,
    tokens_reasoning bigint,
    tokens_incomplete boolean,
    price_terms text,
    cost_estimated_usd double precision,
    price_id text,
    context_size bigint,
    byte_offset bigint,
    byte_length bigint,
    file_id bigint,
    twinned boolean,
    words tsvector
);

CREATE TABLE sessions (
    machine_id text NOT NULL,
    session_id text NOT NULL,
    framework text,
    first_started_at bigint NOT NULL,
    last_started_at bigint NOT NULL,
    last_activity bigint NOT NULL,
    first_ended_at bigint,
    last_ended_at bigint,
    revival_count bigint NOT NULL DEFAULT 0,
    status text,
    status_updated_at bigint,
    pid bigint,
    process_start_time bigint,
    cwd text,
    local_git_dir text,
    git_branch text,
    git_worktree_path text,
    github_repo text,
    github_issue bigint,
    github_pr bigint,
    git_additions bigint,
    git_deletions bigint,
    first_user_message text,
    last_user_message text,
    model text,
    compaction_count bigint NOT NULL DEFAULT 0,
    message_count bigint NOT NULL DEFAULT 0,
    tool_call_count bigint NOT NULL DEFAULT 0,
    api_request_count bigint NOT NULL DEFAULT 0,
    api_error_count bigint NOT NULL DEFAULT 0,
    tokens_input bigint NOT NULL DEFAULT 0,
    tokens_output bigint NOT NULL DEFAULT 0,
    tokens_cache_read bigint NOT NULL DEFAULT 0,
    tokens_cache_write bigint NOT NULL DEFAULT 0,
    cost_usd double precision,
    context bigint,
    n_hook_events bigint NOT NULL DEFAULT 0,
    n_otel_events bigint NOT NULL DEFAULT 0,
    transcript_available boolean NOT NULL DEFAULT false,
    transcript_path text,

    tokens_cache_write_1h bigint,
    tokens_reasoning bigint,
    incomplete_requests bigint,
    cost_recorded_usd double precision,
    cost_estimated_usd double precision,
    unpriced_requests bigint,
    cost_client_usd double precision,
    context_window bigint,
    title text,
    last_reply text,
    permission_mode text,
    client_version text,
    entrypoint text,
    subagent_count bigint,
    background_count bigint,
    status_detail text,
    status_shown text,
    status_reason text,
    status_since bigint,
    status_source text,
    status_confidence text,
    status_until bigint,
    status_rule text,
    seen_at bigint,
    terminal text,
    nickname text,
    tags text,
    pinned boolean,
    hidden boolean,
    revision bigint,
    PRIMARY KEY (machine_id, session_id)
);

CREATE TABLE transcript_positions (
    file_path text PRIMARY KEY,
    byte_offset bigint NOT NULL DEFAULT 0,
    line_number bigint NOT NULL DEFAULT 0,
    last_uuid text,
    updated_at bigint NOT NULL,
    framework text,
    device bigint,
    inode bigint,
    size bigint,
    mtime_ns bigint,
    head bytea,
    tail bytea,
    state bytea,
    malformed bigint,
    skipped bigint,
    unknown text
);

-- Where an event's line lies: events.file_id points here, so that a moved file is one changed row.
CREATE TABLE files (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    path text NOT NULL UNIQUE
);

-- What a session's row is computed from (judge.fold.SessionState as MessagePack).
CREATE TABLE session_state (
    machine_id text NOT NULL,
    session_id text NOT NULL,
    state bytea NOT NULL,
    PRIMARY KEY (machine_id, session_id)
);

-- Hashes of the identities of deleted events: read again, they must not count again.
CREATE TABLE tombstones (hash bytea PRIMARY KEY);

-- Sums over the requests that a session owns, by who witnessed them; deleted requests stay in.
CREATE TABLE usage (
    session_id text NOT NULL,
    machine_id text NOT NULL,
    witness text NOT NULL,
    quarter bigint NOT NULL,
    model text NOT NULL,
    requests bigint NOT NULL,
    incomplete bigint NOT NULL,
    tokens_input bigint NOT NULL,
    tokens_output bigint NOT NULL,
    tokens_cache_read bigint NOT NULL,
    tokens_cache_write bigint NOT NULL,
    tokens_cache_write_1h bigint NOT NULL,
    tokens_reasoning bigint NOT NULL,
    recorded bigint NOT NULL,
    recorded_nano_usd bigint NOT NULL,
    estimated bigint NOT NULL,
    estimated_nano_usd bigint NOT NULL,
    PRIMARY KEY (session_id, machine_id, witness, quarter, model)
);

-- What the clients' telemetry told; apart from events, so that no sum can ever meet it.
CREATE TABLE telemetry (
    identity text NOT NULL PRIMARY KEY,
    machine_id text NOT NULL,
    session_id text NOT NULL,
    at bigint NOT NULL,
    received_at bigint NOT NULL,
    told text NOT NULL
);

-- One row: the version of the price table that every estimate in the store was made with.
CREATE TABLE priced_with (version text NOT NULL);

-- One row, locked by every writing transaction: the largest event id and revision ever given, and how many
-- transactions changed something. So ids and revisions ascend in the order of commits.
CREATE TABLE counters (
    last_event_id bigint NOT NULL,
    last_revision bigint NOT NULL,
    changes bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO counters VALUES (0, 0, 0);

CREATE INDEX idx_events_timestamp ON events(timestamp, id);
CREATE INDEX idx_events_tool_use_id ON events(tool_use_id) WHERE tool_use_id IS NOT NULL;
CREATE INDEX idx_events_spawned_agent_id ON events(spawned_agent_id) WHERE spawned_agent_id IS NOT NULL;
CREATE INDEX idx_events_tool_name ON events(tool_name) WHERE tool_name IS NOT NULL;
CREATE INDEX idx_events_subagent_type ON events(subagent_type) WHERE subagent_type IS NOT NULL;
CREATE UNIQUE INDEX idx_events_key ON events(key) WHERE key IS NOT NULL;
CREATE INDEX idx_events_twin_key ON events(twin_key) WHERE twin_key IS NOT NULL;
CREATE INDEX idx_events_uuid ON events(uuid) WHERE uuid IS NOT NULL;
CREATE INDEX idx_events_session_timestamp ON events(session_id, timestamp, id);
CREATE INDEX idx_events_file_id ON events(file_id) WHERE file_id IS NOT NULL;
CREATE INDEX idx_events_words ON events USING gin (words) WHERE words IS NOT NULL;

CREATE INDEX idx_telemetry_session ON telemetry(session_id);
CREATE INDEX idx_telemetry_received ON telemetry(received_at);

CREATE INDEX idx_sessions_first_started_at ON sessions(first_started_at DESC, machine_id, session_id);
CREATE INDEX idx_sessions_last_activity ON sessions(last_activity DESC, machine_id, session_id);
CREATE INDEX idx_sessions_framework ON sessions(framework);
CREATE INDEX idx_sessions_status ON sessions(status);
CREATE INDEX idx_sessions_active ON sessions(last_activity) WHERE last_ended_at IS NULL;
CREATE INDEX idx_sessions_github_repo ON sessions(github_repo) WHERE github_repo IS NOT NULL;
CREATE INDEX idx_sessions_github_issue ON sessions(github_issue) WHERE github_issue IS NOT NULL;
CREATE INDEX idx_sessions_github_pr ON sessions(github_pr) WHERE github_pr IS NOT NULL;
CREATE INDEX idx_sessions_session_id ON sessions(session_id);
CREATE INDEX idx_sessions_pid ON sessions(pid) WHERE pid IS NOT NULL;
CREATE INDEX idx_sessions_revision ON sessions(revision);
CREATE INDEX idx_sessions_status_until ON sessions(status_until) WHERE status_until IS NOT NULL;
"""

SQL: Final = re.sub(r"(?m)^(    \w+ text)\b", r'\1 COLLATE "C"', _SQL)
