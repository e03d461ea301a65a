"""The store in one SQLite file; the only place with SQL."""

from __future__ import annotations

from mi6_tui.storage.sqlite.connection import BUSY_TIMEOUT
from mi6_tui.storage.sqlite.store import SqliteStorage

__all__ = ["BUSY_TIMEOUT", "SqliteStorage"]
