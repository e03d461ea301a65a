"""What a client itself keeps about its running sessions: a registry, lock files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, Protocol

import msgspec

State = Literal["busy", "idle", "waiting"]
SESSION_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
"""What an entry may call its session: never a path."""


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """One entry: a process that holds a session."""

    session_id: str
    pid: int
    ticks: int | None = None
    """Its start in clock ticks since boot (Linux: field 22 of /proc/PID/stat), if the client says."""
    started_at: int | None = None
    """The same in ms since the epoch."""
    domain: str | None = None
    """Where `pid` counts, if the client says: that of another machine or container is not ours to judge."""
    state: State | None = None
    detail: str = ""
    """What it waits for, as the client calls it."""
    at: int
    """ms since when `state` is so; without a state when the entry was made."""
    cwd: str | None = None
    terminal: str | None = None
    entrypoint: str | None = None


class Registry(Protocol):
    """The entries of one client."""

    def folders(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """Where entries lie; they need not exist."""

    def entries(self, folder: Path) -> list[Path]:
        """The files below an existing folder that may be entries; nothing is opened."""

    def read(self, path: Path) -> Live | None:
        """The entry in a file; None if it is none (yet): a file that is half written says nothing. OSError
        as it comes.
        """


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """How a client's processes are told from others."""

    names: frozenset[str]
    """Base names of the executable or of the script that an interpreter runs."""
    resume: tuple[str, ...] = ()
    """What a user types to go on with a session, `{id}` in the place of its id; empty: it cannot be done."""
