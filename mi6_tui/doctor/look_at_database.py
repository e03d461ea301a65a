"""Looks at a store in a database, and changes nothing."""

from __future__ import annotations

from mi6_tui.doctor.checks import Check
from mi6_tui.doctor.database import database_checks
from mi6_tui.model import Machine
from mi6_tui.storage import open_storage
from mi6_tui.storage.about import About
from mi6_tui.storage.postgres.about import about


def look_at_database(url: str) -> tuple[list[Check], About]:
    """The judgements, and what they are about. StorageError if it cannot be reached."""
    found = about(url)
    machines, now = _machines(url, found)
    return list(database_checks(found, machines, now)), found


def _machines(url: str, found: About) -> tuple[list[Machine], int]:
    """None for who may not see them; with the time by the server's clock."""
    if found.rights not in ("all", "look") or found.newer or "machines" in found.unseen:
        return [], found.at
    storage = open_storage(url, read_only=True)
    try:
        return storage.machines(), storage.now()
    finally:
        storage.close()
