"""Numbered steps from an empty schema to the present one, each applied once and recorded by name."""

from __future__ import annotations

from typing import Final, NamedTuple

from mi6_tui.storage.postgres.migrations import m001_initial


class Migration(NamedTuple):
    """One step; its statements run in one transaction that also records `name`."""

    name: str
    sql: str


MIGRATIONS: Final = (Migration("m001_initial", m001_initial.SQL),)
