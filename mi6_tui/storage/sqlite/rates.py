"""Tokens by minute: one statement over the events of the last minutes, by the index of their times."""

from __future__ import annotations

from typing import Any, Final

import apsw

from mi6_tui.judge.fold import TOKENS
from mi6_tui.model import EventType
from mi6_tui.model.rates import MINUTE, Rate, Rates, minutes_in
from mi6_tui.storage.sqlite.connection import fetch
from mi6_tui.storage.sqlite.stats import COUNTS, WITNESS

_TOTAL: Final = " + ".join(f"coalesce({name}, 0)" for name in TOKENS[:4])
_OTEL: Final = "SELECT 1 FROM usage AS other"
_OTEL_OF_FOREIGN: Final = f"SELECT 1 FROM (SELECT *, {WITNESS} AS witness FROM events) AS other"
"""Of a file that has no sums of usage."""


def rates_sql(event_columns: frozenset[str]) -> str:
    """Machine, session, minute, tokens, incomplete requests; `?1` to `?2` in ms."""
    ours = "tokens_incomplete" in event_columns
    counts = COUNTS if ours else COUNTS.replace(_OTEL, _OTEL_OF_FOREIGN)
    return f"""
    WITH recent AS MATERIALIZED (
        SELECT machine_id, session_id, CAST((timestamp - ?1) / {MINUTE} AS INTEGER) AS minute,
            {WITNESS} AS witness,
            CAST(max(0, total({_TOTAL})) AS INTEGER) AS tokens,
            {"count(*) FILTER (WHERE tokens_incomplete)" if ours else "0"} AS incomplete
        FROM events
        WHERE timestamp >= ?1 AND timestamp < ?2 AND event_type = '{EventType.API_REQUEST}'
        GROUP BY 1, 2, 3, 4
    )
    SELECT machine_id, session_id, minute, tokens, incomplete
    FROM recent JOIN sessions USING (machine_id, session_id) WHERE recent.witness = {counts}
    """


def rates(connection: apsw.Connection, since: int, until: int, event_columns: frozenset[str]) -> Rates:
    """See the storage protocol."""
    minutes: dict[tuple[str, str], list[int]] = {}
    incomplete: dict[tuple[str, str], int] = {}
    rows: list[tuple[Any, ...]] = fetch(connection, rates_sql(event_columns), (since, until))
    for machine_id, session_id, minute, tokens, missing in rows:
        key = machine_id, session_id
        minutes.setdefault(key, [0] * minutes_in(since, until))[minute] += tokens
        incomplete[key] = incomplete.get(key, 0) + missing
    return Rates(
        since=since,
        until=until,
        sessions={key: Rate(tuple(counted), incomplete[key]) for key, counted in minutes.items()},
    )
