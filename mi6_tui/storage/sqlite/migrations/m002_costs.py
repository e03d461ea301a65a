"""Estimated costs, and the usage of all requests by quarter of an hour, which outlives their events."""

from __future__ import annotations

from typing import Final

import apsw

_COLUMNS: Final = """
ALTER TABLE events ADD COLUMN price_terms TEXT;
ALTER TABLE events ADD COLUMN cost_estimated_usd REAL;
ALTER TABLE events ADD COLUMN price_id TEXT;
ALTER TABLE sessions ADD COLUMN cost_recorded_usd REAL;
ALTER TABLE sessions ADD COLUMN cost_estimated_usd REAL;
ALTER TABLE sessions ADD COLUMN unpriced_requests INTEGER;
ALTER TABLE sessions ADD COLUMN cost_client_usd REAL;
"""

_TABLES: Final = """
-- Sums over the requests that a session owns, by who witnessed them; deleted requests stay in.
CREATE TABLE usage (
    session_id TEXT NOT NULL,
    machine_id TEXT NOT NULL,
    witness TEXT NOT NULL,
    quarter INTEGER NOT NULL,
    model TEXT NOT NULL,
    requests INTEGER NOT NULL,
    incomplete INTEGER NOT NULL,
    tokens_input INTEGER NOT NULL,
    tokens_output INTEGER NOT NULL,
    tokens_cache_read INTEGER NOT NULL,
    tokens_cache_write INTEGER NOT NULL,
    tokens_cache_write_1h INTEGER NOT NULL,
    tokens_reasoning INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    recorded_nano_usd INTEGER NOT NULL,
    estimated INTEGER NOT NULL,
    estimated_nano_usd INTEGER NOT NULL,
    PRIMARY KEY (session_id, machine_id, witness, quarter, model)
) WITHOUT ROWID;

-- One row: the version of the price table that every estimate in the store was made with.
CREATE TABLE priced_with (version TEXT NOT NULL);
"""

_WITNESS: Final = (
    "CASE source WHEN 'transcript' THEN 'transcript' WHEN 'codex_session' THEN 'transcript' "
    "WHEN 'otel' THEN 'otel' ELSE 'hook' END"
)
_TOKENS: Final = (
    "tokens_input",
    "tokens_output",
    "tokens_cache_read",
    "tokens_cache_write",
    "tokens_cache_write_1h",
    "tokens_reasoning",
)
_FILL: Final = f"""
INSERT INTO usage
SELECT session_id, machine_id, {_WITNESS}, timestamp / 900000 - (timestamp % 900000 < 0), coalesce(model, ''),
    count(*), count(*) FILTER (WHERE tokens_incomplete),
    {", ".join(f"coalesce(sum({name}), 0)" for name in _TOKENS)},
    count(cost_usd), coalesce(sum(CAST(round(cost_usd * 1e9) AS INTEGER)), 0), 0, 0
FROM events WHERE event_type = 'ApiRequest' GROUP BY 1, 2, 3, 4, 5
"""

_SESSIONS: Final = """
UPDATE sessions SET cost_recorded_usd = cost_usd, unpriced_requests = max(0, api_request_count - (
    SELECT count(*) FROM events WHERE events.session_id = sessions.session_id
    AND events.machine_id = sessions.machine_id AND event_type = 'ApiRequest' AND cost_usd IS NOT NULL))
"""


def apply(connection: apsw.Connection) -> None:
    """Add the columns and tables; what the store holds is priced by the next scan."""
    for part in (_COLUMNS, _TABLES, _FILL, _SESSIONS):
        connection.execute(part)
