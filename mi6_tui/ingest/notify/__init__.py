"""How the operating system announces changes below folders; nothing is loaded until somebody asks."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Final, Protocol

_LINUX: Final = bool(sys.platform == "linux")


class Announced(Protocol):
    """Changes as they come, for one thread."""

    def __iter__(self) -> Iterator[set[str]]:
        """Paths that changed, some at a time; the first set, which may be empty, says that it watches by now.

        It ends with `end`.
        """

    def end(self) -> None:
        """Stop soon. May be called by any thread."""


def changes_below(folders: Sequence[str]) -> AbstractContextManager[Announced]:
    """Watch the existing `folders`, which are no links, and all below them.

    OSError or RuntimeError if the system refuses. Paths that others may not read are left out.
    """
    if _LINUX:
        from mi6_tui.ingest.notify.linux import Folders

        return Folders(folders)
    from mi6_tui.ingest.notify.elsewhere import Steps

    return Steps(folders)
