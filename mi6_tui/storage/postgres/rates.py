"""Tokens by minute: one statement over the events of the last minutes, by the index of their times."""

from __future__ import annotations

from typing import Final

from mi6_tui.judge.fold import TOKENS
from mi6_tui.model import EventType
from mi6_tui.model.rates import MINUTE, Rates
from mi6_tui.storage.answers import rates_of
from mi6_tui.storage.postgres.connection import Connection, fetch
from mi6_tui.storage.usage import COUNTS, WITNESS

_TOTAL: Final = " + ".join(f"coalesce({name}, 0)" for name in TOKENS[:4])
RATES: Final = f"""
WITH recent AS MATERIALIZED (
    SELECT machine_id, session_id, (timestamp - %s) / {MINUTE} AS minute, {WITNESS} AS witness,
        sum({_TOTAL})::bigint AS tokens, count(*) FILTER (WHERE tokens_incomplete) AS incomplete
    FROM events
    WHERE timestamp >= %s AND timestamp < %s AND event_type = '{EventType.API_REQUEST}'
    GROUP BY 1, 2, 3, 4
)
SELECT machine_id, session_id, minute, tokens, incomplete
FROM recent JOIN sessions USING (machine_id, session_id) WHERE recent.witness = {COUNTS}
"""
"""Machine, session, minute, tokens, incomplete requests; values: `since` twice and `until`, ms."""


def rates(connection: Connection, since: int, until: int) -> Rates:
    """See the storage protocol."""
    return rates_of(fetch(connection, RATES, (since, since, until)), since, until)
