"""Telemetry as a row: what it is found by in columns of its own, what it tells in one that no sum reads."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from mi6_tui.model import Telemetry

COLUMNS: Final = ("identity", "machine_id", "session_id", "at", "received_at", "told")
_OWN: Final = frozenset(COLUMNS[:-1])
_FIELDS: Final = tuple(name for name in Telemetry.__struct_fields__ if name not in _OWN)
_encode = msgspec.json.Encoder(order="deterministic").encode


def telemetry_row(record: Telemetry) -> tuple[Any, ...]:
    """The values of COLUMNS."""
    told = {name: value for name in _FIELDS if (value := getattr(record, name)) is not None}
    return (*(getattr(record, name) for name in COLUMNS[:-1]), _encode(told).decode())


def telemetry_of(row: tuple[Any, ...]) -> Telemetry:
    """The record in a row of COLUMNS. msgspec.MsgspecError, ModelError, ValueError if it holds none."""
    *own, told = row
    values: dict[str, Any] = msgspec.json.decode(told) | dict(zip(COLUMNS, own, strict=False))
    return msgspec.convert(values, Telemetry)
