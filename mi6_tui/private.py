"""Folders and files that only their owner may look into, whatever the umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from mi6_tui.paths import Paths

_OTHERS: Final = 0o077


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for their owner alone. OSError as it comes."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for folder in reversed(missing):
        try:
            folder.mkdir(0o700)
            folder.chmod(0o700)
        except FileExistsError:
            continue


def tighten(where: Paths) -> None:
    """Take from others what an older version, another program or a copy left open to them.

    What is ours, in the place that is ours; a store that was put elsewhere is its owner's matter.
    """
    for path in _ours(where):
        with suppress(OSError):
            status = path.lstat()
            if status.st_mode & _OTHERS and status.st_uid == os.getuid() and not stat.S_ISLNK(status.st_mode):
                path.chmod(stat.S_IMODE(status.st_mode) & ~_OTHERS)


def _ours(where: Paths) -> Iterator[Path]:
    data = where.spool.parent
    yield from (data, where.spool, where.status, where.hooks, where.logs)
    if where.store.parent == data:
        with suppress(OSError):
            yield from (path for path in data.iterdir() if path.name.startswith(where.store.name))
