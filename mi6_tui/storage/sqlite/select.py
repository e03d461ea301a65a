"""Questions in SQL to a store that is only read, and the views that they can rely on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any, Final

import apsw

from mi6_tui.errors import UsageError
from mi6_tui.model.usage import QUARTER
from mi6_tui.storage.selection import VIEWS, Selection, apart, refused
from mi6_tui.storage.sqlite.connection import BUSY_TIMEOUT, connect
from mi6_tui.storage.sqlite.errors import translated
from mi6_tui.storage.sqlite.opening import open_file
from mi6_tui.storage.sqlite.stats import project_in_sql
from mi6_tui.storage.usage import COUNTS, WITNESS

# They are temporary: a view in the file that names `events` or `sessions` would break a program that rebuilds
# these tables, as the original does.
_VIEWS: Final = f"""
CREATE TEMP VIEW v_sessions AS
SELECT session_id, machine_id, framework, project(github_repo, cwd) AS project, title, status,
    status_shown, status_detail, model, first_started_at, last_activity, last_ended_at, message_count,
    tool_call_count, api_request_count, incomplete_requests, tokens_input, tokens_output,
    tokens_cache_read, tokens_cache_write, cost_usd, cost_recorded_usd, cost_estimated_usd,
    unpriced_requests, context, context_window, cwd, git_branch, transcript_path
FROM main.sessions;

CREATE TEMP VIEW v_requests AS
SELECT events.id, events.session_id, events.machine_id, sessions.framework,
    project(sessions.github_repo, sessions.cwd) AS project, events.timestamp, events.model,
    events.tokens_input, events.tokens_output, events.tokens_cache_read, events.tokens_cache_write,
    events.tokens_cache_write_1h, events.tokens_reasoning, events.tokens_incomplete IS 1 AS incomplete,
    coalesce(events.cost_usd, events.cost_estimated_usd) AS cost_usd,
    CASE WHEN events.cost_usd IS NOT NULL THEN 'recorded'
         WHEN events.cost_estimated_usd IS NOT NULL THEN 'estimated' END AS cost_source,
    events.price_id, events.outcome, events.is_sidechain IS 1 AS subagent, events.agent_id,
    coalesce(files.path, events.transcript_path) AS transcript_path, events.byte_offset, events.byte_length
FROM main.events JOIN main.sessions USING (machine_id, session_id)
    LEFT JOIN main.files ON files.id = events.file_id
WHERE events.event_type = 'ApiRequest' AND {WITNESS} = {COUNTS};

CREATE TEMP VIEW v_usage_by_day AS
SELECT date(usage.quarter * {QUARTER // 1000}, 'unixepoch') AS day, usage.session_id, usage.machine_id,
    sessions.framework, project(sessions.github_repo, sessions.cwd) AS project,
    nullif(usage.model, '') AS model, sum(requests) AS api_request_count,
    sum(incomplete) AS incomplete_requests, sum(usage.tokens_input) AS tokens_input,
    sum(usage.tokens_output) AS tokens_output, sum(usage.tokens_cache_read) AS tokens_cache_read,
    sum(usage.tokens_cache_write) AS tokens_cache_write,
    CASE WHEN sum(recorded + estimated) > 0
         THEN sum(recorded_nano_usd + estimated_nano_usd) / 1e9 END AS cost_usd,
    sum(requests - recorded - estimated) AS unpriced_requests
FROM main.usage JOIN main.sessions USING (machine_id, session_id)
WHERE usage.witness = {COUNTS} GROUP BY day, usage.machine_id, usage.session_id, usage.model;

CREATE TEMP VIEW v_tool_calls AS
SELECT call.id, call.session_id, call.machine_id, call.framework, call.tool_name, call.tool_use_id,
    call.timestamp AS started_at, done.timestamp AS ended_at, done.duration_ms, done.outcome,
    call.subagent_type, call.is_sidechain IS 1 AS subagent, call.preview
FROM main.events AS call LEFT JOIN main.events AS done
    ON done.tool_use_id = call.tool_use_id AND done.session_id = call.session_id
    AND done.machine_id = call.machine_id AND done.event_type = 'PostToolUse'
WHERE call.event_type = 'PreToolUse';
"""
_ALLOWED: Final = frozenset(
    {apsw.SQLITE_SELECT, apsw.SQLITE_READ, apsw.SQLITE_FUNCTION, apsw.SQLITE_RECURSIVE}
)
_STEPS: Final = 100_000
"""Steps of SQLite's machine between two looks at whether the user pressed Ctrl-C."""


@contextmanager
def selected(path: str | PathLike[str], sql: str) -> Iterator[Selection]:
    """The answer of the store at `path` to one SELECT; read its rows before the context ends.

    UsageError for what is no SQL, RefusedError for what would not only read, StorageError for the store.
    """
    where = Path(path).absolute()
    with translated(where):
        layout = open_file(where, read_only=True, busy_timeout=BUSY_TIMEOUT)
        views = VIEWS if "price_id" in layout.events else ()
        connection = connect(where, writable=False)
    try:
        with translated(where), _told_to_the_user(views):
            connection.create_scalar_function("project", project_in_sql, 2, deterministic=True)
            if views:
                connection.execute(_VIEWS)
            connection.authorizer = _only_reading
            connection.set_progress_handler(lambda: False, _STEPS)
            columns, cursor = _answer(connection, sql)
        yield Selection(columns, _rows(cursor, where, views))
    finally:
        connection.close()


def _rows(cursor: apsw.Cursor, where: Path, views: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    # Around each row alone: what goes wrong where they are printed is not the store's fault.
    with translated(where), _told_to_the_user(views):
        yield from cursor


def _answer(connection: apsw.Connection, sql: str) -> tuple[tuple[str, ...], apsw.Cursor]:
    cursor = connection.cursor()
    columns: tuple[str, ...] = ()
    statements = 0

    def note(_: apsw.Cursor, statement: str, __: object) -> bool:
        nonlocal columns, statements
        statements += 1
        if statements > 1:
            raise UsageError("that is more than one statement", "give one SELECT")
        columns = apart([column[0] for column in cursor.get_description()])
        return True

    cursor.exec_trace = note
    cursor.execute(sql)
    if not columns:
        raise UsageError("there is no question", "give one SELECT")
    return columns, cursor


def _only_reading(action: int, *about: object) -> int:
    return apsw.SQLITE_OK if action in _ALLOWED else apsw.SQLITE_DENY


@contextmanager
def _told_to_the_user(views: Sequence[str]) -> Iterator[None]:
    try:
        yield
    except apsw.AuthError as error:
        raise refused(str(error)) from error
    except (apsw.SQLError, apsw.BindingsError, apsw.TooBigError, apsw.MismatchError) as error:
        hint = f"there are {', '.join(views)}" if views and "no such table" in str(error) else ""
        raise UsageError(str(error), hint) from error
