"""Usage by one dimension, over the sums of requests."""

from __future__ import annotations

from typing import Any, Final

from mi6_tui.model import Usage, UsageQuery
from mi6_tui.model.usage import QUARTER
from mi6_tui.storage.postgres.connection import Connection, fetch
from mi6_tui.storage.usage import COUNTS, PERIODS, SUMS, in_order, period_of, usage_row

_PLACE: Final = "coalesce(nullif(sessions.github_repo, ''), nullif(sessions.cwd, ''))"
PROJECT: Final = f"coalesce(nullif(regexp_replace(rtrim({_PLACE}, '/'), '^.*/', ''), ''), {_PLACE})"
"""As model.session.project_of."""
_GROUPS: Final = {
    **dict.fromkeys(PERIODS, "named.period"),
    "model": "nullif(usage.model, '')",
    "project": PROJECT,
    "framework": "sessions.framework",
    "machine": "usage.machine_id",
    "session": "usage.session_id",
}
_NAMED: Final = "JOIN unnest(%s::bigint[], %s::text[]) AS named(quarter, period) USING (quarter)"
_WITHIN: Final = "usage.quarter >= %s AND usage.quarter < %s"
_QUARTERS: Final = f"SELECT DISTINCT quarter FROM usage WHERE {_WITHIN}"
_NEVER: Final = (-(2**62), 2**62)
"""Quarters before and after all others."""


def usage(connection: Connection, query: UsageQuery) -> Usage:
    """The rows and the total; see the storage protocol."""
    bounds = (
        _NEVER[0] if query.since is None else query.since // QUARTER,
        _NEVER[1] if query.until is None else query.until // QUARTER,
    )
    names: list[Any] = []
    if query.by in PERIODS:
        # Where the days of a time zone begin is asked of Python: the server knows other zones.
        quarters = [quarter for (quarter,) in fetch(connection, _QUARTERS, bounds)]
        names = [quarters, list(map(period_of(query), quarters))]
    found = fetch(connection, usage_sql(query.by), [*names, *bounds])
    rows = [usage_row(*row) for is_total, *row in found if not is_total]
    (total,) = (usage_row(*row) for is_total, *row in found if is_total)
    return in_order(query, rows, total)


def usage_sql(by: str) -> str:
    """The statement; its rows are: whether it is the total, the key, the sessions, and SUMS.

    Sums up by session first: to count the distinct ones among all rows takes a sort of all of them.
    """
    machine = ", machine_id" if by == "session" else ""
    of_rows = ", ".join(f"sum(usage.{name})::bigint AS {name}" for name in SUMS)
    of_sessions = ", ".join(f"sum({name})::bigint" for name in SUMS)
    return f"""
    WITH counted AS MATERIALIZED (
        SELECT {_GROUPS[by]} AS key, machine_id, session_id, {of_rows}
        FROM usage JOIN sessions USING (machine_id, session_id) {_NAMED if by in PERIODS else ""}
        WHERE usage.witness = {COUNTS} AND {_WITHIN}
        GROUP BY 1, 2, 3
    )
    SELECT false, key, count(*), {of_sessions} FROM counted GROUP BY key{machine}
    UNION ALL SELECT true, NULL,
        (SELECT count(*) FROM (SELECT DISTINCT machine_id, session_id FROM counted) AS distinct_ones),
        {of_sessions} FROM counted
    """
