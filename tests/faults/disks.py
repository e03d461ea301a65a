"""Disks that are full: a small one where one can be made, a limit on the size of files everywhere."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """No file of this process grows beyond `size` bytes; SQLite and Python meet a real error (EFBIG)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def can_mount() -> bool:
    """Whether this process may mount a disk in memory."""
    return _mounts("-t tmpfs -o size=64k")


def can_lay_over() -> bool:
    """Whether this process may show a folder in another place, as `unannounced` does."""
    return _mounts("-t overlay -o ro,lowerdir=/usr:/etc")


def _mounts(how: str) -> bool:
    probe = ("unshare", "-m", "sh", "-c", f"mount {how} none /mnt")
    return os.geteuid() == 0 and subprocess.run(probe, check=False, capture_output=True).returncode == 0


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A disk of `size` at `folder`."""
    folder.mkdir(parents=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "none", str(folder))
    try:
        yield
    finally:
        _run("umount", "-l", str(folder))


@contextmanager
def unannounced(behind: Path, folder: Path) -> Iterator[None]:
    """A disk at `folder` that shows what lies in `behind`, and announces nothing that is done to it there.

    So does every disk over a network, of what other machines do.
    """
    empty = folder.with_name(folder.name + ".empty")
    for one in (behind, folder, empty):
        one.mkdir(parents=True, exist_ok=True)
    _run("mount", "-t", "overlay", "-o", f"ro,lowerdir={behind}:{empty}", "none", str(folder))
    try:
        yield
    finally:
        _run("umount", "-l", str(folder))


def enlarge(folder: Path, size: str) -> None:
    """Give the disk at `folder` another size."""
    _run("mount", "-o", f"remount,size={size}", str(folder))


def _run(*words: str) -> None:
    subprocess.run(words, check=True)
