"""Usage by one dimension: one statement over the sums of requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import apsw

from mi6_tui.judge.fold import TOKENS
from mi6_tui.model import Usage, UsageQuery
from mi6_tui.model.session import project_of
from mi6_tui.model.usage import QUARTER
from mi6_tui.storage.sqlite.connection import fetch
from mi6_tui.storage.usage import COUNTS, SUMS, WITNESS, in_order, period_of, usage_row

_GROUPS: Final = {
    "hour": "period(usage.quarter)",
    "day": "period(usage.quarter)",
    "week": "period(usage.quarter)",
    "month": "period(usage.quarter)",
    "model": "nullif(usage.model, '')",
    "project": "project(sessions.github_repo, sessions.cwd)",
    "framework": "sessions.framework",
    "machine": "usage.machine_id",
    "session": "usage.session_id",
}
FOREIGN: Final = f"""
usage AS (
    SELECT session_id, machine_id, {WITNESS} AS witness,
        timestamp / {QUARTER} - (timestamp % {QUARTER} < 0) AS quarter,
        coalesce(model, '') AS model,
        count(*) AS requests, 0 AS incomplete,
        {", ".join(f"CAST(total({name}) AS INTEGER) AS {name}" for name in TOKENS[:4])},
        0 AS tokens_cache_write_1h, 0 AS tokens_reasoning,
        count(cost_usd) AS recorded, CAST(total(cost_usd) * 1e9 AS INTEGER) AS recorded_nano_usd,
        0 AS estimated, 0 AS estimated_nano_usd
    FROM events WHERE event_type = 'ApiRequest' GROUP BY 1, 2, 3, 4, 5
),
"""
"""Made from the events of a file that has no such sums."""


project_in_sql: Final[Callable[..., str | None]] = project_of


def usage(connection: apsw.Connection, query: UsageQuery, event_columns: frozenset[str]) -> Usage:
    """The rows and the total; see the storage protocol."""
    sums = ", ".join(f"sum({name})" for name in SUMS)
    machine = ", machine_id" if query.by == "session" else ""
    sql = f"""
    WITH {"" if "cost_estimated_usd" in event_columns else FOREIGN} counted AS MATERIALIZED (
        SELECT usage.*, {_GROUPS[query.by]} AS key
        FROM usage JOIN sessions USING (machine_id, session_id)
        WHERE usage.witness = {COUNTS} AND usage.quarter >= ? AND usage.quarter < ?
    )
    SELECT 0, key, count(DISTINCT machine_id || char(0) || session_id), {sums}
    FROM counted GROUP BY key{machine}
    UNION ALL
    SELECT 1, NULL, count(DISTINCT machine_id || char(0) || session_id), {sums} FROM counted
    """
    since = _NEVER[0] if query.since is None else query.since // QUARTER
    until = _NEVER[1] if query.until is None else query.until // QUARTER
    connection.create_scalar_function("period", period_of(query), 1)
    connection.create_scalar_function("project", project_in_sql, 2)
    found = fetch(connection, sql, (since, until))
    rows = [usage_row(*row) for is_total, *row in found if not is_total]
    (total,) = (usage_row(*row) for is_total, *row in found if is_total)
    return in_order(query, rows, total)


_NEVER: Final = (-(2**62), 2**62)
"""Quarters before and after all others."""
