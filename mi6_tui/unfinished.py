"""Files that get their name when they are whole, and what is left of them if their maker is killed."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

_ENDING: Final = r"\.([0-9]{1,10})\.[0-9a-f]{8}(?:-journal|-wal|-shm)?"


def unfinished(path: Path) -> Path:
    """What a file that is to become `path` is called until then, by this process; another at each call."""
    return path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")


def remove_abandoned(path: Path) -> None:
    """Remove what was to become `path`, or stands beside such a file, and whose maker is gone.

    What cannot be removed stays: it takes room, no more.
    """
    names = re.compile(rf"\.{re.escape(path.name)}{_ENDING}")
    with suppress(OSError):
        for found in path.parent.iterdir():
            made = names.fullmatch(found.name)
            if made is not None and not _runs(int(made[1])):
                found.unlink(missing_ok=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def settle(path: Path) -> None:
    """Have the file, or the names in the folder, at `path` on the disk."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
