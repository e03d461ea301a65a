"""Disks that fail: errors of the system's calls under a program, and under SQLite within this process."""

from __future__ import annotations

import ctypes
import errno
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import apsw

READS: Final = "pread64"
WRITES: Final = "pwrite64"
SYNCS: Final = "fdatasync"


def can_trace() -> bool:
    """Whether this process may watch the system's calls of another."""
    probe = ("strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=none", "true")
    return shutil.which("strace") is not None and (
        subprocess.run(probe, check=False, capture_output=True).returncode == 0
    )


def failing(call: str, file: Path, when: str, log: Path) -> Sequence[str]:
    """What to start a program with so that `call` on `file` fails with EIO.

    `when` is the number of the call, `3+` for that and all later ones. `log` tells which failed.
    """
    inject = f"inject={call}:error=EIO:when={when}"
    watched = ("-e", f"trace={call}", "-e", inject, "-P", str(file))
    return ("strace", "-f", "--seccomp-bpf", "-qq", "-o", str(log), *watched)


def failures(log: Path) -> int:
    """How many calls failed."""
    return log.read_text().count("(INJECTED)")


class _Unix(apsw.VFS):
    """SQLite's own way to files, whose calls of the system can be exchanged."""

    def __init__(self) -> None:
        super().__init__("exchanged", "unix")


_CALL: Final = ctypes.CFUNCTYPE(
    ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64, use_errno=True
)


@contextmanager
def broken(call: str, fails: Callable[[str, int], bool]) -> Iterator[None]:
    """SQLite in this process gets EIO from `call` where `fails` by the file's path and the place in it."""
    unix = _Unix()
    real = _CALL(unix.xGetSystemCall(call) or 0)

    def instead(handle: int, data: int, size: int, place: int) -> int:
        if fails(str(Path(f"/proc/self/fd/{handle}").readlink()), place):
            ctypes.set_errno(errno.EIO)
            return -1
        return int(real(handle, data, size, place))

    exchanged = _CALL(instead)
    unix.xSetSystemCall(call, ctypes.cast(exchanged, ctypes.c_void_p).value or 0)
    try:
        yield
    finally:
        unix.xSetSystemCall(call, 0)
        unix.unregister()
