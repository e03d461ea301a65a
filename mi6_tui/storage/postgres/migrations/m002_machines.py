"""The latest word of each machine; sessions do not refer to it, for a machine may have none."""

from __future__ import annotations

from typing import Final

# Written over and over: room in each page lets a row stay in its place.
SQL: Final = """
CREATE TABLE machines (
    machine_id text COLLATE "C" PRIMARY KEY,
    seen_at bigint NOT NULL,
    skew_ms bigint,
    way text COLLATE "C" NOT NULL,
    address text COLLATE "C",
    problem text COLLATE "C"
) WITH (fillfactor = 50)
"""
