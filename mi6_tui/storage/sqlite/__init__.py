"""The store in one SQLite file; the only place with SQL."""

from __future__ import annotations

from mi6_tui.storage.sqlite.store import SqliteStorage

__all__ = ["SqliteStorage"]
