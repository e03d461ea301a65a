"""Who writes the store: one process at a time, elected by an advisory lock.

The kernel drops the lock with its holder, however that ends. The file stays: removing it would let
two processes lock two files of one name.
"""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path
from typing import Final

from mi6_tui.errors import StorageError
from mi6_tui.plain_file import open_plain
from mi6_tui.private import make_folder

_TAKEN: Final = (errno.EAGAIN, errno.EACCES)
_STRANGE: Final = (errno.ELOOP, errno.EINVAL, errno.EISDIR, errno.EMLINK, errno.ENXIO, errno.EPERM)
"""Something else stands where the lock should."""
_LONGEST: Final = 32
"""Bytes of a process id."""


def open_lock(path: Path, flags: int) -> int:
    """A descriptor of the lock at `path`. OSError if it is not ours alone.

    Whoever holds it writes into it: that must not come to stand in another file.
    """
    # Some file systems give all that is in them to one user, whoever makes it.
    own = (os.geteuid(), path.parent.stat().st_uid)
    handle = open_plain(path, flags | os.O_NOFOLLOW)
    status = os.fstat(handle)
    told = None
    if status.st_uid not in own and os.geteuid() != 0:
        told = OSError(errno.EPERM, "it is another user's", path)
    elif status.st_nlink > 1:
        told = OSError(errno.EMLINK, "it has another name besides", path)
    if told is not None:
        os.close(handle)
        raise told
    return handle


def holder_in(handle: int) -> int | None:
    """Process id in an open lock that its last holder wrote; None if none can be read."""
    try:
        words = os.pread(handle, _LONGEST, 0).strip()
    except OSError:
        return None
    return (int(words) or None) if words.isdigit() else None


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
            fd = open_lock(self.path, os.O_RDWR | os.O_CREAT)
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
            handle = open_lock(self.path, os.O_RDONLY)
        except OSError:
            return None
        try:
            return holder_in(handle)
        finally:
            os.close(handle)

    def _cannot(self, error: OSError) -> StorageError:
        strange = error.errno in _STRANGE
        return StorageError(
            f"cannot lock {self.path}: {error.strerror}",
            "remove it, and it is made anew" if strange else "the store must lie where files can be locked",
        )
