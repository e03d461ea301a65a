"""Usage by one dimension, over the sums of requests."""

from __future__ import annotations

from typing import Any, Final

from mi6_tui.model import Usage, UsageQuery
from mi6_tui.model.usage import QUARTER
from mi6_tui.storage.postgres.connection import Connection, fetch
from mi6_tui.storage.usage import COUNTS, PERIODS, SUMS, in_order, period_of, usage_row

_PLACE: Final = "coalesce(nullif(sessions.github_repo, ''), nullif(sessions.cwd, ''))"
_GROUPS: Final = {
    **dict.fromkeys(PERIODS, "named.period"),
    "model": "nullif(usage.model, '')",
    # As model.session.project_of.
    "project": f"coalesce(nullif(regexp_replace(rtrim({_PLACE}, '/'), '^.*/', ''), ''), {_PLACE})",
    "framework": "sessions.framework",
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
    sums = ", ".join(f"sum({name})::bigint" for name in SUMS)
    sessions = "count(DISTINCT (machine_id, session_id))"
    machine = ", machine_id" if query.by == "session" else ""
    sql = f"""
    WITH counted AS MATERIALIZED (
        SELECT usage.*, {_GROUPS[query.by]} AS key
        FROM usage JOIN sessions USING (machine_id, session_id) {_NAMED if names else ""}
        WHERE usage.witness = {COUNTS} AND {_WITHIN}
    )
    SELECT false, key, {sessions}, {sums} FROM counted GROUP BY key{machine}
    UNION ALL SELECT true, NULL, {sessions}, {sums} FROM counted
    """
    found = fetch(connection, sql, [*names, *bounds])
    rows = [usage_row(*row) for is_total, *row in found if not is_total]
    (total,) = (usage_row(*row) for is_total, *row in found if is_total)
    return in_order(query, rows, total)
