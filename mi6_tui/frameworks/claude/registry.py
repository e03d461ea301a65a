"""The client's registry of its running sessions: `<config>/sessions/<pid>.json`.

A file is rewritten in place within milliseconds of each change and removed at the end; a killed process
leaves its own behind. The `.key` files beside them are secrets and are never opened.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from mi6_tui.frameworks.claude import FRAMEWORK
from mi6_tui.frameworks.live import SESSION_ID, Live, Registry, State
from mi6_tui.frameworks.records import count, read
from mi6_tui.frameworks.text import one_line
from mi6_tui.model.claim import SHELL

_NAME: Final = re.compile(r"([1-9][0-9]{0,9})\.json")
_PANE: Final = re.compile(r"[^\n]{0,200}\.(%[0-9]{1,9})")
_LARGEST: Final = 64 * 1024
"""Bytes; real entries have about 600."""
_STATES: Final[dict[str, tuple[State, str]]] = {
    "busy": ("busy", ""),
    "idle": ("idle", ""),
    "waiting": ("waiting", ""),
    "compacting": ("busy", "compacting"),
    "shell": ("busy", SHELL),
}
"""The client's word to ours; a word of a later version says nothing."""


class _Entry(msgspec.Struct, rename="camel"):
    session_id: str = ""
    pid: int = 0
    proc_start: str | None = None
    started_at: int | None = None
    pid_domain: str | None = None
    status: str = ""
    waiting_for: str | None = None
    status_updated_at: int | None = None
    updated_at: int | None = None
    cwd: str | None = None
    entrypoint: str | None = None
    tmux: str | None = None


class _Sessions:
    """Files named after a process each."""

    def folders(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """Beside the transcripts, in every configuration folder."""
        return [projects.with_name("sessions") for projects in FRAMEWORK.roots(env, home)]

    def entries(self, folder: Path) -> list[Path]:
        """The files named after a process."""
        with os.scandir(folder) as files:
            return [Path(file.path) for file in files if _NAME.fullmatch(file.name)]

    def read(self, path: Path) -> Live | None:
        """The entry in a file; None if it is half written, or no entry of the process in its name."""
        found = read(_Entry, _content(path))
        name = _NAME.fullmatch(path.name)
        if found is None or name is None or found.pid != int(name[1]):
            return None
        started_at = count(found.started_at)
        told = (count(found.status_updated_at), count(found.updated_at), started_at)
        at = next((time for time in told if time is not None), None)
        if at is None or not SESSION_ID.fullmatch(found.session_id):
            return None
        state, detail = _STATES.get(found.status, (None, ""))
        return Live(
            session_id=found.session_id,
            pid=found.pid,
            ticks=_ticks(found.proc_start),
            started_at=started_at,
            domain=found.pid_domain or None,
            state=state,
            detail=one_line(found.waiting_for or detail, 80),
            at=at,
            cwd=_folder(found.cwd),
            terminal=_terminal(found.tmux),
            entrypoint=one_line(found.entrypoint or "", 40) or None,
        )


def _content(path: Path) -> bytes:
    """The file's bytes; none of one that is too large. Neither a link nor a pipe is followed."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        data = os.read(fd, _LARGEST + 1)
    finally:
        os.close(fd)
    return data if len(data) <= _LARGEST else b""


def _ticks(text: str | None) -> int | None:
    """Clock ticks, as Linux counts them; elsewhere the client writes a date."""
    return int(text) if text and len(text) < 19 and text.isascii() and text.isdigit() else None


def _folder(path: str | None) -> str | None:
    return path if path and path.startswith("/") and path.isprintable() and len(path) <= 4096 else None


def _terminal(tmux: str | None) -> str | None:
    """`session:@window.%pane` of the usual server: the client does not say of which."""
    pane = _PANE.fullmatch(tmux or "")
    return f"tmux default {pane[1]}" if pane else None


REGISTRY: Final[Registry] = _Sessions()
