"""What can be observed of the program, its files and the clients. Unknown is None, times are ms."""

from __future__ import annotations

from typing import Literal

import msgspec

from mi6_tui.hooks.state import HookState
from mi6_tui.ingest.loopback.tidings import Tidings
from mi6_tui.model import ReadBelow


class StoreFile(msgspec.Struct, frozen=True, kw_only=True):
    """The store as a file."""

    path: str
    bytes: int | None = None
    """None: there is no such file."""
    log_bytes: int = 0
    """Of the write-ahead log beside it."""
    writable: bool = True
    private: bool = True
    """Whether nobody but the user can read it."""
    owner: str | None = None
    """Who else owns it; None: the user."""
    free_bytes: int | None = None
    """Room on its disk."""
    network: str | None = None
    """The kind and place of the file system over a network that it lies on; None: on none that is known."""


class Integrity(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at the pages of the store found."""

    damage: str
    """The first one; empty: none."""
    disk: str = ""
    """What of it the disk does not give back; empty: nothing is known to be missing."""
    passed: bool = False
    """Whether it could not be read whole at first, and a moment later could."""
    complete: bool
    """Whether it got to the end in the time it had."""
    seconds: float


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What the machine grants."""

    watching: str = ""
    """Why no changes of folders are announced; empty: they are."""
    descriptors: int | None = None
    """Files that may be open at once; None: any number."""
    temporary: str = ""
    """Why there is no folder for what is put aside."""


class Unpriced(msgspec.Struct, frozen=True):
    """Requests of a model that nobody knows the price of."""

    model: str | None
    requests: int


class Root(msgspec.Struct, frozen=True, kw_only=True):
    """A folder that a client writes its transcripts to."""

    path: str
    exists: bool
    readable: bool
    read: ReadBelow | None = None
    """None while there is no store to say it."""


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What the store says of itself."""

    read_only: str | None = None
    """Why nothing can be written."""
    sessions: int = 0
    active: int = 0
    events: int = 0
    requests: int = 0
    newest: int | None = None
    """Time of the newest event."""
    newest_recorded: int | None = None
    """When it was recorded at the latest; None of what no transcript told."""
    unpriced: tuple[Unpriced, ...] = ()
    """Of the last week, by model."""
    roots: dict[str, ReadBelow] = {}
    """What was read below each root, by its path."""
    heard: dict[str, dict[str, int]] = {}
    """By client and witness: the latest word on a session that has not ended."""


class Writer(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes the store."""

    role: Literal["this process", "another process", "nobody", "nobody can"]
    pid: int | None = None
    problem: str = ""


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """One client on this machine."""

    name: str
    present: bool
    hooks: tuple[HookState, ...]
    """For the user, a row a file."""
    registries: tuple[str, ...] | None
    """Existing folders in which it keeps its running sessions; None if it keeps nothing of the kind."""
    roots: tuple[Root, ...]


class Spool(msgspec.Struct, frozen=True, kw_only=True):
    """Where hooks leave their calls."""

    path: str
    exists: bool
    writable: bool
    private: bool = True
    """Whether nobody but the user can read it."""
    waiting: int = 0
    dropped: int = 0
    quarantined: int = 0
    oldest: int | None = None
    """Time of the call that waits longest."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings file."""

    path: str
    exists: bool
    problems: tuple[str, ...] = ()
    """What is wrong with it, with its line."""


class Log(msgspec.Struct, frozen=True, kw_only=True):
    """The log of this program."""

    path: str
    problem: str = ""
    """Why nothing can be written there."""
    last: tuple[str, ...] = ()
    """Its last lines that warn of something, the newest last."""
    since_yesterday: int = 0
    """How many there are of the last 24 hours, in the part that was read."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, as it was at `now`."""

    now: int
    store: StoreFile
    store_problem: str = ""
    """Why the store cannot be opened or read."""
    integrity: Integrity | None = None
    """None: nobody looked, or nobody could."""
    machine: Machine = Machine()
    content: Content | None = None
    writer: Writer
    clients: tuple[Client, ...]
    spool: Spool
    settings: Settings
    log: Log
    problems: tuple[str, ...] = ()
    """What could not be read of the transcripts; known to a scanner only."""
    ports: Tidings | None = None
    """What `scan --follow` last took and refused at its ports; None: nothing is known of any."""
    versions: dict[str, str]
