"""The files that hooks leave in the spool: their format, and reading one without trusting it.

A file holds one call of one hook:

    PAYLOAD, newline, TRAILER, newline

PAYLOAD is what the client handed to the hook, byte for byte; the newline behind it is always added.
TRAILER is one line of UTF-8 without control characters other than its tabs:

    mi6-hook 1<TAB>framework=claude<TAB>event=Stop<TAB>ppid=4711<TAB>TMUX_PANE=%3 ...

It begins with the format's name and version, then come fields `name=value` in any order, each at most once;
a field may be empty or missing, and unknown ones are ignored:

    framework   the client, by its name in `frameworks`; the only one that is needed
    event       the event's name, where the payload does not tell it
    ppid        the process that called the hook, shells left out
    CLAUDE_PID, CLAUDE_CODE_SESSION_ATTENDED, CLAUDE_CODE_ENTRYPOINT,
    TMUX, TMUX_PANE, TERM_PROGRAM, KITTY_WINDOW_ID, WEZTERM_PANE,
    ZELLIJ_SESSION_NAME, ZELLIJ_PANE_ID, STY
                the caller's environment variables of these names, and no others: there are secrets among them

A file without a trailer at its end is still being written, or its writer died. The time of the call is the
file's mtime. A file's name is 1 to 64 of `0-9 A-Z a-z _ -` (a process id, for a start); the file is made
exclusively (O_CREAT | O_EXCL, mode 0600), and a writer that finds the name taken takes another. Names that
begin with a dot are no calls; a writer may put a call there first and rename it when it is complete.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from typing import Final

import msgspec

from mi6_tui.frameworks.hooks import HookCall
from mi6_tui.frameworks.text import one_line
from mi6_tui.ingest.live import terminals
from mi6_tui.ingest.spool.record import CallError

FILE_LIMIT: Final = 16 << 20
"""Bytes; payloads of 10 MB are real."""
NAME: Final = re.compile(r"\.?[0-9A-Za-z_-]{1,64}")
"""What a file may be called."""
_TRAILER_LIMIT: Final = 8 << 10
_TRAILER: Final = b"\nmi6-hook 1\t"
_LARGEST_PID: Final = 2**31 - 1
_WORD_LIMIT: Final = 100
_CLAUDE: Final = "claude"
VARIABLES: Final = (
    "CLAUDE_PID",
    "CLAUDE_CODE_SESSION_ATTENDED",
    "CLAUDE_CODE_ENTRYPOINT",
    *terminals.VARIABLES,
)
"""What is kept of a caller's environment."""


class Waiting(msgspec.Struct, frozen=True):
    """A file in the spool, before it is opened."""

    mtime_ns: int
    name: str
    size: int
    regular: bool

    @property
    def age_key(self) -> tuple[int, int, str]:
        """Oldest first; of two that are as old, the smaller process id."""
        return self.mtime_ns, len(self.name), self.name


def read_file(folder: int, name: str) -> tuple[bytes, int]:
    """The bytes and the mtime (ns) of the file `name` in the open `folder`.

    CallError if it is none of the user's own regular files, or too large; OSError as it comes.
    """
    # A pipe would block; whatever the name leads to elsewhere is not ours.
    handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid():
            raise CallError("it is no file of the user's own")
        if status.st_size > FILE_LIMIT:
            raise CallError(f"it is larger than {FILE_LIMIT >> 20} MB")
        with open(handle, "rb", closefd=False) as file:
            return file.read(FILE_LIMIT + 1), status.st_mtime_ns
    finally:
        os.close(handle)


def split(data: bytes) -> tuple[bytes, dict[str, str]] | None:
    """A complete file's payload and the fields of its trailer; None if it is not complete."""
    start = data.rfind(_TRAILER, max(0, len(data) - _TRAILER_LIMIT))
    if start < 0 or not data.endswith(b"\n") or data.find(b"\n", start + 1) != len(data) - 1:
        return None
    words = data[start:].decode("utf-8", "replace").strip("\n").split("\t")
    pairs = (word.partition("=") for word in words[1:])
    return data[:start], {name: value for name, _, value in pairs}


def call_of(name: str, mtime_ns: int, now: int, payload: bytes, told: Mapping[str, str]) -> HookCall:
    """The call that a file tells of; never later than `now` (ms), whatever the clock said then."""
    claude = told.get("framework") == _CLAUDE
    # A client inherits these variables from another that it was started by.
    own_pid = told.get("CLAUDE_PID") if claude else None
    attended = told.get("CLAUDE_CODE_SESSION_ATTENDED") if claude else None
    entrypoint = told.get("CLAUDE_CODE_ENTRYPOINT") if claude else None
    return HookCall(
        framework=told.get("framework", ""),
        name=f"{name}.{mtime_ns}",
        event=one_line(told.get("event", ""), _WORD_LIMIT),
        payload=payload,
        at=min(mtime_ns // 1_000_000, now),
        pid=_pid(own_pid) or _pid(told.get("ppid")),
        attended={"0": False, "1": True}.get(attended or ""),
        entrypoint=one_line(entrypoint, _WORD_LIMIT) or None if entrypoint else None,
        terminal=terminals.terminal_of(told),
    )


def _pid(text: str | None) -> int | None:
    """A process id; the first process of all is no client."""
    if not text or not re.fullmatch(r"[0-9]{1,10}", text):
        return None
    return int(text) if 1 < int(text) <= _LARGEST_PID else None
