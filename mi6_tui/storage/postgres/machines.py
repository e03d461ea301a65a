"""The machines whose sessions the store holds, in a table of their own.

A word of a machine waits for nobody's turn and is no change that others are told of: a fleet gives many of
them each second, and whoever shows how fresh they are asks anyway.
"""

from __future__ import annotations

from typing import Final

from psycopg import errors

from mi6_tui.model import Machine
from mi6_tui.storage.machines import READ, machine_of, machine_row, upsert
from mi6_tui.storage.postgres.connection import Connection, ask, fetch

_WRITE: Final = upsert("%s")
_NOW: Final = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"


def see_machine(connection: Connection, machine: Machine) -> None:
    """Note the latest word of a machine; twice is as once."""
    ask(connection, _WRITE, machine_row(machine))


def machines(connection: Connection) -> list[Machine]:
    """All of them, by id; none in a database that has no such table yet."""
    try:
        return [machine_of(row) for row in fetch(connection, READ)]
    except errors.UndefinedTable:
        return []


def now(connection: Connection) -> int:
    """The time by the server's clock, in ms."""
    ((ms,),) = fetch(connection, _NOW)
    return int(ms)
