"""What makes a process of ours start sooner; whoever imports the package as a library gets none of it."""

from __future__ import annotations

import gc
import sys


def import_msgspec() -> None:
    """Load msgspec without `typing_extensions`, from which it wants nothing that `typing` lacks.

    That module is large, and only the dashboard needs it; it can be imported as ever afterwards.
    """
    if "typing_extensions" in sys.modules:
        return
    # An entry of None is how the import system is told that there is no such module.
    sys.modules["typing_extensions"] = None  # type: ignore[assignment]
    try:
        import msgspec  # noqa: F401
    finally:
        del sys.modules["typing_extensions"]


def keep_what_is_loaded() -> None:
    """Tell the garbage collector that modules stay: it looks at none of them again, not even at the end."""
    gc.freeze()


def collect_rarely() -> None:
    """Let the collector look less often: what a backlog makes is thrown away whole, and hardly in circles."""
    gc.set_threshold(50_000)
