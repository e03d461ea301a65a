"""What a store remembers of those that it is forwarded to, and a name of its own among all stores."""

from __future__ import annotations

from typing import Final

import apsw

_TABLES: Final = """
-- One row: a store that was made anew has another.
CREATE TABLE store_identity (id TEXT NOT NULL);
INSERT INTO store_identity VALUES (lower(hex(randomblob(16))));

-- How far each of the others has what is here.
CREATE TABLE targets (
    target TEXT PRIMARY KEY,
    store TEXT,
    sequence INTEGER NOT NULL,
    event_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    deletion INTEGER NOT NULL,
    change INTEGER NOT NULL,
    thinned INTEGER NOT NULL
) WITHOUT ROWID;

-- What changed without a larger id or revision that would tell, in the order in which it did.
CREATE TABLE unsent (
    change INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    name BLOB NOT NULL,
    UNIQUE (kind, name)
);
CREATE INDEX idx_unsent_kind ON unsent(kind, change);
"""


def apply(connection: apsw.Connection) -> None:
    """Make the tables."""
    connection.execute(_TABLES)
