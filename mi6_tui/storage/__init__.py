"""The store: the protocol everyone uses, and the SQLite file behind it."""

from __future__ import annotations

from os import PathLike

from mi6_tui.storage.protocol import Storage

__all__ = ["Storage", "open_storage"]


def open_storage(path: str | PathLike[str], *, read_only: bool = False) -> Storage:
    """The store in the file `path`, made if need be; SQLite is loaded here and not before."""
    from mi6_tui.storage.sqlite import SqliteStorage

    return SqliteStorage(path, read_only=read_only)
