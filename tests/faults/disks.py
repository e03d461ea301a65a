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
    probe = ("unshare", "-m", "sh", "-c", "mount -t tmpfs -o size=64k none /mnt")
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


def enlarge(folder: Path, size: str) -> None:
    """Give the disk at `folder` another size."""
    _run("mount", "-o", f"remount,size={size}", str(folder))


def _run(*words: str) -> None:
    subprocess.run(words, check=True)
