"""What a database says of itself, as values."""

from __future__ import annotations

from typing import Literal

import msgspec

Rights = Literal["all", "look", "send", "none", "no store"]


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """One table as the server sees it. Times are ms, None: never."""

    name: str
    rows: int
    """About, as of the last ANALYZE."""
    bytes: int
    index_bytes: int
    dead_rows: int
    """About: deleted or replaced, and not yet made room of."""
    vacuumed: int | None
    analyzed: int | None


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    """What users who may only send left, and nobody merged."""

    waiting: int
    oldest: int | None
    """When the first of them came, in ms by the server's clock."""
    refused: int
    """How many cannot be merged, and were put aside."""
    reason: str | None
    """Why, of the last of these."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """A database as its server and this user's rights show it. Times are ms."""

    shown: str
    """Its URL without a password."""
    version: str
    """Of the server."""
    user: str
    rights: Rights
    """all: reads and writes; look: reads; send: writes into the inbox alone; no store: there is none."""
    unseen: tuple[str, ...]
    """Tables that a look needs and that this user may not read."""
    standby: bool
    bytes: int
    encrypted: str | None
    """The version of TLS, or just TLS; None: the connection is not encrypted."""
    local: bool
    """Whether the server is on this machine."""
    at: int
    """When it was asked, by the server's clock."""
    skew_ms: int
    """How far this machine's clock is ahead of the server's, give or take half the way there and back."""
    migrations: tuple[str, ...] | None
    """Those that the store has; None: they may not be seen, or there is no store."""
    missing: tuple[str, ...]
    """Those of this program that it lacks."""
    newer: tuple[str, ...]
    """Those that this program does not know."""
    tables: tuple[Table, ...]
    inbox: Inbox | None
    """None: this user may not see it, or there is none."""
    twins: tuple[str, ...] = ()
    """Machines in whose name two stores sent something within a day, as far as this user may see that."""

    def table(self, name: str) -> Table | None:
        """None if there is no such table."""
        return next((table for table in self.tables if table.name == name), None)
