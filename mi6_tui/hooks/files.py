"""Reading and replacing other people's files without harm."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mi6_tui.hooks.errors import ChangedError, SettingsError
from mi6_tui.plain_file import read_plain
from mi6_tui.unfinished import remove_abandoned, unfinished

_LIMIT: Final = 16 << 20
"""Bytes; nobody's settings are that long."""
_UNTOUCHED: Final = "nothing was changed"


def target_of(file: Path) -> Path:
    """The file itself, behind all symbolic links; it need not exist. SettingsError if they go in a circle."""
    try:
        return file.resolve()
    except (OSError, RuntimeError) as error:
        raise SettingsError(f"{file}: its symbolic links lead nowhere", _UNTOUCHED) from error


def read(file: Path) -> bytes | None:
    """What the file holds, None if there is none. SettingsError if it cannot be read or is no plain file."""
    try:
        return read_plain(file, _LIMIT)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(f"cannot read {file}: {error.strerror}", _UNTOUCHED) from error


def replace(target: Path, before: bytes | None, after: bytes | None) -> None:
    """Put `after` in the place of `before`, at once and for good; None stands for no file.

    Mode, owner and attributes stay; missing folders are made. ChangedError if the file does not hold
    `before`; SettingsError if it cannot be written or is not meant to be.
    """
    try:
        if before is not None and not target.stat().st_mode & 0o222:
            raise SettingsError(f"{target} is read-only", _UNTOUCHED)
        if after is None:
            _check(target, before)
            target.unlink()
        else:
            make_folders(target.parent)
            _swap(target, before, after)
        _flush(target.parent)
    except FileNotFoundError as error:
        raise ChangedError(f"{target} is gone", _UNTOUCHED) from error
    except OSError as error:
        raise SettingsError(f"cannot write {target}: {error.strerror}", _UNTOUCHED) from error


def write_ours(file: Path, data: bytes) -> None:
    """Put `data` into a file of our own that only the user may read, unless it is there already. OSError."""
    make_folders(file.parent, mode=0o700)
    with contextlib.suppress(SettingsError):
        if read(file) == data:
            return
    with _beside(file, data) as new:
        new.replace(file)


def missing_folders(folder: Path) -> list[Path]:
    """What would have to be made for `folder` to exist, outermost first."""
    return [path for path in (folder, *folder.parents) if not path.exists()][::-1]


def make_folders(folder: Path, mode: int = 0o777) -> None:
    """Make what is missing of `folder`. OSError."""
    for path in missing_folders(folder):
        path.mkdir(mode, exist_ok=True)


def _check(target: Path, before: bytes | None) -> None:
    if read(target) != before:
        raise ChangedError(f"{target} was changed by somebody else meanwhile", _UNTOUCHED)


def _swap(target: Path, before: bytes | None, after: bytes) -> None:
    _check(target, before)
    with _beside(target, after, like=target if before is not None else None) as new:
        _check(target, before)
        new.replace(target)


@contextlib.contextmanager
def _beside(file: Path, data: bytes, *, like: Path | None = None) -> Iterator[Path]:
    """A new file beside `file`, written out to the disk; gone afterwards unless it was renamed."""
    remove_abandoned(file)
    new = unfinished(file)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            if like is not None:
                _resemble(new, like)
            out.flush()
            os.fsync(out.fileno())
        yield new
    finally:
        new.unlink(missing_ok=True)


def _resemble(new: Path, like: Path) -> None:
    """Owner, mode and attributes of `like`, but the time of now."""
    model = like.stat()
    mine = new.stat()
    if (mine.st_uid, mine.st_gid) != (model.st_uid, model.st_gid):
        os.chown(new, model.st_uid, model.st_gid)
    shutil.copystat(like, new)
    os.utime(new)


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some file systems cannot, for folders
            raise
    finally:
        os.close(handle)
