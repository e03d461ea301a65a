"""What a client's folder says about its hooks: where they are set up, and what a call of one means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import msgspec

from mi6_tui.model import Event, Telemetry

Scope = Literal["user", "project"]
"""For all of the user's work, or for one project folder."""

Line = Callable[[str], str]
"""The shell line for a hook of the client; the argument is the event's name where no payload tells it."""


class Append(msgspec.Struct, frozen=True):
    """One element to be added at the end of the JSON list that `path` (keys from the root) leads to."""

    path: tuple[str, ...]
    value: Any


class StatusLine(msgspec.Struct, frozen=True):
    """The user's own command that draws a client's status line: `command` of the JSON object at `path`."""

    path: tuple[str, ...]
    fresh: Mapping[str, Any]
    """The object, but for its `command`, where the user has none."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What enabling does to one file: elements added to a JSON file that is shared with the user, or a file
    that is wholly ours.

    Exactly one of `appends` and `content` is given.
    """

    file: Path
    appends: tuple[Append, ...] = ()
    content: str | None = None
    status_line: StatusLine | None = None
    """Where it is set in this file, if it is; changed only for who asks for that."""
    comments: bool = False
    """Whether the client reads comments in the JSON file."""


class HookCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call of a hook, as the spool or `ingest event` hands it over."""

    framework: str
    name: str
    """Unique on this machine: the same call never comes under two names."""
    event: str = ""
    """The event's name, where the payload does not tell it."""
    payload: bytes
    at: int
    """ms when it was called."""
    pid: int | None = None
    """The client's process, where the call could tell."""
    attended: bool | None = None
    """False: a headless run, in which nobody can answer."""
    entrypoint: str | None = None
    terminal: str | None = None
    """As in Session."""


@runtime_checkable
class StatusLined(Protocol):
    """The hooks of a client that tells a status line how it stands."""

    def status_line(self, payload: bytes, machine_id: str, at: int) -> list[Telemetry]:
        """What it said at `at` (ms): a witness. Empty if it is nothing; never raises on what it holds."""


class Hooks(Protocol):
    """The hooks of one client."""

    @property
    def events(self) -> Sequence[str]:
        """The events that are subscribed, by the client's own names."""

    @property
    def advice(self) -> str:
        """What the user has to do besides, in one sentence; empty where nothing."""

    def folders(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """The client's own folders; one of them exists where it was ever used."""

    def changes(
        self, scope: Scope, env: Mapping[str, str], home: Path, project: Path, line: Line, spool: Path
    ) -> list[Change]:
        """The files that enabling changes, and how. `spool` is for what runs no shell line."""

    def decode(self, call: HookCall, machine_id: str) -> list[Event]:
        """What a call says, as events of source `hook`; empty if it says nothing of a session.

        Never raises on what the payload holds. `payload` and `preview` of the events are bounded; no
        event holds an environment.
        """
