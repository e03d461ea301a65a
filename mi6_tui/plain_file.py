"""Opening what should be a plain file, where anybody may have put something else."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

_NEVER_WAIT: Final = os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
"""A pipe would be waited for until somebody opens its other end."""
_LINK: Final = "it is a symbolic link"
_OTHER: Final = "it is no plain file"


def open_plain(path: str | Path, flags: int = os.O_RDONLY, mode: int = 0o600) -> int:
    """A descriptor of the plain file at `path`; nothing is waited for.

    With O_NOFOLLOW in `flags` a symbolic link is refused, too. OSError that says what else stands there.
    """
    try:
        handle = os.open(path, flags | _NEVER_WAIT, mode)
    except OSError as error:
        if flags & os.O_NOFOLLOW and error.errno == errno.ELOOP and os.path.islink(path):  # noqa: PTH114
            raise OSError(errno.ELOOP, _LINK, path) from error
        if error.errno == errno.ENXIO:  # to write to what nobody reads
            raise OSError(errno.ENXIO, _OTHER, path) from error
        raise
    try:
        _require_plain(path, os.fstat(handle).st_mode)
    except BaseException:
        os.close(handle)
        raise
    return handle


def check_plain(path: str | Path) -> None:
    """OSError if something stands at `path` that is no plain file: for what another library opens there."""
    try:
        found = os.lstat(path).st_mode
    except OSError:
        return  # whoever opens it tells
    _require_plain(path, found)


def _require_plain(path: str | Path, found: int) -> None:
    if stat.S_ISDIR(found):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    if stat.S_ISLNK(found):
        raise OSError(errno.ELOOP, _LINK, path)
    if not stat.S_ISREG(found):
        raise OSError(errno.EINVAL, "it is a pipe" if stat.S_ISFIFO(found) else _OTHER, path)


def read_plain(path: str | Path, limit: int, flags: int = os.O_RDONLY) -> bytes:
    """What the plain file at `path` holds, `limit` bytes at most. OSError, also if it holds more."""
    with open(open_plain(path, flags), "rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise OSError(errno.EFBIG, "it is too large", path)
    return data
