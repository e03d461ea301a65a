"""A machine as a row, the same on both engines."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from mi6_tui.model import Machine

COLUMNS: Final = Machine.__struct_fields__
_NAMES: Final = ", ".join(COLUMNS)
_OTHERS: Final = COLUMNS[1:]
READ: Final = f"SELECT {_NAMES} FROM machines ORDER BY machine_id"


def machine_of(row: tuple[Any, ...]) -> Machine:
    """The machine in a row of COLUMNS. msgspec.MsgspecError if it holds none."""
    return msgspec.convert(dict(zip(COLUMNS, row, strict=True)), Machine)


def machine_row(machine: Machine) -> tuple[Any, ...]:
    """The values of COLUMNS."""
    return tuple(msgspec.to_builtins(machine).values())


def upsert(holder: str) -> str:
    """The statement that notes one, with `holder` in place of each value; an older word changes nothing.

    Neither does the same word again. A word without an address leaves the one that is known.
    """
    new = {name: f"excluded.{name}" for name in _OTHERS}
    new["address"] = "coalesce(excluded.address, machines.address)"
    changes = ", ".join(f"{name} = {value}" for name, value in new.items())
    differs = " OR ".join(f"machines.{name} IS DISTINCT FROM {value}" for name, value in new.items())
    return (
        f"INSERT INTO machines({_NAMES}) VALUES ({', '.join([holder] * len(COLUMNS))}) "
        f"ON CONFLICT (machine_id) DO UPDATE SET {changes} "
        f"WHERE excluded.seen_at >= machines.seen_at AND ({differs})"
    )
