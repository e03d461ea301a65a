"""The latest word of each machine; sessions do not refer to it, for a machine may have none."""

from __future__ import annotations

from typing import Final

import apsw

_TABLE: Final = """
CREATE TABLE machines (
    machine_id TEXT NOT NULL PRIMARY KEY,
    seen_at INTEGER NOT NULL,
    skew_ms INTEGER,
    way TEXT NOT NULL,
    address TEXT,
    problem TEXT
)
"""


def apply(connection: apsw.Connection) -> None:
    """Make the table."""
    connection.execute(_TABLE)
