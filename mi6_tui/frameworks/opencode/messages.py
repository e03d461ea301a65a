"""What a message of opencode says, whichever generation of the client wrote it. Times in ms."""

from __future__ import annotations

import msgspec

from mi6_tui.frameworks.records import NOTHING


class Session(msgspec.Struct, frozen=True):
    """A row of the client's own."""

    id: str
    parent_id: str | None = None
    directory: str | None = None
    title: str | None = None
    version: str | None = None
    created: int = 0
    updated: int = 0


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """Of one request; None where unknown. `output` is without `reasoning`, `input` without the cache."""

    input: int | None = None
    output: int | None = None
    reasoning: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None


class Text(msgspec.Struct, frozen=True):
    """Words of the agent; `at` is when they were complete, None as long as they grow."""

    text: str
    at: int | None


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A tool call."""

    id: str
    name: str
    started: int
    ended: int | None = None
    """Set as soon as there is a result."""
    input: msgspec.Raw = NOTHING
    output: str = ""
    error: str | None = None
    exit_code: int | None = None
    """Of a shell."""
    child: str | None = None
    """Session of the subagent it started."""


class Failure(msgspec.Struct, frozen=True):
    """Why a reply ended early."""

    name: str
    message: str = ""


class Retry(msgspec.Struct, frozen=True):
    """An attempt that failed."""

    attempt: int
    at: int
    message: str


class Prompt(msgspec.Struct, frozen=True):
    """What the user asked; None as long as its text is not there."""

    text: str | None


class Reply(msgspec.Struct, kw_only=True):
    """One request to the model and what came of it; mutable while it is put together."""

    completed: int | None = None
    model: str | None = None
    finish: str | None = None
    cost: float | None = None
    tokens: Tokens | None = None
    failure: Failure | None = None
    texts: list[Text] = []
    """Empty ones included: a text is known by its place among them."""
    calls: list[Call] = []
    retries: list[Retry] = []
    answered: bool = False
    """Whether anything came from the model: only then was it billed."""
    summary: str | None = None
    """Set where the reply replaces the conversation so far: `auto` or `manual`."""


class Compaction(msgspec.Struct, frozen=True, kw_only=True):
    """The conversation so far was replaced by a summary, by a request of its own."""

    reason: str | None = None
    cost: float | None = None
    tokens: Tokens | None = None


class TurnEnd(msgspec.Struct, frozen=True):
    """The agent came to rest: `succeeded`, `failed` or `interrupted`."""

    outcome: str | None


class ModelSwitch(msgspec.Struct, frozen=True):
    """Another model answers from here on."""

    model: str
    before: str | None


Body = Prompt | Reply | Compaction | TurnEnd | ModelSwitch


class Message(msgspec.Struct, kw_only=True):
    """One message; `body` is None where it says nothing that counts."""

    id: str
    session_id: str
    created: int
    updated: int
    """When it, or a part of it, was last changed."""
    size: int
    """Bytes of JSON it was read from."""
    body: Body | None = None
    malformed: int = 0
    unknown: str | None = None
    """Its type, where nobody knows it."""
