"""Numbered steps from an empty schema to the present one, each applied once and recorded by name."""

from __future__ import annotations

from typing import Final, NamedTuple

from mi6_tui.storage.postgres.migrations import (
    m001_initial,
    m002_machines,
    m003_forwarding,
    m004_views,
    m005_usage_quarter,
)


class Migration(NamedTuple):
    """One step; its statements run in one transaction that also records `name`."""

    name: str
    sql: str


MIGRATIONS: Final = (
    Migration("m001_initial", m001_initial.SQL),
    Migration("m002_machines", m002_machines.SQL),
    Migration("m003_forwarding", m003_forwarding.SQL),
    Migration("m004_views", m004_views.SQL),
    Migration("m005_usage_quarter", m005_usage_quarter.SQL),
)
