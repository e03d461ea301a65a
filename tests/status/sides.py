"""The real witnesses of a world; only its process table is not real."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mi6_tui.frameworks.base import Framework
from mi6_tui.ingest.live.witnesses import Witnesses
from mi6_tui.ingest.side import Side
from mi6_tui.ingest.spool.side import Spool
from mi6_tui.storage.sqlite import SqliteStorage
from tests.status.machine import MACHINE, Machine


def sides_of(
    storage: SqliteStorage, client: Framework, home: Path, spool: Path, machine: Machine
) -> Sequence[Side]:
    """Spool and witnesses."""
    return [
        Spool(spool, storage, MACHINE, _outside_of_repositories),
        Witnesses(storage, [client], MACHINE, env={}, home=home, processes=machine),
    ]


def _outside_of_repositories(folder: str, at: int) -> None:
    """Where a folder lies: in no repository."""
