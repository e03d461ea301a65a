"""What a decoder must remember to go on anywhere in a rollout as if it had read it in one run."""

from __future__ import annotations

from typing import Final

import msgspec

Vector = tuple[int, int, int, int, int]
"""Input (cached and written included), cached, written, output (reasoning included), reasoning tokens."""

_OPEN_TOOLS: Final = 256
_TURNS: Final = 32


class Tool(msgspec.Struct, array_like=True):
    """A tool call that has no output yet."""

    name: str | None = None
    command: str | None = None
    """Of a shell call."""
    failed: bool = False
    duration_ms: int | None = None


class Counter(msgspec.Struct, array_like=True):
    """The running totals of older clients, as last seen."""

    total: Vector | None = None
    epoch: int = 0
    """How often a total fell."""
    own_only: bool = True
    """False while the totals of a fork may hold its parent's, and none of those was seen."""


class Prefix(msgspec.Struct, array_like=True):
    """Where the records end that a fork or a subagent has as copies from its parent."""

    until: int | None = None
    """ms; None when an ordinal decides."""
    ordinal: int | None = None


class Summary(msgspec.Struct, array_like=True):
    """A compaction whose size is not known yet."""

    key: str
    at: int
    offset: int
    length: int


class State(msgspec.Struct, omit_defaults=True):
    """Memory of one file. Times in ms."""

    begun: bool = False
    """Whether a record was read; only the very first one says what the file is."""
    thread: str | None = None
    session: str | None = None
    """The thread at the root, to which a subagent's requests belong."""
    child: bool = False
    """Whether the thread is a subagent's."""
    child_name: str | None = None
    announced: bool = False
    """Of a subagent: whether its start was told."""
    running: bool = False
    """Of a subagent: whether its latest turn has not ended."""
    first: int | None = None
    last: int | None = None
    """Time of the last line that has one: lines without inherit it."""
    latest: int = 0
    """Largest time so far."""
    cwd: str | None = None
    branch: str | None = None
    model: str | None = None
    """In force for the thread now."""
    tier: str | None = None
    """Service tier in force, None for the standard one."""
    turn_model: str | None = None
    """Of the latest turn."""
    models: dict[str, str] = {}
    """By turn, oldest first."""
    turn: str | None = None
    facts: dict[str, str | int] = {}
    """By name: the value last told."""
    records: bool = False
    """Whether each response has its own usage record, so that running totals tell nothing new."""
    counter: Counter = msgspec.field(default_factory=Counter)
    prefix: Prefix | None = None
    response: str | None = None
    """The last one that had a usage record."""
    replied: tuple[int, int] | None = None
    """Order of the first tool call since the last request: the reply was complete before it."""
    tools: dict[str, Tool] = {}
    """Calls without an output, oldest first."""
    compacted_by: str | None = None
    """Which of the two notes of one compaction was seen, while the other may still come."""
    summary: Summary | None = None

    def open_tool(self, call_id: str, tool: Tool) -> None:
        """Remember a call; beyond a bound the oldest is forgotten."""
        self.tools[call_id] = tool
        if len(self.tools) > _OPEN_TOOLS:
            del self.tools[next(iter(self.tools))]

    def set_model(self, turn: str | None, model: str) -> None:
        """Note the model of a turn, from now on that of the thread."""
        self.model = model
        if turn:
            self.models.pop(turn, None)
            self.models[turn] = model
            if len(self.models) > _TURNS:
                del self.models[next(iter(self.models))]

    def model_of(self, turn: str | None) -> str | None:
        """The model of a turn, else the one in force."""
        return self.models.get(turn or "", self.model)

    def tell(self, name: str, value: str | int) -> bool:
        """Note a fact; False if it was the last one told."""
        if self.facts.get(name) == value:
            return False
        self.facts[name] = value
        return True
