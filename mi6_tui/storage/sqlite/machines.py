"""The machines whose sessions the store holds, in a table of their own."""

from __future__ import annotations

from typing import Final

import apsw

from mi6_tui.model import Machine
from mi6_tui.storage.machines import READ, machine_of, machine_row, upsert
from mi6_tui.storage.sqlite.connection import fetch

_IS_THERE: Final = "SELECT 1 FROM sqlite_schema WHERE name = 'machines'"
_WRITE: Final = upsert("?")


def see_machine(connection: apsw.Connection, machine: Machine) -> None:
    """Note the latest word of a machine, inside the caller's transaction."""
    connection.execute(_WRITE, machine_row(machine))


def machines(connection: apsw.Connection) -> list[Machine]:
    """All of them, by id; none in a file that has no such table yet."""
    if connection.execute(_IS_THERE).get is None:
        return []
    return [machine_of(row) for row in fetch(connection, READ)]
