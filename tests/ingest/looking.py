"""Files of numbers, and what a store holds of them."""

from __future__ import annotations

import os
from pathlib import Path

from mi6_tui.model import EventQuery
from mi6_tui.storage.sqlite import SqliteStorage


def write(path: Path, numbers: range | list[int], *, mtime: float | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(b"".join(b"%d\n" % number for number in numbers))
    if mtime is not None:
        os.utime(path, (mtime, mtime))
    return path


def uuids(store: SqliteStorage) -> list[str | None]:
    """In the order in which they were recorded."""
    return [event.uuid for event in store.query(EventQuery().order_by_id())]
