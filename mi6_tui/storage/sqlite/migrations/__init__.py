"""Numbered steps from an empty file to the present schema, each applied once and recorded by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import apsw

from mi6_tui.storage.sqlite.migrations import (
    m001_initial,
    m002_costs,
    m003_witnesses,
    m004_search,
    m005_telemetry,
    m006_machines,
    m007_forwarding,
)


class Migration(NamedTuple):
    """One step; `apply` runs inside a transaction that also records `name`."""

    name: str
    apply: Callable[[apsw.Connection], None]


MIGRATIONS: Final = (
    Migration("m001_initial", m001_initial.apply),
    Migration("m002_costs", m002_costs.apply),
    Migration("m003_witnesses", m003_witnesses.apply),
    Migration("m004_search", m004_search.apply),
    Migration("m005_telemetry", m005_telemetry.apply),
    Migration("m006_machines", m006_machines.apply),
    Migration("m007_forwarding", m007_forwarding.apply),
)
