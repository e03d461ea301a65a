"""A file as the original leaves it: its tables at version 19, written down from its documentation."""

from pathlib import Path
from typing import Any

import apsw

EVENT_COLUMNS = {
    "id": "INTEGER",
    "machine_id": "TEXT",
    "timestamp": "INTEGER",
    "event_type": "TEXT",
    "session_id": "TEXT",
    "framework": "TEXT",
    "tool_use_id": "TEXT",
    "spawned_agent_id": "TEXT",
    "tool_name": "TEXT",
    "subagent_type": "TEXT",
    "permission_mode": "TEXT",
    "transcript_path": "TEXT",
    "pid": "INTEGER",
    "cwd": "TEXT",
    "git_branch": "TEXT",
    "model": "TEXT",
    "tokens_input": "INTEGER",
    "tokens_output": "INTEGER",
    "tokens_cache_read": "INTEGER",
    "tokens_cache_write": "INTEGER",
    "cost_usd": "REAL",
    "duration_ms": "INTEGER",
    "payload": "TEXT",
    "metadata": "TEXT",
    "source": "TEXT",
    "is_sidechain": "INTEGER",
}
_COUNTERS = (
    "revival_count",
    "compaction_count",
    "message_count",
    "tool_call_count",
    "api_request_count",
    "api_error_count",
    "tokens_input",
    "tokens_output",
    "tokens_cache_read",
    "tokens_cache_write",
    "n_hook_events",
    "n_otel_events",
    "transcript_available",
)
SESSION_COLUMNS = {
    "machine_id": "TEXT",
    "session_id": "TEXT",
    "framework": "TEXT",
    "first_started_at": "INTEGER",
    "last_started_at": "INTEGER",
    "last_activity": "INTEGER",
    "first_ended_at": "INTEGER",
    "last_ended_at": "INTEGER",
    "revival_count": "INTEGER",
    "status": "TEXT",
    "status_updated_at": "INTEGER",
    "pid": "INTEGER",
    "process_start_time": "INTEGER",
    "cwd": "TEXT",
    "local_git_dir": "TEXT",
    "git_branch": "TEXT",
    "git_worktree_path": "TEXT",
    "github_repo": "TEXT",
    "github_issue": "INTEGER",
    "github_pr": "INTEGER",
    "first_user_message": "TEXT",
    "last_user_message": "TEXT",
    "model": "TEXT",
    "compaction_count": "INTEGER",
    "message_count": "INTEGER",
    "tool_call_count": "INTEGER",
    "api_request_count": "INTEGER",
    "api_error_count": "INTEGER",
    "tokens_input": "INTEGER",
    "tokens_output": "INTEGER",
    "tokens_cache_read": "INTEGER",
    "tokens_cache_write": "INTEGER",
    "cost_usd": "REAL",
    "context": "INTEGER",
    "n_hook_events": "INTEGER",
    "n_otel_events": "INTEGER",
    "transcript_available": "INTEGER",
    "transcript_path": "TEXT",
    "git_additions": "INTEGER",
    "git_deletions": "INTEGER",
}
POSITION_COLUMNS = {
    "file_path": "TEXT",
    "byte_offset": "INTEGER",
    "line_number": "INTEGER",
    "last_uuid": "TEXT",
    "updated_at": "INTEGER",
}


def write_original(path: Path, *, version: int | None = 19) -> None:
    """Two sessions with three events between them, and one position."""
    events = ", ".join(
        f"{name} {kind}{' PRIMARY KEY' if name == 'id' else ''}" for name, kind in EVENT_COLUMNS.items()
    )
    sessions = ", ".join(
        f"{name} {kind}{' NOT NULL DEFAULT 0' if name in _COUNTERS else ''}"
        for name, kind in SESSION_COLUMNS.items()
    )
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"CREATE TABLE events ({events})")
    connection.execute(f"CREATE TABLE sessions ({sessions}, PRIMARY KEY (machine_id, session_id))")
    connection.execute(
        "CREATE TABLE transcript_positions (file_path TEXT PRIMARY KEY, "
        "byte_offset INTEGER NOT NULL DEFAULT 0, line_number INTEGER NOT NULL DEFAULT 0, "
        "last_uuid TEXT, updated_at INTEGER NOT NULL)"
    )
    connection.execute(
        "CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL)"
    )
    if version is not None:
        connection.execute("INSERT INTO schema_version VALUES (?, 0)", (version,))
    base = {"machine_id": "m", "framework": "claude", "source": "hook"}
    _insert(connection, "events", base, session_id="a", timestamp=1_000, event_type="UserPromptSubmit")
    _insert(connection, "events", base, session_id="a", timestamp=2_000, event_type="Stop", pid=7)
    _insert(
        connection,
        "events",
        base | {"source": "transcript"},
        session_id="b",
        timestamp=3_000,
        event_type="ApiRequest",
        tokens_input=10,
        tokens_output=5,
        is_sidechain=0,
        metadata='{"parent_uuid":"p","uuid":"u-1"}',
        transcript_path="/t/b.jsonl",
    )
    times = {"first_started_at": 1_000, "last_started_at": 1_000, "last_activity": 2_000}
    about = {"machine_id": "m", "framework": "claude"} | times
    _insert(connection, "sessions", about, session_id="a", status="IDLE", status_updated_at=2_000, pid=7)
    _insert(
        connection,
        "sessions",
        about,
        session_id="b",
        last_activity=3_000,
        status="busy",
        model="claude-opus-4-1",
        context=10,
        tokens_input=10,
        tokens_output=5,
        api_request_count=1,
        transcript_available=1,
        last_ended_at=3_000,
        cost_usd=0.5,
    )
    connection.execute("INSERT INTO transcript_positions VALUES ('/t/b.jsonl', 100, 2, 'u-1', 3000)")
    connection.close()


def _insert(connection: apsw.Connection, table: str, base: dict[str, Any], **values: Any) -> None:
    row = base | values
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table}({names}) VALUES ({marks})", tuple(row.values()))


def execute(path: Path, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run a statement on a file on its own connection."""
    connection = apsw.Connection(str(path))
    try:
        return connection.execute(sql, values).fetchall()
    finally:
        connection.close()
