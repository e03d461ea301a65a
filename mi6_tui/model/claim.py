"""What a witness says that a session does, and since when."""

from __future__ import annotations

from typing import Final, Literal, get_args

import msgspec

from mi6_tui.errors import ModelError

Witness = Literal["hook", "notice", "transcript", "otel", "registry", "process", "child"]
"""Who says it: the client's hooks, their reminders of a prompt, its transcript, its telemetry, its own live
registry; whether the process that holds the session exists; whether a child of that process began to run."""

# Of two claims of one witness at the very same instant the later in this list decides.
ClaimKind = Literal[
    "alive",
    "start",
    "prompt",
    "reply",
    "tool_end",
    "compacting",
    "retry",
    "tool",
    "busy",
    "idle",
    "reply_end",
    "stop",
    "interrupt",
    "question",
    "plan",
    "error",
    "waiting",
    "end",
    "permission",
    "gone",
]
SHELL: Final = "shell"
"""Detail of a registry's `busy` that says: no turn runs, a shell that one started does."""
RANK: Final[dict[str, int]] = {kind: rank for rank, kind in enumerate(get_args(ClaimKind))}


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """The latest word of one witness on one session.

    A registry says `busy`, `idle`, `waiting`, or `end` when it lets go of the session; a process is
    `alive` or `gone`; a child is a `tool` that runs. Hooks, transcripts and telemetry speak through
    events instead, by all other kinds.
    """

    machine_id: str
    session_id: str
    framework: str | None = None
    witness: Witness
    kind: ClaimKind
    detail: str = ""
    """What it waits for, which tool, which error; as the witness calls it."""
    subject: str = ""
    """The command, question or message itself, cut short."""
    at: int
    """ms since which it is so, as the witness says; for a process when it was first seen so."""
    pid: int | None = None
    process: str | None = None
    """Identity of `pid` over its reuse; opaque (see ingest.live.processes)."""
    process_start_time: int | None = None
    """s since the epoch."""

    def __post_init__(self) -> None:
        if not self.session_id:
            raise ModelError("a claim needs a session_id")

    @property
    def key(self) -> tuple[str, str]:
        """Identity of the session over all machines."""
        return self.machine_id, self.session_id
