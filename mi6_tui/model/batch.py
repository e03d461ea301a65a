"""What a decoder hands to the store: events, what is now known of sessions, and how far a file was read."""

from __future__ import annotations

from typing import Any, Self

import msgspec

from mi6_tui.errors import ModelError
from mi6_tui.model.claim import Claim
from mi6_tui.model.event import Event
from mi6_tui.model.telemetry import Telemetry


class FilePosition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far one file was read, and what proves on the next visit that it is still the same file.

    `byte_offset` stands behind a newline in a file of lines; any other is 0, or its size when all of it
    was read. `head` and `tail` are fingerprints of the file's first bytes and of those just before the
    offset (see ingest.tail); `state` is the decoder's memory, opaque to the store.
    """

    file_path: str
    byte_offset: int = 0
    line_number: int = 0
    last_uuid: str | None = None
    updated_at: int = 0
    """ms."""
    framework: str | None = None
    device: int | None = None
    inode: int | None = None
    size: int | None = None
    mtime_ns: int | None = None
    head: bytes | None = None
    tail: bytes | None = None
    state: bytes | None = None
    malformed: int = 0
    """Lines that are no JSON object."""
    skipped: int = 0
    """Lines above the length limit."""
    unknown: dict[str, int] = {}
    """Record types nobody knows, by count."""

    def __post_init__(self) -> None:
        if not self.file_path:
            raise ModelError("a file position needs a path")
        if self.byte_offset < 0 or self.line_number < 0:
            raise ModelError(f"a position in {self.file_path} cannot be negative")

    def with_(self, **changes: Any) -> Self:
        """A copy with `changes` applied and checked."""
        return msgspec.structs.replace(self, **changes)


class FileSeen(msgspec.Struct, frozen=True):
    """What of a `FilePosition` tells whether its file has anything new."""

    file_path: str
    byte_offset: int
    framework: str | None
    device: int | None
    inode: int | None
    size: int | None
    mtime_ns: int | None


class SessionFact(msgspec.Struct, frozen=True, kw_only=True):
    """One named value a transcript states about its session; the one with the largest order holds.

    Names: `title`, `title_suggestion` (the client's own guess), `permission_mode`, `client_version`,
    `entrypoint`, `cwd` (moved by the client), `last_activity` (value: ms), `context_window` (its
    size in tokens), `context:transcript` (tokens in it, where no request tells),
    `cost_client_nano_usd` (what the client says that the session cost, in billionths of a dollar),
    `terminal` (where it can be seen, see Session), `seen` (ms at which the user last looked; no sign of life
    of the session), `git_branch`, `git_worktree_path`, `git_additions`, `git_deletions`, `github_issue`,
    `github_pr` (as the working copy says), `nickname`, `tags`, `pinned`, `hidden` (the user's marks;
    True is 1).
    """

    machine_id: str
    session_id: str
    framework: str | None = None
    name: str
    value: str | int | None
    timestamp: int
    order: tuple[int, int]


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Recorded whole or not at all."""

    events: tuple[Event, ...] = ()
    facts: tuple[SessionFact, ...] = ()
    claims: tuple[Claim, ...] = ()
    positions: tuple[FilePosition, ...] = ()
    telemetry: tuple[Telemetry, ...] = ()


class GitBranchInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A branch and what it is about."""

    branch: str
    pr_number: int | None = None
    issue_number: int | None = None
