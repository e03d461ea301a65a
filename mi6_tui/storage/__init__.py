"""The store: the protocol everyone uses, and the SQLite file behind it."""

from __future__ import annotations

from mi6_tui.storage.protocol import Storage

__all__ = ["Storage"]
