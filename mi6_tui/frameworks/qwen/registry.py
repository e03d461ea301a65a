"""The client's registry of its running sessions: `sessions/<pid>.json` beside its projects.

An entry tells a process and its session, and no state. It also holds a token, which is never read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from mi6_tui.frameworks.live import SESSION_ID, Live, Registry
from mi6_tui.frameworks.qwen import runtime_folder
from mi6_tui.frameworks.records import Folder, Name, count, read
from mi6_tui.frameworks.times import instant

_NAME: Final = re.compile(r"([1-9][0-9]{0,9})\.json")
_LARGEST: Final = 64 * 1024
"""Bytes; real entries have about 400."""
_DIGITS: Final = re.compile(r"[0-9]{1,18}")


class _Entry(msgspec.Struct, rename="camel"):
    session_id: Name = ""
    pid: int = 0
    proc_start: Name | None = None
    pid_ns: object = None
    started_at: object = None
    cwd: Folder | None = None
    kind: Name | None = None


class _Sessions:
    """Files named after a process each."""

    def folders(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """Beside the projects."""
        return [runtime_folder(env, home) / "sessions"]

    def entries(self, folder: Path) -> list[Path]:
        """The files named after a process."""
        with os.scandir(folder) as files:
            return [Path(file.path) for file in files if _NAME.fullmatch(file.name)]

    def read(self, path: Path) -> Live | None:
        """The entry in a file; None if it is half written, or no entry of the process in its name."""
        data, changed = _content(path)
        found, name = read(_Entry, data), _NAME.fullmatch(path.name)
        if found is None or name is None or found.pid != int(name[1]):
            return None
        if not SESSION_ID.fullmatch(found.session_id):
            return None
        # `BOOT:TICKS`; /clear writes the entry anew for another session.
        ticks = (found.proc_start or "").rpartition(":")[2]
        namespace = count(found.pid_ns)
        cwd = found.cwd if found.cwd and found.cwd.startswith("/") and found.cwd.isprintable() else None
        return Live(
            session_id=found.session_id,
            pid=found.pid,
            ticks=int(ticks) if _DIGITS.fullmatch(ticks) else None,
            started_at=instant(found.started_at),
            domain=None if namespace is None else f"linux::pid:[{namespace}]",
            at=changed,
            cwd=cwd,
        )


def _content(path: Path) -> tuple[bytes, int]:
    """A file's bytes, and when it changed (ms); no bytes of one that is too large. No link is followed."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        data = os.read(fd, _LARGEST + 1)
        changed = max(0, os.fstat(fd).st_mtime_ns // 1_000_000)
    finally:
        os.close(fd)
    return (data if len(data) <= _LARGEST else b""), changed


REGISTRY: Final[Registry] = _Sessions()
