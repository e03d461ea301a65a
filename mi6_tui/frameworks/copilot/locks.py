"""The locks on sessions that are open: `session-state/<session>/inuse.<pid>.lock`, and a `.hold` beside it.

They tell a process and no state. A killed process leaves them behind until the session is opened again.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mi6_tui.frameworks.copilot import FRAMEWORK
from mi6_tui.frameworks.live import SESSION_ID, Live, Registry

_NAME: Final = re.compile(r"inuse\.([1-9][0-9]{0,9})\.(?:lock|hold)")
_SETTLED_NS: Final = 1_000_000_000
"""A folder that changed more recently may change again without another time of change."""


class _Locks:
    """Files in the sessions' folders. Remembers which folders hold none, for there may be thousands."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, tuple[Path, ...]]] = {}
        """By a session's folder: its time of change (ns), and its locks."""

    def folders(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """Where the transcripts are."""
        return [root for root in FRAMEWORK.roots(env, home) if root.name == "session-state"]

    def entries(self, folder: Path) -> list[Path]:
        """The locks in the folders of all sessions; only a folder that changed is listed again."""
        found: list[Path] = []
        with os.scandir(folder) as sessions:
            for session in sessions:
                if SESSION_ID.fullmatch(session.name):
                    found += self._locks(session)
        return found

    def _locks(self, session: os.DirEntry[str]) -> tuple[Path, ...]:
        try:
            if not session.is_dir(follow_symlinks=False):
                return ()
            changed = session.stat(follow_symlinks=False).st_mtime_ns
            known = self._seen.get(session.path)
            if known is not None and known[0] == changed:
                return known[1]
            with os.scandir(session.path) as files:
                locks = tuple(Path(file.path) for file in files if _NAME.fullmatch(file.name))
        except FileNotFoundError:
            return ()
        if abs(time.time_ns() - changed) > _SETTLED_NS:
            self._seen[session.path] = changed, locks
        return locks

    def read(self, path: Path) -> Live | None:
        """The process and the session in a lock's path; nothing is opened."""
        name = _NAME.fullmatch(path.name)
        status = path.lstat()
        if name is None or not stat.S_ISREG(status.st_mode) or not SESSION_ID.fullmatch(path.parent.name):
            return None
        return Live(session_id=path.parent.name, pid=int(name[1]), at=max(0, status.st_mtime_ns // 1_000_000))


REGISTRY: Final[Registry] = _Locks()
