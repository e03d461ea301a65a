"""A dashboard for everyone who runs many coding agents, and a headless transcript scanner.

Importing the package imports nothing else: a public name brings its module when it is first used.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing.TYPE_CHECKING without the import
if TYPE_CHECKING:
    from mi6_tui.errors import Mi6Error as Mi6Error
    from mi6_tui.errors import StorageError as StorageError
    from mi6_tui.model import Batch as Batch
    from mi6_tui.model import Event as Event
    from mi6_tui.model import EventQuery as EventQuery
    from mi6_tui.model import FilePosition as FilePosition
    from mi6_tui.model import Session as Session
    from mi6_tui.model import SessionQuery as SessionQuery
    from mi6_tui.model import StorageStats as StorageStats
    from mi6_tui.model import StorageStatsQuery as StorageStatsQuery
    from mi6_tui.storage import Storage as Storage
    from mi6_tui.storage import open_storage as open_storage
    from mi6_tui.storage.sqlite import SqliteStorage as SqliteStorage

__version__ = "0.1.0"

_HOMES = {
    "Mi6Error": "mi6_tui.errors",
    "StorageError": "mi6_tui.errors",
    "Batch": "mi6_tui.model",
    "Event": "mi6_tui.model",
    "EventQuery": "mi6_tui.model",
    "FilePosition": "mi6_tui.model",
    "Session": "mi6_tui.model",
    "SessionQuery": "mi6_tui.model",
    "StorageStats": "mi6_tui.model",
    "StorageStatsQuery": "mi6_tui.model",
    "Storage": "mi6_tui.storage",
    "open_storage": "mi6_tui.storage",
    "SqliteStorage": "mi6_tui.storage.sqlite",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
