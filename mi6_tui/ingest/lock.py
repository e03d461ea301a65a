"""Who writes the store: one process at a time, elected by an advisory lock.

The kernel drops the lock with its holder, however that ends. The file stays: removing it would let
two processes lock two files of one name.
"""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

from mi6_tui.errors import StorageError
from mi6_tui.private import make_folder

_TAKEN = (errno.EAGAIN, errno.EACCES)


class WriterLock:
    """The lock at `path`; holds nothing until asked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._fd is not None

    def try_acquire(self) -> bool:
        """Take the lock if it is free; never waits. StorageError if the place cannot be locked at all."""
        if self._fd is not None:
            return True
        try:
            make_folder(self.path.parent)
            fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._cannot(error) from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(fd, 0)
            os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        except OSError as error:
            os.close(fd)
            if error.errno in _TAKEN:
                return False
            raise self._cannot(error) from error
        self._fd = fd
        return True

    def release(self) -> None:
        """Let others write; idempotent."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def holder(self) -> int | None:
        """Process id that the last holder wrote; None if none can be read. For messages only."""
        try:
            return int(self.path.read_text()) or None
        except (OSError, ValueError):
            return None

    def _cannot(self, error: OSError) -> StorageError:
        return StorageError(
            f"cannot lock {self.path}: {error.strerror}", "the store must lie where files can be locked"
        )
