"""Folders for what is gone afterwards, even when its owner was killed: the next one takes it away.

A folder in use is locked. The kernel drops the lock with its holder, however that ends.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_OURS: Final = re.compile(r"mi6-tui-(demo|replay)-[a-z0-9_]{8}")
_TRIES: Final = 5


@contextmanager
def scratch_folder(kind: str) -> Iterator[Path]:
    """An empty folder of one's own for a `demo` or a `replay`. OSError if none can be made."""
    remove_abandoned()
    folder, lock = _locked_folder(kind)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def remove_abandoned() -> None:
    """Remove such folders of this user whose owners are gone; whatever cannot be removed stays."""
    with suppress(OSError):
        for folder in Path(tempfile.gettempdir()).iterdir():
            if _OURS.fullmatch(folder.name):
                _remove_if_abandoned(folder)


def _remove_if_abandoned(folder: Path) -> None:
    lock = None
    with suppress(OSError):
        lock = _opened(folder)
        if os.fstat(lock).st_uid == os.getuid():
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    if lock is not None:
        os.close(lock)


def _locked_folder(kind: str) -> tuple[Path, int]:
    """A new folder and the descriptor that keeps it locked."""
    for _ in range(_TRIES):
        folder = Path(tempfile.mkdtemp(prefix=f"mi6-tui-{kind}-"))
        # Until it is locked it looks abandoned, and somebody may just take it away.
        with suppress(FileNotFoundError):
            lock = _opened(folder)
            if _is_kept(folder, lock):
                return folder, lock
            os.close(lock)
    raise FileNotFoundError(f"no folder stays in {tempfile.gettempdir()}")


def _is_kept(folder: Path, lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(folder.stat(), os.fstat(lock))
    except (BlockingIOError, FileNotFoundError):
        return False
    except OSError:
        return True  # where nothing can be locked nothing is taken away either


def _opened(folder: Path) -> int:
    """Its descriptor; OSError if it is no real directory."""
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
