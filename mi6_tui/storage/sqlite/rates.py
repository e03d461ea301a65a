"""Tokens by minute: one statement over the events of the last minutes, by the index of their times."""

from __future__ import annotations

from typing import Final

import apsw

from mi6_tui.judge.fold import TOKENS
from mi6_tui.model import EventType
from mi6_tui.model.rates import MINUTE, Rates
from mi6_tui.storage.answers import rates_of
from mi6_tui.storage.sqlite.connection import fetch
from mi6_tui.storage.usage import COUNTS, WITNESS

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
    rows = fetch(connection, rates_sql(event_columns), (since, until))
    return rates_of(rows, since, until)
