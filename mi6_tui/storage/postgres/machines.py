"""The machines whose sessions the store holds, in a table of their own.

A word of a machine waits for nobody's turn and is no change that others are told of: a fleet gives many of
them each second, and whoever shows how fresh they are asks anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from psycopg import errors

from mi6_tui.model import Machine, Way
from mi6_tui.storage.machines import READ, machine_of, machine_row, upsert
from mi6_tui.storage.postgres.connection import Connection, ask, fetch
from mi6_tui.storage.postgres.errors import printable

MOST_SKEW: Final = 10**15
"""ms; whoever claims more than that many thousand years means harm."""
_MOST: Final = 200
"""Machines of which one other is believed that it reads them."""
_LONGEST_ID: Final = 255
_LONGEST_PROBLEM: Final = 300
_SAME: Final = 60_000
"""ms: one word that is told twice comes out that far apart at most, for it was on the way for a while."""

_WRITE: Final = upsert("%s")
_WRITE_REMOTE: Final = f"{_WRITE} AND machines.way <> '{Way.PUSH}'"
_NOW: Final = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"


def see_machine(connection: Connection, machine: Machine) -> None:
    """Note the latest word of a machine; twice is as once."""
    ask(connection, _WRITE, machine_row(machine))


def see_remotes(connection: Connection, told: Sequence[Machine], sender: Machine, at: int) -> None:
    """Note the machines that `sender`, seen just now, `told` of at its time `at`: it reads them over ssh.

    What a machine says of itself holds against that. Foreign values are bounded, and how to reach a shell is
    nobody's to say but the user's.
    """
    if not told:
        return
    known = {machine.machine_id: machine for machine in machines(connection)}
    for one in told[:_MOST]:
        if one.way is Way.REMOTE and one.machine_id != sender.machine_id and _is_name(one.machine_id):
            noted = _by_our_clock(one, sender, at, known.get(one.machine_id))
            ask(connection, _WRITE_REMOTE, machine_row(noted))


def _is_name(text: str) -> bool:
    return text.isprintable() and 0 < len(text.encode()) <= _LONGEST_ID


def _by_our_clock(one: Machine, sender: Machine, at: int, known: Machine | None) -> Machine:
    # Its age alone is told by one clock.
    seen_at = max(0, sender.seen_at - max(0, at - one.seen_at))
    if known is not None and 0 <= known.seen_at - seen_at < _SAME:
        seen_at = known.seen_at  # an older word would not be taken, though its problem may be new
    skew = None
    if one.skew_ms is not None and sender.skew_ms is not None:
        skew = bounded_skew(one.skew_ms + sender.skew_ms)
    problem = printable(one.problem, _LONGEST_PROBLEM) if one.problem is not None else None
    return msgspec.structs.replace(one, seen_at=seen_at, skew_ms=skew, address=None, problem=problem)


def bounded_skew(ms: int) -> int:
    """How far a clock is ahead, as far as that is believed."""
    return max(-MOST_SKEW, min(ms, MOST_SKEW))


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
