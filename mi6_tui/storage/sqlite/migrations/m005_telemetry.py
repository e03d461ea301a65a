"""What the clients' telemetry told; apart from events, so that no sum can ever meet it."""

from __future__ import annotations

from typing import Final

import apsw

_TABLE: Final = """
CREATE TABLE telemetry (
    identity TEXT NOT NULL PRIMARY KEY,
    machine_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    told TEXT NOT NULL
);
CREATE INDEX idx_telemetry_session ON telemetry(session_id);
CREATE INDEX idx_telemetry_received ON telemetry(received_at);
"""


def apply(connection: apsw.Connection) -> None:
    """Make the table."""
    connection.execute(_TABLE)
