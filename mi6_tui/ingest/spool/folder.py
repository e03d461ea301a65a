"""The spool's folder: what waits in it, what was set aside, and how many calls were lost.

Beside the calls it holds the folder `quarantine`, and two files to which a number is added on a line whenever
something happened: `.dropped`, calls that were removed unread, and `.quarantined`, files that were set aside.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from mi6_tui.ingest.spool.file import Waiting

QUARANTINE: Final = "quarantine"
MOST_ASIDE: Final = 100
MOST_ASIDE_BYTES: Final = 16 << 20
_DROPPED: Final = ".dropped"
_QUARANTINED: Final = ".quarantined"
_TALLY_LIMIT: Final = 1 << 20
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_STRANGE: Final = re.compile(r"[^0-9A-Za-z_-]")
_NAME_LIMIT: Final = 64


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How the spool stands: calls that wait, calls dropped so far, files set aside so far."""

    waiting: int
    dropped: int
    quarantined: int


def counts(folder: Path) -> Counts:
    """How the spool in `folder` stands; all 0 where there is none."""
    with opened(str(folder)) as handle:
        if handle is None:
            return Counts(waiting=0, dropped=0, quarantined=0)
        calls = sum(not found.name.startswith(".") for found in waiting(handle))
        return Counts(
            waiting=calls, dropped=_total(handle, _DROPPED), quarantined=_total(handle, _QUARANTINED)
        )


@contextmanager
def opened(folder: str) -> Iterator[int | None]:
    """The folder's handle; None if there is no folder, or it is not the user's own."""
    try:
        handle = os.open(folder, _FOLDER)
    except OSError:
        yield None
        return
    try:
        yield handle if os.fstat(handle).st_uid == os.getuid() else None
    finally:
        os.close(handle)


def waiting(folder: int) -> list[Waiting]:
    """What lies in the spool and is the user's, oldest first; nothing is opened."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in (QUARANTINE, _DROPPED, _QUARANTINED):
                continue
            with suppress(OSError):  # it is gone already
                status = entry.stat(follow_symlinks=False)
                if status.st_uid == os.getuid():
                    regular = stat.S_ISREG(status.st_mode)
                    found.append(Waiting(status.st_mtime_ns, entry.name, status.st_size, regular))
    return sorted(found, key=lambda one: one.age_key)


def remove(folder: int, names: Iterable[str]) -> int:
    """Delete files; how many there were."""
    return sum(_removed(folder, name) for name in names)


def drop(folder: int, files: Iterable[Waiting]) -> int:
    """Delete files that nobody read, and count them; how many there were."""
    gone = remove(folder, (file.name for file in files))
    _add(folder, _DROPPED, gone)
    return gone


def set_aside(folder: int, file: Waiting) -> str | None:
    """Move a file to the quarantine, where the oldest make room; its name there, None if that fails."""
    target = f"{file.mtime_ns}-{_STRANGE.sub('_', file.name)[:_NAME_LIMIT]}"
    try:
        with suppress(FileExistsError):
            os.mkdir(QUARANTINE, 0o700, dir_fd=folder)
        aside = os.open(QUARANTINE, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
    except OSError:
        return None
    try:
        os.rename(file.name, target, src_dir_fd=folder, dst_dir_fd=aside)
        _make_room(aside)
    except OSError:
        return None
    finally:
        os.close(aside)
    _add(folder, _QUARANTINED, 1)
    return f"{QUARANTINE}/{target}"


def _make_room(aside: int) -> None:
    kept = size = 0
    for one in reversed(waiting(aside)):
        kept, size = kept + 1, size + one.size
        if kept > MOST_ASIDE or size > MOST_ASIDE_BYTES:
            _removed(aside, one.name)


def _removed(folder: int, name: str) -> bool:
    try:
        os.unlink(name, dir_fd=folder)
    except OSError:
        return False
    return True


def _add(folder: int, tally: str, number: int) -> None:
    if not number:
        return
    # Without O_NONBLOCK a pipe of that name would hold us up for good.
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with suppress(OSError):  # what is lost is a count
        handle = os.open(tally, flags, 0o600, dir_fd=folder)
        try:
            os.write(handle, b"%d\n" % number)
        finally:
            os.close(handle)


def _total(folder: int, tally: str) -> int:
    try:
        handle = os.open(tally, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return 0
    with open(handle, "rb") as file:
        words = file.read(_TALLY_LIMIT).split()
    return sum(int(word) for word in words if word.isdigit() and len(word) < 10)
