"""The way in for machines that forward what they recorded.

A name of its own tells a store from one that was emptied or made anew. It stands in the comment on `inbox`,
where also a user who may read no table finds it.
"""

from __future__ import annotations

from typing import Final

SQL: Final = """
-- Of each machine's store, the number of the last parcel that was merged.
CREATE TABLE forwarded (
    origin text COLLATE "C" PRIMARY KEY,
    machine_id text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL
);

-- Parcels of users who may do nothing but leave them here.
CREATE TABLE inbox (
    -- The server's own: nobody can take the number of another one's parcel.
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    machine_id text COLLATE "C" NOT NULL CHECK (octet_length(machine_id) BETWEEN 1 AND 255),
    sent_at bigint NOT NULL,
    received_at bigint NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
    payload bytea NOT NULL CHECK (octet_length(payload) <= 33554432)
);

-- Parcels that cannot be merged, and why.
CREATE TABLE inbox_refused (
    id bigint PRIMARY KEY,
    machine_id text COLLATE "C" NOT NULL,
    sent_at bigint NOT NULL,
    received_at bigint NOT NULL,
    payload bytea NOT NULL,
    reason text COLLATE "C" NOT NULL
);

DO $$ BEGIN EXECUTE format('COMMENT ON TABLE inbox IS %L', gen_random_uuid()); END $$;
"""
